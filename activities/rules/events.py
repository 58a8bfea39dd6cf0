"""When events come back, who may book, and what an arrival is worth: plain arithmetic."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from activities.errors import (
    BookingNotOpen,
    EventCancelled,
    EventFull,
    EventStarted,
    LevelTooLow,
    NoSuchEvent,
    TooManyNoShows,
    TooNew,
)
from kit.clock import Clock
from kit.errors import DomainError

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every `step` weeks on a weekday, or every `step` months on its nth one; -1 is the last."""

    from_on: dt.date
    until_on: dt.date | None
    weekday: int
    step: int = 1
    nth: int | None = None
    """None: weekly."""

    def days(self, *, last: dt.date) -> Iterator[dt.date]:
        """Yield its local dates up to `last`, oldest first."""
        end = last if self.until_on is None else min(last, self.until_on)
        for day in self._weekly() if self.nth is None else self._monthly(self.nth):
            if day > end:
                return
            if day >= self.from_on:
                yield day

    def _weekly(self) -> Iterator[dt.date]:
        day = self.from_on + dt.timedelta(days=(self.weekday - self.from_on.weekday()) % 7)
        while True:
            yield day
            day += WEEK * self.step

    def _monthly(self, nth: int) -> Iterator[dt.date]:
        month = self.from_on.year * 12 + self.from_on.month - 1
        while True:
            yield _nth_weekday(month, self.weekday, nth)
            month += self.step


def _nth_weekday(month: int, weekday: int, nth: int) -> dt.date:
    """Return the nth such weekday of a month, counted from the year 0; of -1 the last."""
    if nth < 0:
        after = _nth_weekday(month + 1, weekday, 1)
        return after - WEEK
    first = dt.date(month // 12, month % 12 + 1, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7) + WEEK * (nth - 1)


def instant_of(*, day: dt.date, wall_time: dt.time, clock: Clock) -> dt.datetime:
    """Return the instant of a local wall time, in UTC.

    One that the zone skips is the first instant after the gap; one that comes twice, the first.
    """
    return Clock(zone=clock.zone, day_starts_at=wall_time).start_of(day)


class Bookable(Protocol):
    """An event, as far as booking goes."""

    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def starts_at(self) -> dt.datetime: ...  # noqa: D102
    @property
    def booking_opens_at(self) -> dt.datetime | None: ...  # noqa: D102
    @property
    def seats(self) -> int | None: ...  # noqa: D102
    @property
    def booked(self) -> int: ...  # noqa: D102
    @property
    def has_waitlist(self) -> bool: ...  # noqa: D102
    @property
    def level_floor(self) -> int: ...  # noqa: D102
    @property
    def member_days(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member who would like to book: lifetime points, and when booked events were missed."""

    joined_at: dt.datetime
    lifetime: int
    strikes: Sequence[dt.datetime] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class NoShowLimit:
    """How many may be missed within so many days; None: any number."""

    most: int | None
    days: int


def not_open(event: Bookable, *, now: dt.datetime) -> DomainError | None:
    """Return why nobody may book the event at `now`; None if some may."""
    if event.state == "draft":
        return NoSuchEvent()
    if event.state == "cancelled":
        return EventCancelled()
    if event.state != "published" or event.starts_at <= now:
        return EventStarted()
    if event.booking_opens_at is not None and now < event.booking_opens_at:
        return BookingNotOpen(next_at=event.booking_opens_at.isoformat())
    return None


def not_for(
    event: Bookable, candidate: Candidate, *, limit: NoShowLimit, now: dt.datetime
) -> DomainError | None:
    """Return why the member may not book the event at `now`; None if they may."""
    if candidate.lifetime < event.level_floor:
        missing = event.level_floor - candidate.lifetime
        detail = _("This event is for members of a higher level: %(missing)d points are missing.")
        return LevelTooLow(detail % {"missing": missing}, missing=missing)
    old_enough_at = candidate.joined_at + dt.timedelta(days=event.member_days)
    if now < old_enough_at:
        return TooNew(next_at=old_enough_at.isoformat())
    if (free_at := free_of_strikes_at(strikes=candidate.strikes, limit=limit)) and now < free_at:
        return TooManyNoShows(next_at=free_at.isoformat())
    return None


def free_of_strikes_at(*, strikes: Sequence[dt.datetime], limit: NoShowLimit) -> dt.datetime | None:
    """Return when so many events will not have been missed of late; None: they are not now."""
    if limit.most is None or len(strikes) < limit.most:
        return None
    return strikes[-limit.most] + dt.timedelta(days=limit.days)


def why_not(
    event: Bookable, candidate: Candidate, *, limit: NoShowLimit, now: dt.datetime
) -> DomainError | None:
    """Return why a booking by a member who has none would be refused; None if it would not be."""
    refusal = not_open(event, now=now) or not_for(event, candidate, limit=limit, now=now)
    is_full = event.seats is not None and event.booked >= event.seats
    if refusal is None and is_full and not event.has_waitlist:
        return EventFull()
    return refusal


@dataclass(frozen=True, slots=True)
class Stay:
    """What an arrival comes to: minutes late, counted only beyond what is let pass."""

    late_minutes: int
    is_late: bool


def stay_of(*, starts_at: dt.datetime, arrived_at: dt.datetime, late_after: int) -> Stay:
    """Return how late an arrival is."""
    late = max(0, minutes_between(starts_at, arrived_at))
    return Stay(late, late > late_after)


def minutes_between(start: dt.datetime, end: dt.datetime) -> int:
    """Return the whole minutes that have passed."""
    return int((end - start) // dt.timedelta(minutes=1))
