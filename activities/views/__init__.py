"""The routes of what members do."""

from activities.views.check_ins import (
    CheckInsView,
    FreezesView,
    StreakSettingsView,
)
from activities.views.events import (
    AttendancesView,
    BookingView,
    EventsView,
    EventView,
)
from activities.views.intake import (
    ActivitiesView,
    ActivityView,
    ReversalView,
)
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
    "AttendancesView",
    "BookingView",
    "CheckInsView",
    "CommentView",
    "CommentsView",
    "EventView",
    "EventsView",
    "FreezesView",
    "LikeView",
    "PostView",
    "PostsView",
    "ReversalView",
    "StreakSettingsView",
]
