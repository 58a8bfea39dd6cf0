"""Local days and periods of a community (clock.md).

The local date of an instant is the date of its local wall time, one day earlier while the wall
time is before the day's start. Weeks are ISO weeks, quarters follow the fiscal year, every period
is half-open.
"""

import datetime as dt
import enum
import zoneinfo
from dataclasses import dataclass


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
    """A community's zone, the wall time at which its day starts, and its fiscal year's month."""

    zone: zoneinfo.ZoneInfo
    day_starts_at: dt.time = dt.time(0)
    fiscal_year_starts: int = 1

    def local_date(self, instant: dt.datetime) -> dt.date:
        """Return the community's date at an instant. `instant` carries an offset."""
        wall = instant.astimezone(self.zone)
        if wall.time() < self.day_starts_at:
            return wall.date() - dt.timedelta(days=1)
        return wall.date()

    def start_of(self, day: dt.date) -> dt.datetime:
        """Return the first instant of a local date, in UTC.

        A wall time that the zone skips (spring) starts the day at the first instant after the gap.
        A wall time that comes twice (autumn) starts it the first time.
        """
        wall = dt.datetime.combine(day, self.day_starts_at, self.zone)
        instant = wall.astimezone(dt.UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
            return self._end_of_gap(instant)
        return instant

    def _end_of_gap(self, instant: dt.datetime) -> dt.datetime:
        before = instant - dt.timedelta(hours=3)
        low, high = before, instant + dt.timedelta(hours=3)
        offset = low.astimezone(self.zone).utcoffset()
        while high - low > dt.timedelta(seconds=1):
            middle = low + (high - low) / 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                low = middle
            else:
                high = middle
        return high.replace(microsecond=0)

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


def _add_months(first: dt.date, months: int) -> dt.date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)
