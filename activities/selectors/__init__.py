"""What the activities room tells."""

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
    "Award",
    "KnownActivity",
    "Seen",
    "activity",
    "awards_of",
    "find_activities",
    "kept_of",
    "last_activity_at",
    "reversal",
    "seen",
]
