"""The composing floor: its commands are found through this app."""

import importlib
from collections.abc import Sequence

from django.apps import AppConfig
from django.contrib.admin import checks as admin_checks
from django.contrib.admin.apps import SimpleAdminConfig
from django.core import checks


class PointsvcConfig(AppConfig):
    """Floor 5."""

    name = "pointsvc"
    default = True

    def ready(self) -> None:
        """Have every process know the broker, so that a view may nudge a task."""
        importlib.import_module("pointsvc.celery")


class PagesConfig(SimpleAdminConfig):
    """Django's admin, whose pages are loaded with the routes.

    They are a third of what there is to load, and workers and most commands show none.
    """

    def ready(self) -> None:
        """Check the pages, loaded first, where Django would check none."""
        checks.register(admin_checks.check_dependencies, checks.Tags.admin)
        checks.register(_check_pages, checks.Tags.admin)


def _check_pages(
    app_configs: Sequence[AppConfig] | None, **options: object
) -> list[checks.CheckMessage]:
    importlib.import_module("pointsvc.urls")
    return list(admin_checks.check_admin_app(app_configs, **options))
