"""Routes of the activities room."""

from django.urls import path, register_converter

from activities.converters import ActivityIdConverter
from activities.views import ActivitiesView, ActivityView, ReversalView

register_converter(ActivityIdConverter, "activity_id")

urlpatterns = [
    path("activities/", ActivitiesView.as_view()),
    path("activities/<activity_id:id>/", ActivityView.as_view()),
    path("activities/<activity_id:id>/reversal/", ReversalView.as_view()),
]
