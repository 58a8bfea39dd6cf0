"""The routes of what members do."""

from activities.views.intake import ActivitiesView, ActivityView, ReversalView
from activities.views.posts import (
    AnswerView,
    CommentsView,
    CommentView,
    LikeView,
    PostsView,
    PostView,
)

__all__ = [
    "ActivitiesView",
    "ActivityView",
    "AnswerView",
    "CommentView",
    "CommentsView",
    "LikeView",
    "PostView",
    "PostsView",
    "ReversalView",
]
