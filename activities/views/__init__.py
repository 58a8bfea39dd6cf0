"""The routes of what members do."""

from activities.views.intake import ActivitiesView, ActivityView, ReversalView

__all__ = ["ActivitiesView", "ActivityView", "ReversalView"]
