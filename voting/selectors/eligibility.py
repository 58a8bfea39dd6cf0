"""Who may vote, and who may stand."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet

import points.selectors
from members.models import Member, MemberState
from voting.models import Cycle, OptOut, Prize
from voting.rules import Electorate


def electorate(*, rule: Electorate) -> QuerySet[Member]:
    """Return the members who may vote by this rule. Staff may, and who hides from boards."""
    found = Member.objects.filter(
        state=MemberState.ACTIVE, erased_at=None, joined_at__lte=rule.joined_by
    )
    if rule.active_in:
        found = found.filter(id__in=points.selectors.who_earned_in(month=rule.active_in))
    if rule.lifetime:
        found = found.filter(id__in=points.selectors.who_has_earned(points=rule.lifetime))
    return found


def may_stand(
    *, joined_by: dt.datetime, level: str | None = None, resting: QuerySet[Prize, Any] | None = None
) -> QuerySet[Member]:
    """Return the members who may stand for an award.

    They take part, joined by that instant, are not staff, have reached the level, are not among
    those who won lately, and neither hide from boards nor have opted out.
    """
    found = (
        Member.objects.shown()
        .filter(state=MemberState.ACTIVE, joined_at__lte=joined_by)
        .exclude(id__in=OptOut.objects.values("member"))
    )
    if level and (least := points.selectors.threshold_of(level=level)):
        found = found.filter(id__in=points.selectors.who_has_earned(points=least))
    if resting is not None:
        found = found.exclude(id__in=resting)
    return found


def resting_winners(*, cycle: Cycle, cycles: int) -> QuerySet[Prize, Any]:
    """Return the ids of those who won one of the category's last cycles before this one."""
    before = Cycle.objects.filter(category=cycle.category, starts_on__lt=cycle.starts_on)
    last = list(before.order_by("-starts_on").values_list("pk", flat=True)[:cycles])
    return Prize.objects.filter(cycle__in=last, revoked_at=None).values("member")


def stands(*, member: int) -> bool:
    """Tell whether the member is willing to stand for awards."""
    return not OptOut.objects.filter(member=member).exists()
