"""What the activities room does."""

from activities.services.check_in_reversal import revoke_check_in
from activities.services.check_ins import check_in, check_in_all, check_in_together
from activities.services.erasure import forget_member
from activities.services.freezes import buy_freeze, choose_freezes, close_days, grant_item
from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.makeups import make_up
from activities.services.record import AlreadyRecorded, own_id, record, take_back
from activities.services.reversal import Reversed, reverse_activity
from activities.services.together import intake_together

__all__ = [
    "ActivityIn",
    "AlreadyRecorded",
    "ItemResult",
    "Refused",
    "Reversed",
    "buy_freeze",
    "check_in",
    "check_in_all",
    "check_in_together",
    "choose_freezes",
    "close_days",
    "forget_member",
    "grant_item",
    "intake",
    "intake_together",
    "make_up",
    "own_id",
    "record",
    "reverse_activity",
    "revoke_check_in",
    "take_back",
]
