"""Which brakes watch a grant, and which of them it would go over. Reads a book and moves it."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from kit.clock import Clock
from points.book import Book, BrakeKey
from points.rules import BrakeInForce, ProgramInForce

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Signal = Mapping[str, Any]
"""A brake that fired: its code, and what it had counted, may count and was to count."""


class Watch:
    """The program's brakes before the activities of one batch.

    A window's counters are a member's own, and are reached with the member's account locked.
    """

    def __init__(self, program: ProgramInForce) -> None:
        self.program = program
        self.counters: dict[str, list[tuple[BrakeInForce, BrakeKey]]] = {}
        self.counted: set[str] = set()

    def look_at(
        self,
        *,
        activity: str,
        action: str,
        member: int,
        occurred_at: dt.datetime,
        data: Mapping[str, Any],
    ) -> None:
        """Find the counters that the activity may move, once for all its rules."""
        if activity in self.counters:
            return
        self.counters[activity] = [
            (brake, (member, brake.id, other, window_start(brake, self.program.clock, occurred_at)))
            for brake in self.program.brakes
            if (not brake.actions or action in brake.actions)
            and (other := pair(data.get(brake.same)) if brake.same else 0) is not None
        ]

    @property
    def keys(self) -> Collection[BrakeKey]:
        """The counters to read, each once."""
        return {key: None for counters in self.counters.values() for _brake, key in counters}

    def signals(
        self, *, book: Book, activity: str, occurred_at: dt.datetime, points: int
    ) -> list[Signal]:
        """Count a grant, or return the brakes that hold it: then none has counted it.

        An activity counts once, with the first of its grants that is let through.
        """
        counters = [
            (brake, book.brakes[key], 1 if brake.counts_activities else points)
            for brake, key in self.counters[activity]
            if not (brake.counts_activities and activity in self.counted)
            and not self._is_old(brake, book.joined.get(key[0]), occurred_at)
        ]
        fired: list[Signal] = [
            {"brake": brake.code, "limit": brake.limit, "used": state.used, "asked": asked}
            for brake, state, asked in counters
            if state.used + asked > brake.limit
        ]
        if not fired:
            self.counted.add(activity)
            for _brake, state, asked in counters:
                state.used += asked
                state.moved += asked
        return fired

    def _is_old(
        self, brake: BrakeInForce, joined_at: dt.datetime | None, occurred_at: dt.datetime
    ) -> bool:
        """Tell whether the member was too old for the brake by then. A newcomer never is."""
        if brake.younger_than_days is None or joined_at is None:
            return False
        day_of = self.program.clock.local_date
        return (day_of(occurred_at) - day_of(joined_at)).days >= brake.younger_than_days


def window_start(brake: BrakeInForce, clock: Clock, instant: dt.datetime) -> dt.datetime:
    """Return when the window began that the instant lies in.

    A period begins by the community's clock. Windows of minutes follow each other from 1970 on.
    """
    if brake.period is not None:
        return clock.start_of(clock.period_start(clock.local_date(instant), brake.period))
    return instant - (instant - EPOCH) % dt.timedelta(minutes=brake.minutes)


def pair(name: object) -> int | None:
    """Return what stands for the other member; None where the data name nobody.

    A digest: it tells members apart, and not who they are.
    """
    if isinstance(name, bool) or not isinstance(name, str | int):
        return None
    digest = hashlib.sha256(str(name).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1 or 1
