"""The tables of the activities room."""

from activities.models.check_ins import (
    CheckIn,
    CheckInKind,
    Milestone,
    MilestoneKind,
    StreakChoice,
    StreakItem,
    StreakItemKind,
)
from activities.models.intake import OWN, Activity, ActivityState, Reversal

__all__ = [
    "OWN",
    "Activity",
    "ActivityState",
    "CheckIn",
    "CheckInKind",
    "Milestone",
    "MilestoneKind",
    "Reversal",
    "StreakChoice",
    "StreakItem",
    "StreakItemKind",
]
