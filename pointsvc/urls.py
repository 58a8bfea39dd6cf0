"""Every route of the service; `/healthz/…` and `/metrics` are answered before them."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import activities.urls
import members.schema
import members.urls
import points.urls
import pointsvc.me.urls
import rewards.urls
import voting.urls
from pointsvc import media

admin.autodiscover()

# In one list, the busiest first: a list that is searched in vain costs more than a route.
API = [
    *activities.urls.urlpatterns,
    *points.urls.urlpatterns,
    *rewards.urls.urlpatterns,
    *voting.urls.urlpatterns,
    *members.urls.urlpatterns,
    *pointsvc.me.urls.urlpatterns,
]

urlpatterns = [
    path("api/v1/", include(API)),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path(r"^media/(?P<file>rewards/[0-9a-f]{32}\.webp)$", media.show),
]

handler400 = "kit.api.problems.bad_request"
handler403 = "kit.api.problems.permission_denied"
handler404 = "kit.api.problems.page_not_found"
handler500 = "kit.api.problems.server_error"
