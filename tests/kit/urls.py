"""Routes of tests.kit.views, beside the service's own."""

from django.urls import path

from pointsvc.urls import handler400, handler403, handler404, handler500
from pointsvc.urls import urlpatterns as service
from tests.kit import views

urlpatterns = [
    *service,
    path("api/v1/notes/", views.NoteView.as_view()),
    path("api/v1/long-notes/", views.LongNoteView.as_view()),
    path("api/v1/empty/", views.EmptyView.as_view()),
    path("api/v1/crowd/", views.MembersView.as_view()),
    path("api/v1/things/<id:pk>/", views.IdView.as_view()),
    path("api/v1/names/<identifier:name>/", views.IdView.as_view()),
    path("api/v1/refusals/<kind>/", views.RefusalView.as_view()),
    path("api/v1/forgetful/", views.ForgetfulView.as_view()),
    path("api/v1/effects/", views.EffectView.as_view()),
    path("api/v1/effects/<identifier:name>/", views.EffectView.as_view()),
    path("broken/", views.broken_page),
]

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
