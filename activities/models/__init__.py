"""The tables of the activities room."""

from activities.models.intake import OWN, Activity, ActivityState, Reversal

__all__ = ["OWN", "Activity", "ActivityState", "Reversal"]
