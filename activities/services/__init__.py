"""What the activities room does."""

from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.reversal import Reversed, reverse_activity

__all__ = ["ActivityIn", "ItemResult", "Refused", "Reversed", "intake", "reverse_activity"]
