"""The members room."""

import importlib

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """Floor 1."""

    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """Tell drf-spectacular of the room's authentication."""
        importlib.import_module("members.schema")
