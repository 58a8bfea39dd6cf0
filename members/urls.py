"""The members' routes."""

from django.urls import path

from members.views import MemberView, SessionRefreshView, SessionRevokeView, SessionsView

urlpatterns = [
    path("members/<identifier:external_id>/", MemberView.as_view()),
    path("sessions/", SessionsView.as_view()),
    path("sessions/refresh/", SessionRefreshView.as_view()),
    path("sessions/revoke/", SessionRevokeView.as_view()),
]
