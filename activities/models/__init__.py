"""The tables of the activities room."""

from activities.models.bookings import (
    ACTIVE,
    SEATED,
    Attendance,
    AttendanceState,
    AttendanceWay,
    Booking,
    BookingState,
)
from activities.models.events import Event, EventState
from activities.models.intake import OWN, Activity, ActivityState, Reversal
from activities.models.series import LONGEST, EventKind, EventSeries, Frequency, Nth, Weekday

__all__ = [
    "ACTIVE",
    "LONGEST",
    "OWN",
    "SEATED",
    "Activity",
    "ActivityState",
    "Attendance",
    "AttendanceState",
    "AttendanceWay",
    "Booking",
    "BookingState",
    "Event",
    "EventKind",
    "EventSeries",
    "EventState",
    "Frequency",
    "Nth",
    "Reversal",
    "Weekday",
]
