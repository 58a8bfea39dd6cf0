"""What the activities room does."""

from activities.services.erasure import forget_member
from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.reversal import Reversed, reverse_activity
from activities.services.together import intake_together

__all__ = [
    "ActivityIn",
    "ItemResult",
    "Refused",
    "Reversed",
    "forget_member",
    "intake",
    "intake_together",
    "reverse_activity",
]
