"""The admin's pages of the activities room."""

from activities.admin.intake import ActivityAdmin, ActivityMemberAdmin
from activities.admin.posts import PostAdmin

__all__ = ["ActivityAdmin", "ActivityMemberAdmin", "PostAdmin"]
