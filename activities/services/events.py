"""Events as operators make them: drafted, published, changed, called off."""

import datetime as dt
from dataclasses import asdict, dataclass

from activities.errors import EventOver, EventTookPlace, NoSuchEvent, SeatsBelowBookings
from activities.models import (
    ACTIVE,
    Attendance,
    AttendanceState,
    Booking,
    BookingState,
    Event,
    EventState,
)
from activities.services.bookings import Moment, lock_event, settle
from kit.jobs import database_now
from kit.transactions import durable

OPEN = (EventState.DRAFT, EventState.PUBLISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringDetails:
    """What an operator says of an event and of a series alike. `host_id` is a member's id."""

    title: str
    kind: str = "offline"
    description: str = ""
    place: str = ""
    link: str = ""
    host_id: int | None = None
    seats: int | None = None
    has_waitlist: bool = True
    claim_minutes: int = 120
    takes_walk_ins: bool = True
    level_floor: int = 0
    member_days: int = 0
    min_stay_minutes: int = 0
    late_after_minutes: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetails(GatheringDetails):
    """All that an operator says of an event."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    booking_opens_at: dt.datetime | None = None
    cancel_until_at: dt.datetime | None = None


@durable
def create_event(*, details: EventDetails) -> Event:
    """Draft an event. Nobody sees it before it is published."""
    return Event.objects.create(**asdict(details))


@durable
def change_event(*, event: int, details: EventDetails, moment: Moment = database_now) -> Event:
    """Change an event that is not over. Seats that are added go to those who wait.

    Raises NoSuchEvent, EventOver, and SeatsBelowBookings.
    """
    row = _open(event)
    if details.seats is not None and details.seats < row.booked:
        raise SeatsBelowBookings
    for name, value in asdict(details).items():
        setattr(row, name, value)
    # In one update: members wait only while it is full.
    settle(row, moment())
    row.save()
    return row


@durable
def publish_event(*, event: int) -> Event:
    """Show an event to members; from now on they book. Raises NoSuchEvent and EventOver."""
    row = _open(event)
    row.state = EventState.PUBLISHED
    row.save(update_fields=["state"])
    return row


@durable
def cancel_event(*, event: int, reason: str, moment: Moment = database_now) -> Event:
    """Call an event off and give all bookings back; once.

    Raises NoSuchEvent, EventOver, and EventTookPlace where somebody has attended.
    """
    row = lock_event_or_refuse(event=event)
    if row.state == EventState.CANCELLED:
        return row
    if row.state not in OPEN:
        raise EventOver
    if Attendance.objects.filter(event=row).exclude(state=AttendanceState.VOID).exists():
        raise EventTookPlace
    Booking.objects.filter(event=row, state__in=ACTIVE).update(
        state=BookingState.CANCELLED, position=None, offer_expires_at=None, changed_at=moment()
    )
    row.state, row.cancellation, row.booked, row.waiting = EventState.CANCELLED, reason, 0, 0
    row.save(update_fields=["state", "cancellation", "booked", "waiting"])
    return row


def _open(event: int) -> Event:
    row = lock_event_or_refuse(event=event)
    if row.state not in OPEN:
        raise EventOver
    return row


def lock_event_or_refuse(*, event: int) -> Event:
    """Return the event's row, locked. Raises NoSuchEvent."""
    try:
        return lock_event(event=event)
    except Event.DoesNotExist as error:
        raise NoSuchEvent from error
