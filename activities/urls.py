"""Routes of the activities room."""

from django.urls import path, register_converter

from activities.converters import ActivityIdConverter
from activities.views import (
    ActivitiesView,
    ActivityView,
    AnswerView,
    AttendancesView,
    BookingView,
    CheckInsView,
    CommentsView,
    CommentView,
    EventsView,
    EventView,
    FreezesView,
    LikeView,
    PostsView,
    PostView,
    ReversalView,
    StreakSettingsView,
)

register_converter(ActivityIdConverter, "activity_id")

urlpatterns = [
    path("activities/", ActivitiesView.as_view()),
    path("activities/<activity_id:id>/", ActivityView.as_view()),
    path("activities/<activity_id:id>/reversal/", ReversalView.as_view()),
    path("check-ins/", CheckInsView.as_view()),
    path("check-ins/settings/", StreakSettingsView.as_view()),
    path("freezes/", FreezesView.as_view()),
    path("posts/", PostsView.as_view()),
    path("posts/<id:id>/", PostView.as_view()),
    path("posts/<id:id>/like/", LikeView.as_view()),
    path("posts/<id:id>/comments/", CommentsView.as_view()),
    path("posts/<id:id>/answer/", AnswerView.as_view()),
    path("comments/<id:id>/", CommentView.as_view()),
    path("events/", EventsView.as_view()),
    path("events/<id:id>/", EventView.as_view()),
    path("events/<id:id>/booking/", BookingView.as_view()),
    path("attendances/", AttendancesView.as_view()),
]
