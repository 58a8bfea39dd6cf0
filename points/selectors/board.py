"""A leaderboard as rows in rank order, and how many stand ahead of a place on it."""

import bisect
import datetime as dt
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from kit.clock import Period
from points.models import Account, Standing

BOARDS = {
    "week": Period.WEEK,
    "month": Period.MONTH,
    "quarter": Period.QUARTER,
    "year": Period.YEAR,
    "all": Period.LIFETIME,
}
"""The periods that have a leaderboard, by the name that each has for callers."""

STEP = 500
"""Places between two steps: as many rows as one look at a place may have to count."""

MOST_BOARDS = 32
"""Remembered by a process."""

RARELY = 100
"""Steps are counted anew when they are this many times as old as counting them takes."""

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
WHERE s.period = %s AND s.starts_on = %s AND s.points > 0 AND {SHOWN}"""

STEPS = """
SELECT points, reached_at, member_id FROM (
  SELECT b.*, row_number() OVER (ORDER BY points DESC, reached_at, member_id) AS place
  FROM board AS b
) AS placed WHERE place %% %s = 0 ORDER BY place
"""
# Ranges of one index: the rest of those with the step's points, those in between, and those with
# as many points as the place itself.
BETWEEN = """
SELECT (SELECT count(*) FROM board AS b
        WHERE b.points = %s AND (b.reached_at, b.member_id) > (%s, %s) AND b.points > %s)
     + (SELECT count(*) FROM board AS b WHERE b.points < %s AND b.points > %s)
     + (SELECT count(*) FROM board AS b
        WHERE b.points = %s AND (b.reached_at, b.member_id) > (%s, %s)
          AND (b.reached_at, b.member_id) < (%s, %s))
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


@dataclass(frozen=True, slots=True)
class Board:
    """The leaderboard of one period."""

    period: Period
    starts_on: dt.date

    def query(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a statement that may say `board`, each time a scan of its own."""
        rows, of_the_period = OF_A_PERIOD, [self.period.value, self.starts_on]
        if self.period is Period.LIFETIME:
            rows, of_the_period = OF_ALL_TIME, []
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH board AS NOT MATERIALIZED ({rows}) {statement}",
                [*of_the_period, *parameters],
            )
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def rank(self, own: Key) -> int:
        """Return the place, from 1, of a member who is on the board.

        Counting a million members for each who asks takes too long. So every process remembers
        each STEP-th place, and counts from the last one ahead: from the top, and so to the
        instant, for the first STEP members. Further down the members ahead of that step are
        those of when the steps were counted: a moment ago, RARELY times what that takes.
        """
        steps = _steps_of(self)
        passed = bisect.bisect_left(steps, own.order, key=lambda step: step.order)
        step = steps[passed - 1] if passed else AHEAD_OF_ALL
        first = step if step.points == own.points else AHEAD_OF_ALL
        [(between,)] = self.query(
            BETWEEN,
            [
                *(step.points, step.reached_at, step.member, own.points),
                *(step.points, own.points),
                *(own.points, first.reached_at, first.member, own.reached_at, own.member),
            ],
        )
        return passed * STEP + int(between) + 1


@dataclass(slots=True)
class _Remembered:
    """A board's steps, how long they took to count and when that was, in seconds."""

    keys: Sequence[Key] = ()
    took: float = 0
    counted: float = -math.inf
    counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.counted > RARELY * self.took


_remembered: OrderedDict[Board, _Remembered] = OrderedDict()
_door = threading.Lock()


def forget_steps() -> None:
    """Count anew at the next call, as a test must whose rows have been rolled back."""
    with _door:
        _remembered.clear()


def _steps_of(board: Board) -> Sequence[Key]:
    """Return the board's steps. While one caller counts them anew the others take the old ones."""
    with _door:
        found = _remembered.setdefault(board, _Remembered())
        _remembered.move_to_end(board)
        if len(_remembered) > MOST_BOARDS:
            _remembered.popitem(last=False)
    if found.is_old and found.counting.acquire(blocking=not found.took):
        try:
            if found.is_old:
                _count(board, found)
        finally:
            found.counting.release()
    return found.keys


def _count(board: Board, found: _Remembered) -> None:
    began = time.monotonic()
    found.keys = [Key(*row) for row in board.query(STEPS, [STEP])]
    found.counted = time.monotonic()
    found.took = max(found.counted - began, 1e-6)
