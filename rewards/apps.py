"""The rewards room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RewardsConfig(AppConfig):
    """Floor 3."""

    name = "rewards"
    verbose_name = _("Rewards")
