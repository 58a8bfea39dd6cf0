"""What the activities room tells."""

from activities.selectors.event_pages import Present, present, with_attended
from activities.selectors.event_pages import bookings as event_bookings
from activities.selectors.events import (
    SOONEST_FIRST,
    EventView,
    booking_of,
    bookings_of,
    candidate,
    event,
    event_for,
    event_settings,
    events,
    events_kept_of,
    no_show_limit,
    viewer,
)
from activities.selectors.intake import (
    Award,
    KnownActivity,
    Seen,
    activity,
    awards_of,
    find_activities,
    kept_of,
    last_activity_at,
    reversal,
    seen,
)

__all__ = [
    "SOONEST_FIRST",
    "Award",
    "EventView",
    "KnownActivity",
    "Present",
    "Seen",
    "activity",
    "awards_of",
    "booking_of",
    "bookings_of",
    "candidate",
    "event",
    "event_bookings",
    "event_for",
    "event_settings",
    "events",
    "events_kept_of",
    "find_activities",
    "kept_of",
    "last_activity_at",
    "no_show_limit",
    "present",
    "reversal",
    "seen",
    "viewer",
    "with_attended",
]
