"""The composing floor: its commands are found through this app."""

import importlib

from django.apps import AppConfig


class PointsvcConfig(AppConfig):
    """Floor 5."""

    name = "pointsvc"

    def ready(self) -> None:
        """Have every process know the broker, so that a view may nudge a task."""
        importlib.import_module("pointsvc.celery")
