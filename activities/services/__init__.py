"""What the activities room does."""

from activities.services.erasure import forget_member
from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.record import AlreadyRecorded, own_id, record, take_back
from activities.services.reversal import Reversed, reverse_activity
from activities.services.together import intake_together

__all__ = [
    "ActivityIn",
    "AlreadyRecorded",
    "ItemResult",
    "Refused",
    "Reversed",
    "forget_member",
    "intake",
    "intake_together",
    "own_id",
    "record",
    "reverse_activity",
    "take_back",
]
