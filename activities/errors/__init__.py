"""What the activities room refuses."""

from activities.errors.intake import NoSuchActivity, NotReported
from activities.errors.posts import (
    AlreadyPosted,
    NoSuchComment,
    NoSuchPost,
    NotAQuestion,
    OwnPost,
    PostDecided,
    PostIsPublished,
    PostNotPublished,
    ReviewLeaseLost,
    ReviewSuperseded,
    UndoTooLate,
)

__all__ = [
    "AlreadyPosted",
    "NoSuchActivity",
    "NoSuchComment",
    "NoSuchPost",
    "NotAQuestion",
    "NotReported",
    "OwnPost",
    "PostDecided",
    "PostIsPublished",
    "PostNotPublished",
    "ReviewLeaseLost",
    "ReviewSuperseded",
    "UndoTooLate",
]
