"""Routes of the voting room."""

from django.urls import path

from voting.views.cycles import (
    BallotView,
    CyclesView,
    CycleView,
    NominationsView,
    ResultsView,
    StandingView,
)

urlpatterns = [
    path("cycles/", CyclesView.as_view()),
    path("cycles/<id:id>/", CycleView.as_view()),
    path("cycles/<id:id>/nominations/", NominationsView.as_view()),
    path("cycles/<id:id>/ballot/", BallotView.as_view()),
    path("cycles/<id:id>/results/", ResultsView.as_view()),
    path("me/candidacy/", StandingView.as_view()),
]
