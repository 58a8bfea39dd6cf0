"""What there is to go to, for members: each event with their own part in it."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

import points.selectors
from activities.errors import NoSuchEvent
from activities.models import (
    LONGEST,
    Attendance,
    Booking,
    BookingState,
    Event,
    EventSeries,
    EventState,
)
from activities.program_file import EventsSection
from activities.rules.events import Candidate, NoShowLimit, why_not
from kit.errors import DomainError
from members.models import Member
from members.selectors import Kept
from points.rules import LevelInForce, level_at

SOONEST_FIRST = ("starts_at", "id")
SHOWN = (EventState.PUBLISHED, EventState.CLOSED)


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as a member sees it. `why_not` is why they could not book, were they to."""

    event: Event
    level: LevelInForce | None
    booking: Booking | None
    attendance: Attendance | None
    why_not: DomainError | None

    @property
    def seats_left(self) -> int | None:
        """Seats that nobody has; None where there is no limit."""
        return None if self.event.seats is None else self.event.seats - self.event.booked


def event_settings() -> EventsSection:
    """Return how events are run, as the program says."""
    return points.selectors.section(shape=EventsSection)


def no_show_limit(*, section: EventsSection) -> NoShowLimit:
    """Return how many booked events may be missed."""
    return NoShowLimit(section.no_show.most, section.no_show.strikes_in_days)


def candidate(*, member: int, limit: NoShowLimit, now: dt.datetime) -> Candidate:
    """Return what decides whether the member may book."""
    found = Member.objects.only("joined_at").get(id=member)
    lifetime = points.selectors.account_view(member=member, now=now).lifetime
    strikes: Sequence[dt.datetime] = ()
    if limit.most is not None:
        since = now - dt.timedelta(days=limit.days)
        missed = Booking.objects.filter(member=member, missed_at__gt=since)
        strikes = [
            at for at in missed.order_by("missed_at").values_list("missed_at", flat=True) if at
        ]
    return Candidate(found.joined_at, lifetime, strikes)


def events(
    *, member: int, since: dt.datetime, until: dt.datetime | None, kind: str
) -> QuerySet[Event]:
    """Return the published events that have not ended at `since`, with the member's own part.

    Until `until`, if it is given, and of one kind, if that is not empty.
    """
    # None lasts longer than LONGEST, so the index on the start knows where to begin.
    found = _with_own(member).filter(
        state__in=SHOWN, starts_at__gt=since - LONGEST, ends_at__gt=since
    )
    if until is not None:
        found = found.filter(starts_at__lt=until)
    return found.filter(kind=kind) if kind else found


def _with_own(member: int) -> QuerySet[Event]:
    return Event.objects.select_related("host").prefetch_related(
        Prefetch("bookings", bookings_of(member=member), to_attr="own_bookings"),
        Prefetch(
            "attendances", Attendance.objects.filter(member=member), to_attr="own_attendances"
        ),
    )


def bookings_of(*, member: int) -> QuerySet[Booking]:
    """Return the member's bookings, each with how many wait ahead, as `ahead`."""
    ahead = (
        Booking.objects.filter(
            event=OuterRef("event"), state=BookingState.WAITING, position__lt=OuterRef("position")
        )
        .order_by()
        .values("event")
        .annotate(count=Count("id"))
        .values("count")
    )
    return Booking.objects.filter(member=member).annotate(ahead=Coalesce(Subquery(ahead), 0))


def booking_of(*, event: int, member: int) -> Booking | None:
    """Return the member's booking of an event, with how many wait ahead."""
    return bookings_of(member=member).filter(event=event).first()


def event_for(*, event: int, member: int) -> Event:
    """Return the event with the member's own part in it. Raises NoSuchEvent, for a draft too."""
    found = _with_own(member).exclude(state=EventState.DRAFT).filter(id=event).first()
    if found is None:
        raise NoSuchEvent
    return found


def viewer(*, member: int, now: dt.datetime) -> Callable[[Event], EventView]:
    """Return what makes the member's view of an event that `events` or `event_for` found."""
    limit = no_show_limit(section=event_settings())
    who = candidate(member=member, limit=limit, now=now)
    levels = points.selectors.program(posting=True).levels

    def view(event: Event) -> EventView:
        found: Any = event
        booking: Booking | None = next(iter(found.own_bookings), None)
        is_in = booking is not None and booking.is_active
        return EventView(
            event=event,
            level=level_at(levels=levels, lifetime=event.level_floor)
            if event.level_floor
            else None,
            booking=booking,
            attendance=next(iter(found.own_attendances), None),
            why_not=None if is_in else why_not(event, who, limit=limit, now=now),
        )

    return view


def has_events() -> bool:
    """Tell whether any event has ever been made."""
    return Event.objects.exists()


def event(*, id: int) -> Event:  # noqa: A002 - its name
    """Return the event with its host, whatever its state. Raises NoSuchEvent."""
    found = Event.objects.select_related("host").filter(id=id).first()
    if found is None:
        raise NoSuchEvent
    return found


def events_kept_of(*, member: int) -> Kept:
    """Return what is kept of the member's part in events."""
    return {
        "bookings": Booking.objects.filter(member=member)
        .order_by("id")
        .values(
            *("event_id", "event__title", "event__starts_at", "state", "position"),
            *("offer_expires_at", "missed_at", "created_at", "changed_at"),
        ),
        "attendances": Attendance.objects.filter(member=member)
        .order_by("id")
        .values(
            *("event_id", "event__title", "way", "state", "arrived_at", "left_at"),
            *("late_minutes", "minutes", "reason", "taken_at"),
        ),
        "hosted_events": Event.objects.filter(host=member)
        .order_by("id")
        .values("id", "title", "starts_at", "ends_at", "state"),
        "hosted_series": EventSeries.objects.filter(host=member)
        .order_by("id")
        .values("id", "title", "from_on", "until_on"),
    }
