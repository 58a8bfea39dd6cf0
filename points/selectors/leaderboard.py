"""Who has earned most: the standings of a period in rank order, and one member's own place."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kit.clock import Clock, Period
from points.selectors.board import Board, Key
from points.selectors.program import STAMP, forget_program, program

NEIGHBOURS = 2
"""Members shown on either side of one's own place."""

# Limits stand in the text: for one that comes as a parameter the planner expects a tenth of all.
TOP = "SELECT * FROM board ORDER BY points DESC, reached_at, member_id LIMIT {limit:d}"
# Those with as many points stand in one range of the index, those with more in another. Their ends
# are written as values: a join with `own` would have the ranges sorted whole.
POINTS, PLACE = (
    "(SELECT points FROM own)",
    "((SELECT reached_at FROM own), (SELECT member_id FROM own))",
)
ABOVE = f"""
SELECT * FROM (
  (SELECT * FROM board WHERE points = {POINTS} AND (reached_at, member_id) < {PLACE}
   ORDER BY points, reached_at DESC, member_id DESC LIMIT {NEIGHBOURS})
  UNION ALL
  (SELECT * FROM board WHERE points > {POINTS}
   ORDER BY points, reached_at DESC, member_id DESC LIMIT {NEIGHBOURS})
) AS above ORDER BY points, reached_at DESC, member_id DESC LIMIT {NEIGHBOURS}
"""
BELOW = f"""
SELECT * FROM (
  (SELECT * FROM board WHERE points = {POINTS} AND (reached_at, member_id) > {PLACE}
   ORDER BY points DESC, reached_at, member_id LIMIT {NEIGHBOURS})
  UNION ALL
  (SELECT * FROM board WHERE points < {POINTS}
   ORDER BY points DESC, reached_at, member_id LIMIT {NEIGHBOURS})
) AS below ORDER BY points DESC, reached_at, member_id LIMIT {NEIGHBOURS}
"""
# One statement, so that the parts fit together. The program's stamp comes along: it tells whether
# the clock that named the period's first day is in force.
PARTS = f"""
, own AS (SELECT * FROM board WHERE member_id = %s),
part AS (
  SELECT 'top' AS name, top.* FROM ({TOP}) AS top
  UNION ALL SELECT 'own', own.* FROM own
  UNION ALL SELECT 'above', above.* FROM ({ABOVE}) AS above
  UNION ALL SELECT 'below', below.* FROM ({BELOW}) AS below
)
SELECT ({STAMP}), NULL, NULL, NULL, NULL, NULL
UNION ALL (
  SELECT part.*, m.nickname, m.avatar_url
  FROM part JOIN members_member AS m ON m.id = part.member_id
  ORDER BY part.points DESC, part.reached_at, part.member_id
)
"""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A member's place, from 1, and the points that gave it."""

    rank: int
    member: int
    nickname: str
    avatar_url: str
    points: int


class _Row(NamedTuple):
    key: Key
    nickname: str
    avatar_url: str

    def ranked(self, rank: int) -> Ranked:
        return Ranked(rank, self.key.member, self.nickname, self.avatar_url, self.key.points)


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
    members without points, do not show. The places are those of this instant. So is `member`'s
    own among the first; further down it may count those ahead as of a moment ago
    (`Board.rank`).

    Raises ValueError where there is no period of that name.
    """
    while True:
        known = program(posting=True)
        board = Board(period, _starts_on(known.clock, period, at, now))
        stamp, parts = _read(board, limit=limit, member=member)
        if stamp == known.revision:
            break
        forget_program()
    places = [row.ranked(rank) for rank, row in enumerate(parts["top"], start=1)]
    return Leaderboard(
        period=period,
        starts_on=board.starts_on,
        name=known.clock.period_name(board.starts_on, period),
        standings=places,
        me=None if member is None else _own_place(board, parts, places),
    )


def _starts_on(clock: Clock, period: Period, at: str, now: dt.datetime) -> dt.date:
    return (
        clock.period_named(at, period) if at else clock.period_start(clock.local_date(now), period)
    )


def _read(board: Board, *, limit: int, member: int | None) -> tuple[str, Mapping[str, list[_Row]]]:
    """Return the program's stamp, and the rows of each part in rank order."""
    parts: dict[str, list[_Row]] = {"top": [], "own": [], "above": [], "below": []}
    stamp = ""
    for name, points, *row in board.query(PARTS.format(limit=limit), [member]):
        if points is None:
            stamp = name
        else:
            parts[name].append(_Row(Key(points, *row[:2]), *row[2:]))
    return stamp, parts


def _own_place(board: Board, parts: Mapping[str, list[_Row]], places: Sequence[Ranked]) -> OwnPlace:
    if not parts["own"]:
        return OwnPlace(rank=None, points=0, neighbours=())
    [own] = parts["own"]
    among_the_first = {place.member: place.rank for place in places}
    rank = among_the_first.get(own.key.member) or max(board.rank(own.key), len(places) + 1)
    above, below = parts["above"], parts["below"]
    return OwnPlace(
        rank=rank,
        points=own.key.points,
        neighbours=(
            *(row.ranked(rank - len(above) + place) for place, row in enumerate(above)),
            *(row.ranked(rank + place) for place, row in enumerate(below, start=1)),
        ),
    )
