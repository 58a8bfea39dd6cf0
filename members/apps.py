"""The members room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """Floor 1."""

    name = "members"
    verbose_name = _("Members")
