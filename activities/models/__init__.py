"""The tables of the activities room."""

from activities.models.bookings import (
    ACTIVE,
    SEATED,
    Attendance,
    AttendanceState,
    AttendanceWay,
    Booking,
    BookingState,
)
from activities.models.check_ins import (
    CheckIn,
    CheckInKind,
    Milestone,
    MilestoneKind,
    StreakChoice,
    StreakItem,
    StreakItemKind,
)
from activities.models.events import (
    Event,
    EventState,
)
from activities.models.intake import (
    OWN,
    Activity,
    ActivityState,
    Reversal,
)
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
from activities.models.replies import (
    Acceptance,
    Comment,
    Like,
)
from activities.models.series import (
    LONGEST,
    EventKind,
    EventSeries,
    Frequency,
    Nth,
    Weekday,
)

__all__ = [
    "ACTIVE",
    "LONGEST",
    "NOBODY",
    "OWN",
    "PUBLISHED",
    "SEATED",
    "Acceptance",
    "Activity",
    "ActivityState",
    "Attendance",
    "AttendanceState",
    "AttendanceWay",
    "Booking",
    "BookingState",
    "CheckIn",
    "CheckInKind",
    "Comment",
    "Decision",
    "Event",
    "EventKind",
    "EventSeries",
    "EventState",
    "Frequency",
    "Like",
    "Milestone",
    "MilestoneKind",
    "Nth",
    "Post",
    "PostKind",
    "PostQuerySet",
    "PostReview",
    "PostState",
    "Reversal",
    "StreakChoice",
    "StreakItem",
    "StreakItemKind",
    "Weekday",
]
