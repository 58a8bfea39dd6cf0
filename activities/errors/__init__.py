"""What the activities room refuses."""

from activities.errors.intake import NoSuchActivity, NotReported

__all__ = ["NoSuchActivity", "NotReported"]
