"""Every route of the service; `/healthz/…` and `/metrics` are answered before them."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include("pointsvc.me.urls")),
    path("api/v1/", include("members.urls")),
    path("api/v1/", include("points.urls")),
    path("api/v1/", include("activities.urls")),
    path("api/v1/", include("voting.urls")),
]

handler400 = "kit.api.problems.bad_request"
handler403 = "kit.api.problems.permission_denied"
handler404 = "kit.api.problems.page_not_found"
handler500 = "kit.api.problems.server_error"
