"""Who was there: by the event's code, scanned by staff, or from a list; once, whatever the way.

Accounts are locked first, by what is recorded; then the event, under which it is seen whether
anything that was decided on has changed meanwhile: if so, everything starts over.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activities.errors import (
    AttendanceCodeInvalid,
    AttendanceNotOpen,
    AttendanceVoid,
    BookingRequired,
    EventCancelled,
    EventOver,
    MemberNotActive,
    NoSuchMember,
)
from activities.models import (
    Activity,
    Attendance,
    AttendanceState,
    AttendanceWay,
    Booking,
    BookingState,
    Event,
    EventState,
)
from activities.program_file import EventsSection
from activities.rules.events import minutes_between, stay_of
from activities.selectors import event_codes
from activities.selectors.events import event as event_of
from activities.selectors.events import event_settings
from activities.services.bookings import Moment, lock_event
from activities.services.record import own_id, record, take_back
from kit.errors import NotFound
from kit.jobs import database_now
from kit.transactions import RetryTransaction, durable
from members.models import Member, MemberState
from points.services import Fact

ATTENDED, HOSTED, MISSED = "event.attended", "event.hosted", "event.missed"


class Overtaken(RetryTransaction):
    """What was decided on has changed meanwhile: start over and decide anew."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An attendance, what the rules made of it, and whether this call took it."""

    attendance: Attendance
    outcome: Sequence[Mapping[str, Any]]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A member came at an instant, and stayed so many minutes, where that is known."""

    member: int
    arrived_at: dt.datetime
    minutes: int | None = None


@durable
def attend(*, code: str, member: int, moment: Moment = database_now) -> Taken:
    """Take the member's attendance by the code that the event shows; again, see the member out.

    Once per member and event. Raises AttendanceCodeInvalid, AttendanceCodeExpired, EventCancelled,
    AttendanceNotOpen, EventOver, BookingRequired and AttendanceVoid.
    """
    now, section = moment(), event_settings()
    number = event_codes.read_code(text=code, now=now, seconds=section.code_seconds)
    row = Event.objects.filter(id=number).exclude(state=EventState.DRAFT).first()
    if row is None:
        raise AttendanceCodeInvalid
    return _scan(row, member, AttendanceWay.CODE, now, section)


@durable
def attend_by_scan(*, event: int, text: str, moment: Moment = database_now) -> Taken:
    """Take the attendance of the member whose pass, or external id, staff have scanned.

    Raises NoSuchEvent, NoSuchMember, MemberNotActive, and what `attend` raises.
    """
    now, section = moment(), event_settings()
    row = event_of(id=event)
    seconds = section.code_seconds
    named = event_codes.read_pass(text=text, event=event, now=now, seconds=seconds)
    found = Member.objects.filter(erased_at=None)
    who = found.filter(**({"external_id": text} if named is None else {"id": named})).first()
    if who is None:
        raise NoSuchMember
    if who.state != MemberState.ACTIVE:
        raise MemberNotActive
    return _scan(row, who.id, AttendanceWay.SCAN, now, section)


def _scan(
    row: Event, member: int, way: AttendanceWay, now: dt.datetime, section: EventsSection
) -> Taken:
    known = Attendance.objects.filter(event=row, member=member).first()
    if known is not None:
        return _again(row, known, now)
    opens_at = row.starts_at - dt.timedelta(minutes=section.opens_minutes)
    if row.state == EventState.CANCELLED:
        raise EventCancelled
    if row.state == EventState.DRAFT or now < opens_at:
        raise AttendanceNotOpen(next_at=opens_at.isoformat())
    if row.state == EventState.CLOSED or now > row.ends_at:
        raise EventOver
    if not row.takes_walk_ins and not _is_booked(row, member):
        raise BookingRequired
    [taken] = take(row, [Arrival(member, now)], way)
    return taken


def _is_booked(row: Event, member: int) -> bool:
    return Booking.objects.filter(event=row, member=member, state=BookingState.BOOKED).exists()


def _again(row: Event, known: Attendance, now: dt.datetime) -> Taken:
    """See a member out who has stayed long enough; otherwise tell what is known."""
    if known.state == AttendanceState.VOID:
        raise AttendanceVoid
    minutes = minutes_between(known.arrived_at, now)
    is_due = minutes >= row.min_stay_minutes and row.state == EventState.PUBLISHED
    if known.state != AttendanceState.HERE or not is_due:
        return Taken(known, outcome_of(attendance=known), is_new=False)
    known.state, known.minutes, known.left_at = AttendanceState.COUNTED, minutes, now
    [decisions] = record(facts=[fact_of(row, known)], now=now)
    lock_event(event=row.id)
    here = Attendance.objects.filter(id=known.id, state=AttendanceState.HERE)
    if not here.update(state=known.state, minutes=minutes, left_at=now):
        raise Overtaken
    return Taken(known, [made.story for made in decisions], is_new=False)


def take(row: Event, arrivals: Sequence[Arrival], way: AttendanceWay) -> list[Taken]:
    """Take attendances that are not known yet, of members who may attend, each once.

    `row` was read in this transaction, without a lock. Who was counted as a no-show is so no more.
    """
    made = [_judged(row, arrival, way) for arrival in arrivals]
    who = [one.member_id for one in made]
    missed = _missed(row, who)
    now = max(arrival.arrived_at for arrival in arrivals)
    take_back(ids=[own_id(kind=MISSED, of=(row.id, one)) for one in missed], reason="", now=now)
    counted = [one for one in made if one.state == AttendanceState.COUNTED]
    facts = [fact_of(row, one) for one in counted]
    hosted = host_fact(row, len(made)) if row.state == EventState.CLOSED else []
    told = record(facts=[*facts, *hosted], now=now)
    locked = lock_event(event=row.id)
    is_known = Attendance.objects.filter(event=row, member__in=who).exists()
    if is_known or locked.state != row.state or _missed(row, who) != missed:
        raise Overtaken
    Booking.objects.filter(event=row, member__in=missed).update(missed_at=None)
    Attendance.objects.bulk_create(made)
    stories = {
        one.member_id: [decision.story for decision in decisions]
        for one, decisions in zip(counted, told, strict=False)  # the host's comes last
    }
    return [Taken(one, stories.get(one.member_id, []), is_new=True) for one in made]


def _missed(row: Event, who: Iterable[int]) -> list[int]:
    missed = Booking.objects.filter(event=row, member__in=who, missed_at__isnull=False)
    return list(missed.order_by("member").values_list("member", flat=True))


def _judged(row: Event, arrival: Arrival, way: AttendanceWay) -> Attendance:
    """Return the attendance that an arrival comes to, before it is kept."""
    minutes = arrival.minutes
    if minutes is None and row.state == EventState.CLOSED and row.min_stay_minutes:
        minutes = max(0, minutes_between(arrival.arrived_at, row.ends_at))
    stay = stay_of(
        starts_at=row.starts_at, arrived_at=arrival.arrived_at, late_after=row.late_after_minutes
    )
    if not row.min_stay_minutes or (minutes is not None and minutes >= row.min_stay_minutes):
        state = AttendanceState.COUNTED
    else:
        state = AttendanceState.HERE if minutes is None else AttendanceState.SHORT
    left = None
    if arrival.minutes is not None:
        left = arrival.arrived_at + dt.timedelta(minutes=arrival.minutes)
    return Attendance(
        event=row,
        member_id=arrival.member,
        way=way,
        state=state,
        arrived_at=arrival.arrived_at,
        left_at=left,
        late_minutes=stay.late_minutes if stay.is_late else 0,
        minutes=minutes,
    )


def fact_of(row: Event, attendance: Attendance) -> Fact:
    """Return the activity that a counted attendance is."""
    data = {
        "event": row.id,
        "kind": row.kind,
        "title": row.title,
        "late": attendance.late_minutes > 0,
        "late_minutes": attendance.late_minutes,
    }
    if attendance.minutes is not None:
        data["minutes"] = attendance.minutes
    return Fact(
        activity_of(attendance), ATTENDED, attendance.member_id, attendance.arrived_at, data
    )


def activity_of(attendance: Attendance) -> str:
    """Return the id of the activity that an attendance is, once it is counted."""
    return own_id(kind=ATTENDED, of=(attendance.event_id, attendance.member_id))


def host_fact(row: Event, attended: int) -> list[Fact]:
    """Return the activity that hosting the event is, unless it has been recorded, or nobody hosts.

    It is once an event, when it closes or, where nobody had attended by then, by the first list.
    """
    name = own_id(kind=HOSTED, of=(row.id,))
    if row.host_id is None or Activity.objects.filter(id=name).exists():
        return []
    data = {"event": row.id, "kind": row.kind, "title": row.title, "attended": attended}
    return [Fact(name, HOSTED, row.host_id, row.starts_at, data)]


def outcome_of(*, attendance: Attendance) -> Sequence[Mapping[str, Any]]:
    """Return what the rules made of an attendance, as it was recorded."""
    found = Activity.objects.filter(id=activity_of(attendance)).values_list("outcome", flat=True)
    return next(iter(found), [])


@durable
def void_attendance(*, attendance: int, reason: str, now: dt.datetime) -> Attendance:
    """Declare an attendance void, and take back what it granted; once. Raises NotFound."""
    found = Attendance.objects.select_related("event", "member").filter(id=attendance).first()
    if found is None:
        raise NotFound
    if found.state == AttendanceState.VOID:
        return found
    take_back(ids=[activity_of(found)], reason=reason, now=now)
    lock_event(event=found.event_id)
    same = Attendance.objects.filter(id=attendance, state=found.state)
    if not same.update(state=AttendanceState.VOID, reason=reason):
        raise Overtaken
    found.state, found.reason = AttendanceState.VOID, reason
    return found
