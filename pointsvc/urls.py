"""Every route of the service."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("members.urls")),
]

handler400 = "kit.api.problems.bad_request"
handler403 = "kit.api.problems.permission_denied"
handler404 = "kit.api.problems.page_not_found"
handler500 = "kit.api.problems.server_error"
