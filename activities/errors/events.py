"""What events refuse."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, Invalid, NotFound


class NoSuchEvent(NotFound):
    """No event that has been published has that id."""

    title = _("There is no event with this id.")


class BookingNotOpen(Conflict):
    """Booking begins later."""

    code = "booking_not_open"
    title = _("Booking has not begun yet.")


class EventStarted(Conflict):
    """It is too late to book."""

    code = "event_started"
    title = _("This event has begun.")


class EventCancelled(Conflict):
    """It will not take place."""

    code = "event_cancelled"
    title = _("This event has been cancelled.")


class EventFull(Conflict):
    """All seats are taken, and there is no waitlist."""

    code = "event_full"
    title = _("All seats are taken.")


class LevelTooLow(Conflict):
    """The event is for those who have earned more."""

    code = "level_too_low"
    title = _("This event is for members of a higher level.")


class TooNew(Conflict):
    """The event is for those who have been here longer."""

    code = "too_new"
    title = _("This event is for members who joined longer ago.")


class TooManyNoShows(Conflict):
    """The member booked and did not come, too often of late."""

    code = "too_many_no_shows"
    title = _("Too many booked events were missed of late.")


class CancelDeadlinePassed(Conflict):
    """The seat stays booked."""

    code = "cancel_deadline_passed"
    title = _("It is too late to cancel.")


class AttendanceCodeInvalid(Invalid):
    """Nobody of ours made this code."""

    code = "attendance_code_invalid"
    title = _("This is not a code of an event.")


class AttendanceCodeExpired(Conflict):
    """The code was shown some time ago."""

    code = "attendance_code_expired"
    title = _("This code has expired. Scan the one that is shown now.")


class AttendanceNotOpen(Conflict):
    """It is too early to check in."""

    code = "attendance_not_open"
    title = _("Attendance is not taken yet.")


class EventOver(Conflict):
    """It is too late for that."""

    code = "event_over"
    title = _("This event is over.")


class BookingRequired(Conflict):
    """The event takes nobody without a booking."""

    code = "booking_required"
    title = _("Only members with a booking may attend.")


class AttendanceVoid(Conflict):
    """An operator has taken the attendance back."""

    code = "attendance_void"
    title = _("This attendance has been declared void.")


class MemberNotActive(Conflict):
    """The member is paused or has left."""

    code = "member_not_active"
    title = _("This member does not take part at present.")


class NoSuchMember(NotFound):
    """Nobody has this name."""

    code = "unknown_member"
    title = _("There is no member with this id.")


class SeatsBelowBookings(Conflict):
    """Who has a seat keeps it."""

    code = "seats_below_bookings"
    title = _("More seats than that are booked or offered.")


class EventTookPlace(Conflict):
    """Members have attended it."""

    code = "event_took_place"
    title = _("Members have attended this event, so it cannot be cancelled.")
