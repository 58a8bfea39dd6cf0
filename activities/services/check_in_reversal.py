"""Taking a check-in back, with what rests on it."""

import datetime as dt
from collections.abc import Sequence

import points.services
from activities.errors import NoSuchCheckIn
from activities.models import (
    CheckIn,
    CheckInKind,
    Milestone,
    MilestoneKind,
    StreakItem,
    StreakItemKind,
)
from activities.rules.streaks import lacking, month_of, run_through
from activities.selectors.streaks import KeptDays
from activities.services.record import take_back
from activities.services.streaks import open_desk
from kit.transactions import durable


@durable
def revoke_check_in(*, check_in: int, reason: str, now: dt.datetime | None = None) -> CheckIn:
    """Take a check-in or makeup back, on an operator's word: the day is missed, and stays so.

    What it granted is taken back, and of the run's milestones those that what is left of the run
    no longer reaches, with the cards and freezes they brought, unless these are used. What a makeup
    cost comes back. Raises NoSuchCheckIn.
    """
    member = CheckIn.objects.filter(id=check_in).values_list("member", flat=True).first()
    if member is None:
        raise NoSuchCheckIn
    desk = open_desk(members=[member], now=now)
    row = CheckIn.objects.standing().filter(id=check_in).exclude(kind=CheckInKind.FROZEN).first()
    if row is None:
        raise NoSuchCheckIn
    row.revoked_at, row.reason = desk.now, reason
    row.save(update_fields=["revoked_at", "reason"])
    lost = _no_longer_reached(desk.books[member].days, row)
    _take_back(member, lost, desk.now)
    take_back(
        ids=[row.activity_id, *(one.activity_id for one in lost)], reason=reason, now=desk.now
    )
    if row.kind == CheckInKind.MAKEUP:
        _give_back(row, desk.now)
    return row


def _no_longer_reached(days: KeptDays, row: CheckIn) -> Sequence[Milestone]:
    """Return the milestones of the day's run that it does not reach without the day."""
    run = run_through(kept=days, day=row.local_on)
    assert run is not None  # noqa: S101 - the day itself is kept  # nosec B101
    del days.kinds[row.local_on]
    days.lost.add(row.local_on)
    month = month_of(day=row.local_on)
    standing = Milestone.objects.filter(member=row.member_id, taken_back_at=None)
    around = (min(run.first, month[0]), max(run.last, month[-1]))
    return [one for one in standing.filter(reached_on__range=around) if not _is_reached(days, one)]


def _is_reached(days: KeptDays, milestone: Milestone) -> bool:
    """Tell whether what is left of the run is as long as the milestone asks for."""
    if milestone.kind == MilestoneKind.MONTH:
        return not lacking(kept=days, days=month_of(day=milestone.reached_on))
    run = run_through(kept=days, day=milestone.reached_on)
    return run is not None and run.length >= milestone.days


def _take_back(member: int, milestones: Sequence[Milestone], now: dt.datetime) -> None:
    for one in milestones:
        one.taken_back_at = now
    Milestone.objects.bulk_update(milestones, ["taken_back_at"])
    sources = [one.activity_id for one in milestones]
    brought = StreakItem.objects.filter(member=member, source__in=sources, used_on=None)
    brought.update(taken_back_at=now)


def _give_back(row: CheckIn, now: dt.datetime) -> None:
    """Return the card or the points that the makeup cost."""
    cards = StreakItem.objects.filter(member=row.member_id, kind=StreakItemKind.CARD)
    if cards.filter(used_on=row.local_on).update(used_on=None):
        return
    if row.cost:
        points.services.refund(spent=row.payment, reference=f"{row.payment}:back", now=now)
