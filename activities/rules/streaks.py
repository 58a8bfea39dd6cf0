"""Runs of check-ins: plain arithmetic on dates.

A day is `done`, `makeup` or `frozen`, or `skipped`, where the community's clock has no such date;
any other is missed. Done and made-up days lengthen a run, frozen and skipped ones only keep it.
"""

import calendar
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

DONE, MAKEUP, FROZEN, SKIPPED = "done", "makeup", "frozen", "skipped"
COUNTED = frozenset({DONE, MAKEUP})
DAY = dt.timedelta(days=1)

Kept: TypeAlias = Callable[[dt.date], str | None]
"""Tells how a day was kept; None if it was missed."""


@dataclass(frozen=True, slots=True)
class Run:
    """Days without a gap between them, and those of them that count."""

    first: dt.date
    last: dt.date
    counted: tuple[dt.date, ...]

    @property
    def length(self) -> int:
        """How many days long it is."""
        return len(self.counted)

    def holds(self, day: dt.date) -> bool:
        """Tell whether the day lies in it."""
        return self.first <= day <= self.last


def run_through(*, kept: Kept, day: dt.date) -> Run | None:
    """Return the run that the day lies in; None if the day was missed."""
    if kept(day) is None:
        return None
    first = last = day
    while kept(first - DAY) is not None:
        first -= DAY
    while kept(last + DAY) is not None:
        last += DAY
    days = (first + n * DAY for n in range((last - first).days + 1))
    return Run(first, last, tuple(day for day in days if kept(day) in COUNTED))


def streak_on(*, kept: Kept, today: dt.date) -> int:
    """Return how long the run is that ends today, or yesterday while today is still open."""
    run = run_through(kept=kept, day=today) or run_through(kept=kept, day=today - DAY)
    return run.length if run else 0


def crossed(*, run: Run, day: dt.date, marks: Sequence[int]) -> dict[int, dt.date]:
    """Return the marks that the run reaches because the day counts, each with the day it lies on.

    They are those above what the run had before that day.
    """
    before = sum(counted < day for counted in run.counted)
    return {mark: run.counted[mark - 1] for mark in marks if before < mark <= run.length}


@dataclass(frozen=True, slots=True)
class Goals:
    """What runs lead to: milestones in the mode `endless`, else the ends of cycles or months."""

    mode: str
    milestones: tuple[int, ...]
    cycle_days: int

    def reached(self, *, kept: Kept, run: Run, day: dt.date) -> "list[Mark]":
        """Return what is reached because the day counts; what was before may be among it."""
        if self.mode == "month":
            month = month_of(day=day)
            whole = not lacking(kept=kept, days=month)
            return [Mark("month", len(month), month[-1], month[0])] if whole else []
        kind, marks = "streak", self.milestones
        if self.mode == "cycle":
            kind, marks = "cycle", tuple(range(self.cycle_days, run.length + 1, self.cycle_days))
        found = crossed(run=run, day=day, marks=marks)
        return [Mark(kind, days, on, run.first, run.last) for days, on in found.items()]

    def place(self, *, kept: Kept, run: Run, day: dt.date) -> int:
        """Return which day it is on the way: of the streak, of the cycle, or of the month's."""
        if self.mode == "cycle":
            return place_in_cycle(length=run.length, days=self.cycle_days)
        return (
            sum(kept(one) in COUNTED for one in month_of(day=day))
            if self.mode == "month"
            else run.length
        )

    def ahead(self, *, kept: Kept, streak: int, today: dt.date) -> "Ahead | None":
        """Return what comes next; None past the last milestone."""
        if self.mode == "month":
            month = month_of(day=today)
            return Ahead("month", len(month), lacking(kept=kept, days=month))
        kind, nearest = "streak", next((days for days in self.milestones if days > streak), None)
        if self.mode == "cycle":
            kind, nearest = "cycle", streak - streak % self.cycle_days + self.cycle_days
        return None if nearest is None else Ahead(kind, nearest, nearest - streak)


@dataclass(frozen=True, slots=True)
class Mark:
    """So many days, reached on a date; once between `first` and `last`."""

    kind: str
    days: int
    on: dt.date
    first: dt.date
    last: dt.date = dt.date.max

    def is_among(self, paid: Iterable[tuple[str, int, dt.date]]) -> bool:
        """Tell whether one of those that were paid (kind, days, date) is this one."""
        last = self.on if self.kind == "month" else self.last
        return any(
            (kind, days) == (self.kind, self.days) and self.first <= on <= last
            for kind, days, on in paid
        )


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes next: at so many days, of which so many are missing."""

    kind: str
    days: int
    missing: int


def place_in_cycle(*, length: int, days: int) -> int:
    """Return which day of the cycle a run's last one is, 1 to `days`."""
    return (length - 1) % days + 1


def month_of(*, day: dt.date) -> list[dt.date]:
    """Return the dates of the day's month."""
    first = day.replace(day=1)
    return [first + n * DAY for n in range(calendar.monthrange(day.year, day.month)[1])]


def lacking(*, kept: Kept, days: Sequence[dt.date]) -> int:
    """Return how many of the days neither count nor are skipped."""
    return sum(kept(day) not in {DONE, MAKEUP, SKIPPED} for day in days)


def to_freeze(
    *,
    kept: Kept,
    lost: Collection[dt.date] = (),
    since: dt.date | None,
    today: dt.date,
    got_on: Sequence[dt.date],
    in_a_row: int,
) -> list[tuple[dt.date, int]]:
    """Return the missed days that freezes keep, each with the place of its freeze in `got_on`.

    `since` is the last day that was kept before today, `got_on` the days on which the freezes were
    got, oldest first, `lost` days that cannot be kept any more. A freeze must have been got before
    the day it keeps, and at most `in_a_row` days one after another are frozen. Either the whole gap
    is kept or none of it: a freeze that saves nothing is not used.
    """
    frozen: list[tuple[dt.date, int]] = []
    if since is None:
        return frozen
    row, day = _frozen_up_to(kept, since), since + DAY
    while day < today:
        if kept(day) is None:
            place = len(frozen)
            has_one = place < len(got_on) and got_on[place] < day
            if row >= in_a_row or not has_one or day in lost:
                return []
            frozen.append((day, place))
            row += 1
        day += DAY
    return frozen


def _frozen_up_to(kept: Kept, day: dt.date) -> int:
    """Return how many days up to this one are frozen, one after another."""
    count = 0
    while kept(day) in {FROZEN, SKIPPED}:
        count += kept(day) == FROZEN
        day -= DAY
    return count
