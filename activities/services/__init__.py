"""What the activities room does."""

from activities.services.check_in_reversal import revoke_check_in
from activities.services.check_ins import check_in, check_in_all, check_in_together
from activities.services.comments import (
    accept_answer,
    delete_comment,
    remove_comment,
    withdraw_answer,
    write_comment,
)
from activities.services.erasure import forget_member
from activities.services.freezes import buy_freeze, choose_freezes, close_days, grant_item
from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.likes import like_post, unlike_post
from activities.services.makeups import make_up
from activities.services.posts import delete_post, edit_post, remove_post, write_post
from activities.services.record import AlreadyRecorded, own_id, record, take_back
from activities.services.reversal import Reversed, reverse_activity
from activities.services.reviews import (
    Overdue,
    claim_posts,
    decide_overdue,
    decide_post,
    feature_post,
    undo_review,
)
from activities.services.together import intake_together

__all__ = [
    "ActivityIn",
    "AlreadyRecorded",
    "ItemResult",
    "Overdue",
    "Refused",
    "Reversed",
    "accept_answer",
    "buy_freeze",
    "check_in",
    "check_in_all",
    "check_in_together",
    "choose_freezes",
    "claim_posts",
    "close_days",
    "decide_overdue",
    "decide_post",
    "delete_comment",
    "delete_post",
    "edit_post",
    "feature_post",
    "forget_member",
    "grant_item",
    "intake",
    "intake_together",
    "like_post",
    "make_up",
    "own_id",
    "record",
    "remove_comment",
    "remove_post",
    "reverse_activity",
    "revoke_check_in",
    "take_back",
    "undo_review",
    "unlike_post",
    "withdraw_answer",
    "write_comment",
    "write_post",
]
