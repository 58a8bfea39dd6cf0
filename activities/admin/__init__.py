"""The admin's pages of the activities room."""

from activities.admin.intake import ActivityAdmin, ActivityMemberAdmin

__all__ = ["ActivityAdmin", "ActivityMemberAdmin"]
