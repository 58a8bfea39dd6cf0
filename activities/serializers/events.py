"""The shapes of events, bookings and attendance, in and out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from activities.models import (
    Attendance,
    AttendanceState,
    AttendanceWay,
    Booking,
    BookingState,
    EventKind,
    EventState,
)
from activities.selectors.event_codes import Code
from activities.selectors.events import EventView
from activities.serializers.outcomes import OutcomeOut, show_outcome
from activities.services.attendance_lists import Listed
from activities.services.attendances import Taken
from kit.api import InstantField, PageQuery, StrictCharField, StrictSerializer
from kit.clock import parse_instant
from kit.errors import FieldError
from kit.fields import is_identifier
from members.models import Member

LISTED = ("member", "arrived_at", "minutes")
"""The columns of a list of attendances."""

LONGEST_MEMBER = 64


class EventsQuery(PageQuery):
    """Which events: from when (otherwise now), until when they begin, and of which kind."""

    kind = serializers.ChoiceField(choices=EventKind.choices, default="")
    to = InstantField(default=None)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, `from` among them, which is no name in Python."""
        return {**super().get_fields(), "from": InstantField(default=None)}


class BookingIn(StrictSerializer):
    """Nothing need be said."""


class AttendanceIn(StrictSerializer):
    """The code that the event shows."""

    code = StrictCharField(max_length=200)


class HostOut(serializers.Serializer[Any]):
    """Who hosts an event."""

    id = serializers.IntegerField()
    nickname = serializers.CharField()
    avatar_url = serializers.CharField()


class EventLevelOut(serializers.Serializer[Any]):
    """The level that an event asks for."""

    code = serializers.CharField()
    name = serializers.CharField()


class WhyNotOut(serializers.Serializer[Any]):
    """Why a booking would be refused, and when it may not be any more, where time will help."""

    code = serializers.CharField()
    reason = serializers.CharField()
    next_at = serializers.DateTimeField(allow_null=True)


class BookingOut(serializers.Serializer[Any]):
    """A member's booking. `place` is the place in line, from 1, of who waits.

    An offered seat is the member's until `offer_expires_at`; a PUT claims it.
    """

    state = serializers.ChoiceField(choices=BookingState.choices)
    place = serializers.IntegerField(allow_null=True)
    offer_expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class OwnAttendanceOut(serializers.Serializer[Any]):
    """A member's attendance of an event."""

    state = serializers.ChoiceField(choices=AttendanceState.choices)
    way = serializers.ChoiceField(choices=AttendanceWay.choices)
    arrived_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    late_minutes = serializers.IntegerField()


class EventOut(serializers.Serializer[Any]):
    """An event, with the member's own part in it.

    `seats` and `seats_left` are null where there is no limit. `bookable` tells whether a booking
    would be taken, for a seat or, where none is left, for a place in line; `why_not` why not.
    `link` is empty for who has no seat where seats are limited.
    """

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    kind = serializers.ChoiceField(choices=EventKind.choices)
    place = serializers.CharField()
    link = serializers.CharField()
    host = HostOut(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=EventState.choices)
    cancellation = serializers.CharField()
    booking_opens_at = serializers.DateTimeField(allow_null=True)
    cancel_until_at = serializers.DateTimeField(allow_null=True)
    seats = serializers.IntegerField(allow_null=True)
    seats_left = serializers.IntegerField(allow_null=True)
    has_waitlist = serializers.BooleanField()
    waiting = serializers.IntegerField()
    takes_walk_ins = serializers.BooleanField()
    level = EventLevelOut(allow_null=True)
    member_days = serializers.IntegerField()
    min_stay_minutes = serializers.IntegerField()
    late_after_minutes = serializers.IntegerField()
    bookable = serializers.BooleanField()
    why_not = WhyNotOut(allow_null=True)
    booking = BookingOut(allow_null=True)
    attendance = OwnAttendanceOut(allow_null=True)


class EventDetailOut(EventOut):
    """An event, and the pass that staff may scan; it changes at `pass_next_at`."""

    pass_next_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, `pass` among them, which is no name in Python."""
        return {**super().get_fields(), "pass": serializers.CharField(allow_null=True)}


class AttendedEventOut(serializers.Serializer[Any]):
    """The event that was attended."""

    id = serializers.IntegerField()
    title = serializers.CharField()


class AttendanceOut(OwnAttendanceOut, OutcomeOut):
    """An attendance, and what the rules made of it. `note` says what it waits for, if anything."""

    event = AttendedEventOut()
    note = serializers.CharField()


def show_event(view: EventView) -> dict[str, Any]:
    """Return an event as a member sees it."""
    event, booking, why_not = view.event, view.booking, view.why_not
    has_seat = booking is not None and booking.state == BookingState.BOOKED
    plain = (
        *("id", "title", "description", "kind", "place", "starts_at", "ends_at", "state"),
        *("cancellation", "booking_opens_at", "cancel_until_at", "seats", "has_waitlist"),
        *("waiting", "takes_walk_ins", "member_days", "min_stay_minutes", "late_after_minutes"),
    )
    return {
        **{name: getattr(event, name) for name in plain},
        "link": event.link if has_seat or event.seats is None else "",
        "host": None if event.host is None else _show_host(event.host),
        "seats_left": view.seats_left,
        "level": None if view.level is None else {"code": view.level.code, "name": view.level.name},
        "bookable": why_not is None,
        "why_not": None
        if why_not is None
        else {
            "code": why_not.code,
            "reason": str(why_not),
            "next_at": why_not.extra.get("next_at"),
        },
        "booking": None if booking is None else show_booking(booking),
        "attendance": None if view.attendance is None else _show_own(view.attendance),
    }


def _show_host(host: Member) -> dict[str, Any]:
    return {"id": host.id, "nickname": host.nickname, "avatar_url": host.avatar_url}


def show_event_detail(view: EventView, shown: Code | None) -> dict[str, Any]:
    """Return an event as a member sees it, with their pass."""
    return {
        **show_event(view),
        "pass": None if shown is None else shown.text,
        "pass_next_at": None if shown is None else shown.next_at,
    }


def show_booking(booking: Booking) -> dict[str, Any]:
    """Return a booking that was found with how many wait `ahead`."""
    waits = booking.state == BookingState.WAITING
    return {
        "state": booking.state,
        "place": booking.ahead + 1 if waits else None,  # type: ignore[attr-defined]  # annotated
        "offer_expires_at": booking.offer_expires_at,
        "created_at": booking.created_at,
    }


def _show_own(attendance: Attendance) -> dict[str, Any]:
    names = ("state", "way", "arrived_at", "left_at", "late_minutes")
    return {name: getattr(attendance, name) for name in names}


def show_taken(taken: Taken) -> dict[str, Any]:
    """Return an attendance with what it granted."""
    attendance = taken.attendance
    return {
        **_show_own(attendance),
        **show_outcome(taken.outcome),
        "event": {"id": attendance.event.id, "title": attendance.event.title},
        "note": note_of(attendance),
    }


def note_of(attendance: Attendance) -> str:
    """Return what an attendance waits for, or why it grants nothing; empty where it was counted."""
    told = {"minutes": attendance.event.min_stay_minutes}
    if attendance.state == AttendanceState.HERE:
        return _("It counts after %(minutes)d minutes: at the end, or when you scan again.") % told
    if attendance.state == AttendanceState.SHORT:
        return _("It would have counted after %(minutes)d minutes.") % told
    return ""


def parse_listed(cells: Mapping[str, str]) -> Listed | Sequence[FieldError]:
    """Read one row of a list of attendances, or say all that is wrong with it."""
    errors: list[FieldError] = []
    member, at, stay = (cells[name].strip() for name in LISTED)
    if not is_identifier(member) or len(member) > LONGEST_MEMBER:
        detail = gettext_lazy("Expected the member's external id.")
        errors.append(FieldError("member", "invalid", detail))
    try:
        arrived_at = parse_instant(at) if at else None
    except ValueError:
        detail = gettext_lazy(
            "Expected an instant with an offset, such as 2026-11-22T10:00:00+08:00."
        )
        errors.append(FieldError("arrived_at", "invalid", detail))
        arrived_at = None
    is_number = stay.isascii() and stay.isdigit() and len(stay) <= len("20160")
    if stay and not is_number:
        detail = gettext_lazy("Expected a whole number of minutes.")
        errors.append(FieldError("minutes", "invalid", detail))
    return errors or Listed(member, arrived_at, int(stay) if stay and is_number else None)
