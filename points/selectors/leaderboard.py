"""Who has earned most: the standings of a period in rank order."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from kit.clock import Period
from members.models import Member
from points.models import Account, Standing
from points.selectors.program import program


@dataclass(frozen=True, slots=True)
class Ranked:
    """A member's place, from 1, and the points that gave it."""

    rank: int
    member: int
    nickname: str
    points: int


def leaderboard(*, period: Period, day: dt.date, limit: int) -> list[Ranked]:
    """Return the first `limit` places of the period around a local date; lifetime is of all time.

    Equal points rank by who reached them first, then by id. Staff, hidden and erased members, and
    members without points, do not show.
    """
    shown = Member.objects.shown()
    if period is Period.LIFETIME:
        of_all_time = (
            Account.objects.filter(member__in=shown, lifetime__gt=0)
            .order_by("-lifetime", "lifetime_reached_at", "member_id")
            .values_list("member_id", "member__nickname", "lifetime")
        )
        return _ranked(of_all_time[:limit])
    starts_on = program().clock.period_start(day, period)
    of_the_period = (
        Standing.objects.filter(period=period.value, starts_on=starts_on)
        .filter(member__in=shown, points__gt=0)
        .order_by("-points", "reached_at", "member_id")
        .values_list("member_id", "member__nickname", "points")
    )
    return _ranked(of_the_period[:limit])


def _ranked(rows: Iterable[tuple[int, str, int]]) -> list[Ranked]:
    return [Ranked(rank, *row) for rank, row in enumerate(rows, start=1)]
