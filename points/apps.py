"""The points room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PointsConfig(AppConfig):
    """Floor 2."""

    name = "points"
    verbose_name = _("Points")
