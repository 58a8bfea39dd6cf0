"""The routes of what members do."""

from activities.views.events import AttendancesView, BookingView, EventsView, EventView
from activities.views.intake import ActivitiesView, ActivityView, ReversalView

__all__ = [
    "ActivitiesView",
    "ActivityView",
    "AttendancesView",
    "BookingView",
    "EventView",
    "EventsView",
    "ReversalView",
]
