"""Who has earned most: the standings of a period in rank order, and one member's own place."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from kit.clock import Clock, Period
from points.selectors.board import FIRST, Board, First, Key, Ranked
from points.selectors.program import forget_program, program


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Where a member stands, and who stands next to it. No rank, no points: not on the board."""

    rank: int | None
    points: int
    neighbours: Sequence[Ranked]


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """The first places of a period, and the place of the member who asks."""

    period: Period
    starts_on: dt.date
    name: str
    standings: Sequence[Ranked]
    me: OwnPlace | None


def leaderboard(
    *, period: Period, limit: int, now: dt.datetime, at: str = "", member: int | None = None
) -> Leaderboard:
    """Return the first `limit` places of the period named `at`, or else of the one of `now`.

    Equal points rank by who reached them first, then by id. Staff, hidden and erased members, and
    members without points, do not show. At most a hundred places are told.

    A member's own points and neighbours are those of this instant, and so are the first places
    for who stands among them. Others may see those as of a fraction of a second ago, and count
    members far ahead as of a moment ago (`Board`).

    Raises ValueError where there is no period of that name.
    """
    while True:
        known = program(posting=True)
        board = Board(period, _starts_on(known.clock, period, at, now))
        stamp, own = board.own(member=member)
        if stamp == known.revision:
            break
        forget_program()
    first = board.first(own=own)
    return Leaderboard(
        period=period,
        starts_on=board.starts_on,
        name=known.clock.period_name(board.starts_on, period),
        standings=first.places[:limit],
        me=None if member is None else _own_place(board, own, first),
    )


def _starts_on(clock: Clock, period: Period, at: str, now: dt.datetime) -> dt.date:
    return (
        clock.period_named(at, period) if at else clock.period_start(clock.local_date(now), period)
    )


def _own_place(board: Board, own: Key | None, first: First) -> OwnPlace:
    if own is None:
        return OwnPlace(rank=None, points=0, neighbours=())
    rank, above, below = board.near(own)
    if not first.holds(own):
        rank = max(rank, FIRST + 1)
    return OwnPlace(
        rank=rank,
        points=own.points,
        neighbours=(
            *(Ranked.at(rank - len(above) + place, row) for place, row in enumerate(above)),
            *(Ranked.at(rank + place, row) for place, row in enumerate(below, start=1)),
        ),
    )
