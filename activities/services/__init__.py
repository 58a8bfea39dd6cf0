"""What the activities room does."""

from activities.services.attendance_lists import (
    Listed,
    ListedResult,
    attend_by_list,
    rehearse_list,
)
from activities.services.attendances import Taken, attend, attend_by_scan, void_attendance
from activities.services.bookings import Booked, book, cancel_booking, leave_events, move_offers
from activities.services.closing import Closed, close_events
from activities.services.erasure import forget_member
from activities.services.events import (
    EventDetails,
    cancel_event,
    change_event,
    create_event,
    publish_event,
)
from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.record import AlreadyRecorded, own_id, record, take_back
from activities.services.reversal import Reversed, reverse_activity
from activities.services.series import Made, SeriesDetails, make_ahead, save_series
from activities.services.together import intake_together

__all__ = [
    "ActivityIn",
    "AlreadyRecorded",
    "Booked",
    "Closed",
    "EventDetails",
    "ItemResult",
    "Listed",
    "ListedResult",
    "Made",
    "Refused",
    "Reversed",
    "SeriesDetails",
    "Taken",
    "attend",
    "attend_by_list",
    "attend_by_scan",
    "book",
    "cancel_booking",
    "cancel_event",
    "change_event",
    "close_events",
    "create_event",
    "forget_member",
    "intake",
    "intake_together",
    "leave_events",
    "make_ahead",
    "move_offers",
    "own_id",
    "publish_event",
    "record",
    "rehearse_list",
    "reverse_activity",
    "save_series",
    "take_back",
    "void_attendance",
]
