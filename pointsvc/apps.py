"""The composing floor: its commands are found through this app."""

from django.apps import AppConfig


class PointsvcConfig(AppConfig):
    """Floor 5."""

    name = "pointsvc"
