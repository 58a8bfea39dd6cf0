"""The admin's pages of the activities room."""

from activities.admin.check_ins import (
    CheckInAdmin,
)
from activities.admin.event_pages import (
    AttendanceAdmin,
)
from activities.admin.events import (
    EventAdmin,
    EventSeriesAdmin,
)
from activities.admin.intake import (
    ActivityAdmin,
    ActivityMemberAdmin,
)
from activities.admin.posts import (
    PostAdmin,
)

__all__ = [
    "ActivityAdmin",
    "ActivityMemberAdmin",
    "AttendanceAdmin",
    "CheckInAdmin",
    "EventAdmin",
    "EventSeriesAdmin",
    "PostAdmin",
]
