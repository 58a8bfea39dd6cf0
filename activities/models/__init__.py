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
from activities.models.posts import (
    NOBODY,
    PUBLISHED,
    Decision,
    Post,
    PostKind,
    PostQuerySet,
    PostReview,
    PostState,
)
from activities.models.replies import Acceptance, Comment, Like

__all__ = [
    "NOBODY",
    "OWN",
    "PUBLISHED",
    "Acceptance",
    "Activity",
    "ActivityState",
    "CheckIn",
    "CheckInKind",
    "Comment",
    "Decision",
    "Like",
    "Milestone",
    "MilestoneKind",
    "Post",
    "PostKind",
    "PostQuerySet",
    "PostReview",
    "PostState",
    "Reversal",
    "StreakChoice",
    "StreakItem",
    "StreakItemKind",
]
