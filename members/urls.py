"""The members' routes."""

from django.urls import path

from members.views import MemberView

urlpatterns = [path("members/<identifier:external_id>/", MemberView.as_view())]
