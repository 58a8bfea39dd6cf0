"""A leaderboard as rows in rank order, and what a process remembers of it.

Two things cost more than most askers should pay: the first places, which are the same for all of
them, and counting how many stand ahead of a place far down. Both are remembered, and read anew
when they are RARELY times as old as reading them takes, so a board never costs the database more
than a small part of its time (docs/decisions/0011).
"""

import bisect
import datetime as dt
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Self, TypeVar

from django.db import connection

from kit.clock import Period
from points.models import Account, Standing
from points.selectors.program import STAMP

T = TypeVar("T")

BOARDS = {
    "week": Period.WEEK,
    "month": Period.MONTH,
    "quarter": Period.QUARTER,
    "year": Period.YEAR,
    "all": Period.LIFETIME,
}
"""The periods that have a leaderboard, by the name that each has for callers."""

FIRST = 100
"""Places that are remembered as they are shown."""

STEP = 200
"""Places between two steps: as many rows as one look at a place may have to count."""

NEIGHBOURS = 2
"""Members shown on either side of one's own place."""

MOST_BOARDS = 32
"""Remembered by a process."""

RARELY = 100

# Kept in rank order by accounts_by_lifetime and standings_in_rank_order. The few members who do
# not show stand in an index of their own, members_not_shown.
SHOWN = """NOT EXISTS (
  SELECT FROM members_member AS h
  WHERE h.id = s.member_id AND (h.is_staff OR h.is_hidden OR h.erased_at IS NOT NULL))"""
OF_ALL_TIME = f"""
SELECT s.lifetime AS points, s.lifetime_reached_at AS reached_at, s.member_id
FROM {Account._meta.db_table} AS s WHERE s.lifetime > 0 AND {SHOWN}"""
OF_A_PERIOD = f"""
SELECT s.points, s.reached_at, s.member_id
FROM {Standing._meta.db_table} AS s
WHERE s.period = %(period)s AND s.starts_on = %(starts_on)s AND s.points > 0 AND {SHOWN}"""

# The program's stamp comes along: it tells whether the clock that named the period is in force.
OWN = f"""
SELECT ({STAMP}), own.*
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (SELECT * FROM board WHERE member_id = %(member)s) AS own ON true
"""
# Limits stand in the text: for one that comes as a parameter the planner expects a tenth of all.
TOP = f"""
SELECT top.*, m.nickname, m.avatar_url
FROM (SELECT * FROM board ORDER BY points DESC, reached_at, member_id LIMIT {FIRST}) AS top
JOIN members_member AS m ON m.id = top.member_id
"""
STEPS = """
SELECT points, reached_at, member_id FROM (
  SELECT b.*, row_number() OVER (ORDER BY points DESC, reached_at, member_id) AS place
  FROM board AS b
) AS placed WHERE place %% %(step)s = 0 ORDER BY place
"""
# Those with as many points stand in one range of the index, those with more or fewer in others:
# each is read from its near end, and the second of two only where the first holds too few.
NEAR = f"""
SELECT 'ahead' AS name,
       (SELECT count(*) FROM board
        WHERE points = %(step_points)s AND points > %(points)s
          AND (reached_at, member_id) > (%(step_reached_at)s, %(step_member)s))
     + (SELECT count(*) FROM board WHERE points < %(step_points)s AND points > %(points)s)
     + (SELECT count(*) FROM board
        WHERE points = %(points)s AND (reached_at, member_id) < (%(reached_at)s, %(member)s)
          AND (reached_at, member_id) > (%(tie_reached_at)s, %(tie_member)s)) AS points,
       NULL::timestamptz AS reached_at, NULL::bigint AS member_id, NULL AS nickname,
       NULL AS avatar_url
UNION ALL
SELECT 'near', near.*, m.nickname, m.avatar_url
FROM (
  (SELECT * FROM (
    (SELECT * FROM board
     WHERE points = %(points)s AND (reached_at, member_id) < (%(reached_at)s, %(member)s)
     ORDER BY points, reached_at DESC, member_id DESC LIMIT {NEIGHBOURS})
    UNION ALL
    (SELECT * FROM board WHERE points > %(points)s
     ORDER BY points, reached_at DESC, member_id DESC LIMIT {NEIGHBOURS})
   ) AS above ORDER BY points, reached_at DESC, member_id DESC LIMIT {NEIGHBOURS})
  UNION ALL
  (SELECT * FROM (
    (SELECT * FROM board
     WHERE points = %(points)s AND (reached_at, member_id) > (%(reached_at)s, %(member)s)
     ORDER BY points DESC, reached_at, member_id LIMIT {NEIGHBOURS})
    UNION ALL
    (SELECT * FROM board WHERE points < %(points)s
     ORDER BY points DESC, reached_at, member_id LIMIT {NEIGHBOURS})
   ) AS below ORDER BY points DESC, reached_at, member_id LIMIT {NEIGHBOURS})
) AS near JOIN members_member AS m ON m.id = near.member_id
"""


class Key(NamedTuple):
    """What a place depends on: more points, reached earlier, the smaller id."""

    points: int
    reached_at: dt.datetime
    member: int

    @property
    def order(self) -> tuple[int, dt.datetime, int]:
        """Sorts as the board does."""
        return -self.points, self.reached_at, self.member


AHEAD_OF_ALL = Key(2**62, dt.datetime.min.replace(tzinfo=dt.UTC), 0)


class Row(NamedTuple):
    """A member on the board."""

    key: Key
    nickname: str
    avatar_url: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A member's place, from 1, and the points that gave it."""

    rank: int
    member: int
    nickname: str
    avatar_url: str
    points: int

    @classmethod
    def at(cls, rank: int, row: Row) -> Self:
        """Return the member at this place."""
        return cls(rank, row.key.member, row.nickname, row.avatar_url, row.key.points)


@dataclass(frozen=True, slots=True)
class First:
    """The first places, and the last of them that counts as one; None where there are fewer."""

    places: Sequence[Ranked] = ()
    last: Key | None = None

    def holds(self, own: Key) -> bool:
        """Tell whether a member with this key stands among the first."""
        return self.last is None or own.order <= self.last.order


@dataclass(frozen=True, slots=True)
class Board:
    """The leaderboard of one period."""

    period: Period
    starts_on: dt.date

    def own(self, *, member: int | None) -> tuple[str, Key | None]:
        """Return the program's stamp, and what the member's place depends on if there is one."""
        [(stamp, *key)] = self._query(OWN, member=member)
        return stamp, None if key[0] is None else Key(*key)

    def first(self, *, own: Key | None) -> First:
        """Return the first places: as remembered, unless the asker stands among them."""
        kept = _remembered(self).top
        first = kept.get(self._read_top)
        return kept.renew(self._read_top) if own and first.holds(own) else first

    def near(self, own: Key) -> tuple[int, Sequence[Row], Sequence[Row]]:
        """Return the place of a member who is on the board, and who stands before and after.

        The place, from 1, is counted from the last remembered step ahead: from the top, and so to
        this instant, for the first STEP members.
        """
        steps = _remembered(self).steps.get(self._read_steps)
        passed = bisect.bisect_left(steps, own.order, key=lambda step: step.order)
        step = steps[passed - 1] if passed else AHEAD_OF_ALL
        tie = step if step.points == own.points else AHEAD_OF_ALL
        ahead, near = 0, []
        for name, points, *rest in self._query(
            NEAR,
            **own._asdict(),
            step_points=step.points,
            step_reached_at=step.reached_at,
            step_member=step.member,
            tie_reached_at=tie.reached_at,
            tie_member=tie.member,
        ):
            if name == "ahead":
                ahead = points
            else:
                near.append(Row(Key(points, *rest[:2]), *rest[2:]))
        near.sort(key=lambda row: row.key.order)
        middle = bisect.bisect_left(near, own.order, key=lambda row: row.key.order)
        return passed * STEP + ahead + 1, near[:middle], near[middle:]

    def _read_top(self) -> First:
        rows = [Row(Key(*row[:3]), *row[3:]) for row in self._query(TOP)]
        rows.sort(key=lambda row: row.key.order)
        places = [Ranked.at(rank, row) for rank, row in enumerate(rows, start=1)]
        return First(places, rows[FIRST - 1].key if len(rows) >= FIRST else None)

    def _read_steps(self) -> Sequence[Key]:
        return [Key(*row) for row in self._query(STEPS, step=STEP)]

    def _query(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Return the rows of a statement that may say `board`, each time a scan of its own."""
        of_all_time = self.period is Period.LIFETIME
        if not of_all_time:
            parameters |= {"period": self.period.value, "starts_on": self.starts_on}
        rows = OF_ALL_TIME if of_all_time else OF_A_PERIOD
        with connection.cursor() as cursor:
            cursor.execute(f"WITH board AS NOT MATERIALIZED ({rows}) {statement}", parameters)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@dataclass(slots=True)
class _Kept(Generic[T]):
    """Something that was read, how long that took and when it was, in seconds."""

    value: T
    took: float = 0
    read: float = -math.inf
    reading: threading.Lock = field(default_factory=threading.Lock)

    def get(self, read: Callable[[], T]) -> T:
        """Return what is kept. While one caller reads it anew the others take the old one."""
        if self._is_old and self.reading.acquire(blocking=not self.took):
            try:
                if self._is_old:
                    self.renew(read)
            finally:
                self.reading.release()
        return self.value

    def renew(self, read: Callable[[], T]) -> T:
        """Read it anew and keep it."""
        began = time.monotonic()
        value = read()
        self.value, self.read = value, time.monotonic()
        self.took = max(self.read - began, 1e-6)
        return value

    @property
    def _is_old(self) -> bool:
        return time.monotonic() - self.read > RARELY * self.took


@dataclass(frozen=True, slots=True)
class _Memory:
    top: _Kept[First] = field(default_factory=lambda: _Kept(First()))
    steps: _Kept[Sequence[Key]] = field(default_factory=lambda: _Kept(()))


_boards: OrderedDict[Board, _Memory] = OrderedDict()
_door = threading.Lock()


def forget_boards() -> None:
    """Read anew at the next call, as a test must whose rows have been rolled back."""
    with _door:
        _boards.clear()


def _remembered(board: Board) -> _Memory:
    with _door:
        found = _boards.setdefault(board, _Memory())
        _boards.move_to_end(board)
        if len(_boards) > MOST_BOARDS:
            _boards.popitem(last=False)
    return found
