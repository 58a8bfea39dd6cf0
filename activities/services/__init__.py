"""What the activities room does."""

from activities.services.comments import (
    accept_answer,
    delete_comment,
    remove_comment,
    withdraw_answer,
    write_comment,
)
from activities.services.erasure import forget_member
from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.likes import like_post, unlike_post
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
    "claim_posts",
    "decide_overdue",
    "decide_post",
    "delete_comment",
    "delete_post",
    "edit_post",
    "feature_post",
    "forget_member",
    "intake",
    "intake_together",
    "like_post",
    "own_id",
    "record",
    "remove_comment",
    "remove_post",
    "reverse_activity",
    "take_back",
    "undo_review",
    "unlike_post",
    "withdraw_answer",
    "write_comment",
    "write_post",
]
