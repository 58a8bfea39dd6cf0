"""The admin's pages of the activities room."""

from activities.admin.check_ins import CheckInAdmin
from activities.admin.intake import ActivityAdmin, ActivityMemberAdmin
from activities.admin.posts import PostAdmin

__all__ = [
    "ActivityAdmin",
    "ActivityMemberAdmin",
    "CheckInAdmin",
    "PostAdmin",
]
