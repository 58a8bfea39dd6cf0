"""The voting room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    """Floor 3."""

    name = "voting"
    verbose_name = _("Voting")
