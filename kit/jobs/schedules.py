"""When a job is due: every so often, or as the community's own periods begin."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from kit.clock import Clock, Period

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """One period of a job: the key that names it, and the instant from which it is due."""

    key: str
    due_at: dt.datetime


class Schedule(Protocol):
    """A row of moments without an end. Instants carry an offset."""

    def latest(self, *, now: dt.datetime, clock: Clock) -> Moment:
        """Return the moment that was due last at `now`."""

    def following(self, *, instant: dt.datetime, clock: Clock) -> Iterator[Moment]:
        """Yield the moments due after the instant, oldest first, for ever."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Moments that a room keeps as rows of its own: each once, whenever it was planned.

    `due` takes `now` and returns those that have come and may not be done yet, oldest first: a few.
    """

    due: Callable[..., Sequence[Moment]]


@dataclass(frozen=True, slots=True)
class Every:
    """Once in each span of UTC: each minute, each hour. Keys: `2026-11-22T15:00Z`."""

    span: dt.timedelta

    def latest(self, *, now: dt.datetime, clock: Clock) -> Moment:  # noqa: ARG002 - UTC has no zone
        """Return the span that `now` lies in."""
        return _span(now - (now - _EPOCH) % self.span)

    def following(self, *, instant: dt.datetime, clock: Clock) -> Iterator[Moment]:
        """Yield the spans that begin after the instant."""
        start = self.latest(now=instant, clock=clock).due_at
        while True:
            start += self.span
            yield _span(start)


def _span(start: dt.datetime) -> Moment:
    return Moment(start.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%MZ"), start)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Once a local day, week, month, quarter or year: on its first date, at a wall time.

    Without `at` it is due when that date begins, by the community's day start. A wall time that
    the zone skips is due right after the gap, one that comes twice the first time. The key is the
    period's first date: `2026-11-22`.
    """

    period: Period = Period.DAY
    at: dt.time | None = None

    def latest(self, *, now: dt.datetime, clock: Clock) -> Moment:
        """Return the period whose wall time has passed last."""
        wall = self._wall(clock)
        start = wall.period_start(wall.local_date(now), self.period)
        return Moment(start.isoformat(), wall.start_of(start))

    def following(self, *, instant: dt.datetime, clock: Clock) -> Iterator[Moment]:
        """Yield the periods whose wall time comes after the instant."""
        wall = self._wall(clock)
        start = wall.period_start(wall.local_date(instant), self.period)
        while True:
            start = wall.period_end(start, self.period)
            yield Moment(start.isoformat(), wall.start_of(start))

    def _wall(self, clock: Clock) -> Clock:
        """Return the community's clock, with days that start when the job is due."""
        return clock if self.at is None else clock.starting(self.at)
