"""The end of an event: stays are judged, no-shows are counted, the host is thanked."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from activities.models import (
    Attendance,
    AttendanceState,
    Booking,
    BookingState,
    Event,
    EventState,
)
from activities.rules.events import minutes_between
from activities.selectors.events import event_settings
from activities.services.attendances import MISSED, Overtaken, fact_of, host_fact
from activities.services.bookings import lock_event, settle
from activities.services.record import own_id, record
from points.services import Fact

CHUNK = 200
"""Members whose accounts one step locks."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What a step did. There is more to do unless `is_over`."""

    events: int = 0
    counted: int = 0
    missed: int = 0
    is_over: bool = False


@transaction.atomic(savepoint=False)
def close_events(*, now: dt.datetime, chunk: int = CHUNK) -> Closed:
    """Do a step of closing the events that ended some hours ago, each once, the oldest first.

    Who is there still is taken to have stayed to the end. Who booked and did not come has missed
    it, where anybody's attendance was taken at all. Raises Overtaken, to start over.
    """
    ended = now - dt.timedelta(hours=event_settings().close_after_hours)
    due = Event.objects.filter(state=EventState.PUBLISHED, ends_at__lte=ended)
    row = due.order_by("ends_at", "id").first()
    if row is None:
        return Closed(is_over=True)
    if here := list(_here(row).order_by("member")[:chunk]):
        return Closed(counted=_judge(row, here, now))
    if missed := list(_missing(row).order_by("member")[:chunk]):
        return Closed(missed=_miss(row, missed, now))
    return _close(row, now)


def _here(row: Event) -> QuerySet[Attendance]:
    return Attendance.objects.filter(event=row, state=AttendanceState.HERE)


def _missing(row: Event) -> QuerySet[Booking]:
    """Return the bookings of those who did not come; none where nobody's attendance was taken."""
    came = Attendance.objects.filter(event=row)
    booked = Booking.objects.filter(
        event=row, state=BookingState.BOOKED, missed_at=None, member__erased_at=None
    )
    return booked.filter(Exists(came.exclude(state=AttendanceState.VOID))).exclude(
        Exists(came.filter(member=OuterRef("member")))
    )


def _judge(row: Event, here: list[Attendance], now: dt.datetime) -> int:
    """Count the stay of those who are there still, up to the event's end."""
    for one in here:
        one.minutes = max(0, minutes_between(one.arrived_at, row.ends_at))
        is_enough = one.minutes >= row.min_stay_minutes
        one.state = AttendanceState.COUNTED if is_enough else AttendanceState.SHORT
    counted = [one for one in here if one.state == AttendanceState.COUNTED]
    record(facts=[fact_of(row, one) for one in counted], now=now)
    _lock(row)
    if _here(row).filter(id__in=[one.id for one in here]).count() != len(here):
        raise Overtaken
    Attendance.objects.bulk_update(here, ["state", "minutes"])
    return len(counted)


def _miss(row: Event, missed: list[Booking], now: dt.datetime) -> int:
    """Give those who booked and did not come a strike, which a program may deduct points for."""
    data = {"event": row.id, "kind": row.kind, "title": row.title}
    record(
        facts=[
            Fact(
                own_id(kind=MISSED, of=(row.id, one.member_id)),
                MISSED,
                one.member_id,
                row.ends_at,
                data,
            )
            for one in missed
        ],
        now=now,
    )
    _lock(row)
    still = _missing(row).filter(id__in=[one.id for one in missed])
    if still.count() != len(missed):
        raise Overtaken
    Booking.objects.filter(id__in=[one.id for one in missed]).update(missed_at=row.ends_at)
    return len(missed)


def _close(row: Event, now: dt.datetime) -> Closed:
    came = Attendance.objects.filter(event=row).exclude(state=AttendanceState.VOID)
    attended = came.count()
    if attended:
        record(facts=host_fact(row, attended), now=now)
    locked = _lock(row)
    if came.count() != attended or _here(row).exists() or _missing(row).exists():
        raise Overtaken
    locked.state = EventState.CLOSED
    settle(locked, now)
    locked.save(update_fields=["state", "booked", "waiting"])
    return Closed(events=1)


def _lock(row: Event) -> Event:
    locked = lock_event(event=row.id)
    if locked.state != row.state:
        raise Overtaken
    return locked
