"""Routes of the activities room."""

from django.urls import path, register_converter

from activities.converters import ActivityIdConverter
from activities.views import (
    ActivitiesView,
    ActivityView,
    CheckInsView,
    FreezesView,
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
]
