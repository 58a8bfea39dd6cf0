"""The routes of what members do."""

from activities.views.check_ins import CheckInsView, FreezesView, StreakSettingsView
from activities.views.intake import ActivitiesView, ActivityView, ReversalView

__all__ = [
    "ActivitiesView",
    "ActivityView",
    "CheckInsView",
    "FreezesView",
    "ReversalView",
    "StreakSettingsView",
]
