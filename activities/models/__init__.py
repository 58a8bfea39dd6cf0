"""The tables of the activities room."""

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
    "Comment",
    "Decision",
    "Like",
    "Post",
    "PostKind",
    "PostQuerySet",
    "PostReview",
    "PostState",
    "Reversal",
]
