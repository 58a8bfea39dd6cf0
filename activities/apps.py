"""The activities room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    """Floor 3."""

    name = "activities"
    verbose_name = _("Activities")
