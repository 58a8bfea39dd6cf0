"""What the activities room tells."""

from activities.selectors.check_ins import (
    CalendarDay,
    CheckedIn,
    Month,
    calendar_of,
    check_ins_between,
    find_check_ins,
)
from activities.selectors.intake import (
    Award,
    KnownActivity,
    Seen,
    activity,
    awards_of,
    find_activities,
    last_activity_at,
    reversal,
    seen,
)
from activities.selectors.kept import kept_of
from activities.selectors.streaks import streak

__all__ = [
    "Award",
    "CalendarDay",
    "CheckedIn",
    "KnownActivity",
    "Month",
    "Seen",
    "activity",
    "awards_of",
    "calendar_of",
    "check_ins_between",
    "find_activities",
    "find_check_ins",
    "kept_of",
    "last_activity_at",
    "reversal",
    "seen",
    "streak",
]
