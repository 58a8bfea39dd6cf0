"""Routes of the points room."""

from django.urls import path, register_converter

from points.converters import BoardConverter
from points.views.accounts import (
    MemberAccountView,
    MemberEntriesView,
    MyAccountView,
    MyEntriesView,
    MyEntryView,
)
from points.views.adjustments import AdjustmentsView
from points.views.leaderboards import LeaderboardView
from points.views.notices import MyNoticesView
from points.views.program import LevelsView, RulesView

register_converter(BoardConverter, "board")

urlpatterns = [
    path("me/account/", MyAccountView.as_view()),
    path("me/entries/", MyEntriesView.as_view()),
    path("me/entries/<id:id>/", MyEntryView.as_view()),
    path("me/notices/", MyNoticesView.as_view()),
    path("members/<identifier:external_id>/account/", MemberAccountView.as_view()),
    path("members/<identifier:external_id>/entries/", MemberEntriesView.as_view()),
    path("adjustments/", AdjustmentsView.as_view()),
    path("rules/", RulesView.as_view()),
    path("levels/", LevelsView.as_view()),
    path("leaderboards/<board:period>/", LeaderboardView.as_view()),
]
