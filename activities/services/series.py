"""Series: what comes back at the same local time, made some weeks ahead."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields

from django.db import transaction

import points.selectors
from activities.models import Event, EventSeries, EventState, Frequency
from activities.rules.events import WEEK, Recurrence, instant_of
from activities.selectors.events import event_settings
from activities.services.events import GatheringDetails
from kit.clock import Clock
from kit.transactions import durable

COPIED = tuple(field.name for field in fields(GatheringDetails))
"""What an event takes from its series as it stands."""


@dataclass(frozen=True, slots=True)
class Made:
    """How many events a step made, and where the next one goes on; None at the end."""

    events: int
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDetails(GatheringDetails):
    """All that an operator says of a series. `begins` is the community's wall time."""

    weekday: int
    begins: dt.time
    from_on: dt.date
    until_on: dt.date | None = None
    frequency: str = "weekly"
    step: int = 1
    nth: int = 1
    minutes: int = 120
    opens_hours: int | None = None
    cancel_hours: int = 0
    is_active: bool = True


@durable
def save_series(*, details: SeriesDetails, series: int | None = None) -> EventSeries:
    """Begin a series, or change one. It holds for the events that are made from now on."""
    if series is None:
        return EventSeries.objects.create(**asdict(details))
    saved, _is_new = EventSeries.objects.update_or_create(id=series, defaults=asdict(details))
    return saved


@transaction.atomic(savepoint=False)
def make_ahead(*, now: dt.datetime, after: int = 0, most: int = 20) -> Made:
    """Make the events that are due of so many series, each once per series and local date.

    What has been made stays as it is, called off or not; what lies in the past is not made.
    """
    weeks = event_settings().ahead_weeks
    clock = points.selectors.program(posting=True).clock
    several = list(EventSeries.objects.filter(is_active=True, id__gt=after).order_by("id")[:most])
    made = sum(_make(series, clock, now, weeks) for series in several)
    return Made(made, several[-1].id if len(several) == most else None)


def _make(series: EventSeries, clock: Clock, now: dt.datetime, weeks: int) -> int:
    known = set(Event.objects.filter(series=series).values_list("series_on", flat=True))
    missing = [one for one in _occurrences(series, clock, now, weeks) if one.series_on not in known]
    # Another worker may have made one meanwhile: it is the same.
    Event.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _occurrences(
    series: EventSeries, clock: Clock, now: dt.datetime, weeks: int
) -> Iterator[Event]:
    last = clock.local_date(now) + WEEK * weeks
    for day in recurrence_of(series=series).days(last=last):
        starts_at = instant_of(day=day, wall_time=series.begins, clock=clock)
        if starts_at <= now:
            continue
        opens = series.opens_hours
        yield Event(
            **{name: getattr(series, name) for name in COPIED},
            series=series,
            series_on=day,
            state=EventState.PUBLISHED,
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=series.minutes),
            booking_opens_at=starts_at - dt.timedelta(hours=opens) if opens else None,
            cancel_until_at=starts_at - dt.timedelta(hours=series.cancel_hours),
        )


def recurrence_of(*, series: EventSeries) -> Recurrence:
    """Return when a series comes back."""
    return Recurrence(
        from_on=series.from_on,
        until_on=series.until_on,
        weekday=series.weekday,
        step=series.step,
        nth=series.nth if series.frequency == Frequency.MONTHLY else None,
    )
