"""Local days and periods of a community (clock.md).

The local date of an instant is the date of its local wall time, one day earlier while the wall
time is before the day's start. Weeks are ISO weeks, quarters follow the fiscal year, every period
is half-open.
"""

import bisect
import datetime as dt
import enum
import functools
import re
import zoneinfo
from dataclasses import dataclass, field, replace

_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII
)
YEARS = range(1900, 2200)
"""Of instants from outside: far from where clock arithmetic ends in any zone."""


def parse_instant(text: str) -> dt.datetime:
    """Return an RFC 3339 instant in UTC, to the microsecond.

    Raises ValueError without an offset, for a date or time that does not exist, and outside
    1900 to 2199.
    """
    written = text.upper()
    if not _INSTANT.fullmatch(written) or int(written[:4]) not in YEARS:
        raise ValueError(text)
    return dt.datetime.fromisoformat(written).astimezone(dt.UTC)


@functools.cache
def zones() -> frozenset[str]:
    """Return the names of the IANA zones this machine knows.

    Python looks into every file of the zones' folder to tell, so they are read once a process.
    """
    return frozenset(zoneinfo.available_timezones())


class Period(enum.StrEnum):
    """A span of local days that totals are kept for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class Clock:
    """A community's zone, the wall time at which its day starts, and its fiscal year's month.

    A clock that was changed keeps the one `before`, which holds until the instant `since`: what
    happened earlier keeps its date. No date comes back: one that has begun by the clock before
    lasts until the next begins by this one. Dates that this one is ahead by have no instant.
    """

    zone: zoneinfo.ZoneInfo
    day_starts_at: dt.time = dt.time(0)
    fiscal_year_starts: int = 1
    before: "Clock | None" = None
    since: dt.datetime | None = None
    _begun: dt.date = field(default=dt.date.min, init=False, repr=False, compare=False)
    """The last date that has begun by the clock before."""

    def __post_init__(self) -> None:
        if self.before is not None and self.since is not None:
            begun = self.before.local_date(self.since - dt.timedelta(microseconds=1))
            object.__setattr__(self, "_begun", begun)

    def local_date(self, instant: dt.datetime) -> dt.date:
        """Return the community's date at an instant. `instant` carries an offset.

        A date that has begun stays: it does not end again when the clock is put back.
        """
        if self.before is not None:
            if self.since is not None and instant < self.since:
                return self.before.local_date(instant)
            return max(self._date(instant), self._begun)
        return self._date(instant)

    def start_of(self, day: dt.date) -> dt.datetime:
        """Return the first instant of a local date, in UTC.

        A wall time that the zone skips (spring) starts the day at the first instant after the gap.
        A wall time that comes twice (autumn) starts it the first time. A date that the community
        never has begins, and ends, with the next one that it has.
        """
        if self.before is None or self.since is None:
            return self._start(day)
        return (
            self.before.start_of(day) if day <= self._begun else max(self._start(day), self.since)
        )

    def has(self, day: dt.date) -> bool:
        """Tell whether the date comes at all: one that zone or clock skip has no instant."""
        return self.start_of(day) < self.start_of(day + dt.timedelta(days=1))

    def at(self, instant: dt.datetime) -> "Clock":
        """Return the clock that is in force at an instant."""
        if self.before is None or self.since is None or instant >= self.since:
            return self
        return self.before.at(instant)

    def starting(self, time: dt.time) -> "Clock":
        """Return the clock with days that start at that wall time, now and before."""
        before = self.before and self.before.starting(time)
        return replace(self, day_starts_at=time, before=before)

    def _date(self, instant: dt.datetime) -> dt.date:
        wall = instant.astimezone(self.zone)
        day = wall.date()
        if wall.time() < self.day_starts_at and not (wall.fold and instant >= self._start(day)):
            return day - dt.timedelta(days=1)
        return day

    def _start(self, day: dt.date) -> dt.datetime:
        wall = dt.datetime.combine(day, self.day_starts_at, self.zone)
        first, second = (wall.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
        if first <= second:
            return first
        # Skipped. The two readings lie on either side of the jump: look for it between them.
        step = dt.timedelta(seconds=1)
        jump = bisect.bisect_left(
            range((first - second) // step),
            wall.replace(tzinfo=None),
            key=lambda passed: self._wall_time(second + passed * step),
        )
        return second + jump * step

    def _wall_time(self, instant: dt.datetime) -> dt.datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def period_start(self, day: dt.date, period: Period) -> dt.date:
        """Return the first local date of the period that a local date lies in."""
        match period:
            case Period.DAY:
                return day
            case Period.WEEK:
                return day - dt.timedelta(days=day.weekday())
            case Period.MONTH:
                return day.replace(day=1)
            case Period.QUARTER:
                back = (day.month - self.fiscal_year_starts) % 3
                return _add_months(day.replace(day=1), -back)
            case Period.YEAR:
                back = (day.month - self.fiscal_year_starts) % 12
                return _add_months(day.replace(day=1), -back)
            case Period.LIFETIME:
                return dt.date.min

    def period_end(self, start: dt.date, period: Period) -> dt.date:
        """Return the first local date after the period that begins on `start`."""
        match period:
            case Period.DAY:
                return start + dt.timedelta(days=1)
            case Period.WEEK:
                return start + dt.timedelta(days=7)
            case Period.MONTH:
                return _add_months(start, 1)
            case Period.QUARTER:
                return _add_months(start, 3)
            case Period.YEAR:
                return _add_months(start, 12)
            case Period.LIFETIME:
                return dt.date.max

    def period_name(self, start: dt.date, period: Period) -> str:
        """Return how the period that begins on `start` is written.

        `2026-11-22`, `2026-W47` (ISO 8601), `2026-11`, `2026-Q4`, `2026`, `all`. A quarter and a
        year of a fiscal year are named for the calendar year in which that fiscal year begins.
        """
        match period:
            case Period.DAY:
                return start.isoformat()
            case Period.WEEK:
                year, week, _day = start.isocalendar()
                return f"{year:04}-W{week:02}"
            case Period.MONTH:
                return f"{start:%Y-%m}"
            case Period.QUARTER:
                first = self.period_start(start, Period.YEAR)
                months = (start.year - first.year) * 12 + start.month - first.month
                return f"{first.year:04}-Q{months // 3 + 1}"
            case Period.YEAR:
                return f"{start.year:04}"
            case Period.LIFETIME:
                return "all"

    def period_named(self, name: str, period: Period) -> dt.date:
        """Return the first local date of the period that is written so.

        Raises ValueError for any other writing, for one that does not exist (`2026-W54`), and
        outside the years of `YEARS`.
        """
        match period:
            case Period.DAY:
                start = dt.date.fromisoformat(name)
            case Period.WEEK:
                start = dt.date.fromisoformat(f"{name}-1")
            case Period.MONTH:
                start = dt.date.fromisoformat(f"{name}-01")
            case Period.QUARTER:
                year, _mark, quarter = name.partition("-Q")
                first = dt.date(int(year), self.fiscal_year_starts, 1)
                start = _add_months(first, 3 * (int(quarter) - 1))
            case Period.YEAR:
                start = dt.date(int(name), self.fiscal_year_starts, 1)
            case Period.LIFETIME:
                start = dt.date.min
        is_far = period is not Period.LIFETIME and start.year not in YEARS
        if is_far or self.period_name(start, period) != name:
            raise ValueError(name)
        return start


def _add_months(first: dt.date, months: int) -> dt.date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)
