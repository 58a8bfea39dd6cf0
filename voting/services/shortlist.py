"""Who stands: the month's best by points, and whom at least two others name."""

import datetime as dt
from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.module_loading import import_string

import points.selectors
from kit.transactions import take_turns
from members.selectors import community
from points.selectors import Earned
from voting.models import Candidate, Cycle, Nomination
from voting.rules import month_after
from voting.selectors import may_stand, resting_winners
from voting.services.polls import OptionIn, put_options

NOMINATORS = 2
"""How many different members put one on the shortlist."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def nominations_lock(*, cycle: int) -> str:
    """Return the name that nominators hold together, and that the shortlist takes alone."""
    return f"nominations:{cycle}"


@transaction.atomic(savepoint=False)
def make_shortlist(*, cycle: Cycle) -> int:
    """Settle who stands, as they are now, and make them the options of the cycle's poll.

    Who may stand is seen at the shortlist's own instant, however late it is made; what was earned
    in the month is counted as the ledger has it. Returns how many stand.
    """
    take_turns(name=nominations_lock(cycle=cycle.pk))
    terms, end = cycle.terms, month_after(cycle.starts_on)
    span = {"actions": terms["actions"], "start": cycle.starts_on, "end": end}
    earned = points.selectors.earned_by_actions(**span)
    named = _named(cycle)
    eligible = _eligible(cycle, earned.keys() | named.keys())
    best = sorted(
        (one for one in earned.values() if one.member in eligible),
        key=lambda one: (-one.points, one.reached_at, one.member),
    )
    top = [one.member for one in best[: terms["shortlist"]]]
    standing = [*top, *sorted(member for member in named if member in eligible - {*top})]
    contributions = points.selectors.earned_by_action(members=standing, **span)
    helped = _helped(cycle, standing)
    ties = {one: _tie_break(earned.get(one), helped.get(one, 0)) for one in standing}
    options = put_options(
        poll=cycle.pk, options=[OptionIn(member=one, tie_break=ties[one]) for one in standing]
    )
    rows = [
        Candidate(
            cycle=cycle,
            member_id=member,
            option=option,
            contributions=contributions.get(member, {}),
            nominators=named.get(member, 0),
            helped=helped.get(member, 0),
            is_top=member in top,
            **_reached(earned.get(member)),
        )
        for member, option in zip(standing, options, strict=True)
    ]
    return len(Candidate.objects.bulk_create(rows))


def _named(cycle: Cycle) -> dict[int, int]:
    """Return whom at least two others named, with how many did."""
    rows = Nomination.objects.filter(cycle=cycle).values_list("nominee").annotate(Count("id"))
    return {nominee: count for nominee, count in rows if count >= NOMINATORS}


def _eligible(cycle: Cycle, members: Collection[int]) -> set[int]:
    terms = cycle.terms
    rows = may_stand(
        joined_by=joined_by(instant=cycle.shortlist_at, days=terms["joined_days"]),
        level=terms["level"],
        resting=resting_winners(cycle=cycle, cycles=terms["rest_cycles"]),
    )
    return set(rows.filter(id__in=members).values_list("id", flat=True))


def joined_by(*, instant: dt.datetime, days: int) -> dt.datetime:
    """Return when one must have joined to have been here so many local days at the instant."""
    clock = community().clock
    return clock.start_of(clock.local_date(instant) - dt.timedelta(days=days))


def _helped(cycle: Cycle, standing: Collection[int]) -> dict[int, int]:
    """Return how many different members each of these helped in the month, as the data tell."""
    clock = community().clock
    tell = import_string(settings.AWARD_HELPED)
    found: dict[int, int] = tell(
        members=standing,
        actions=cycle.terms["actions"],
        field=cycle.terms["helped"],
        start=clock.start_of(cycle.starts_on),
        end=clock.start_of(month_after(cycle.starts_on)),
    )
    return found


def _tie_break(earned: Earned | None, helped: int) -> tuple[int, ...]:
    """More points, then more members helped, then earlier to reach the points; else shared."""
    if earned is None:
        return (0, 0, 0)
    reached = (earned.reached_at - _EPOCH) // dt.timedelta(microseconds=1)
    return (earned.points, helped, -reached)


def _reached(earned: Earned | None) -> dict[str, object]:
    if earned is None:
        return {}
    return {
        "points": earned.points,
        "reached_at": earned.reached_at,
    }
