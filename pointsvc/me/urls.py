"""Routes of a member's own self."""

from django.urls import path

from pointsvc.me.views import ExportView, MeView

urlpatterns = [
    path("me/", MeView.as_view()),
    path("me/export/", ExportView.as_view()),
]
