"""The kit: what every room uses and no room owns."""

from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from kit.paths import IdConverter, IdentifierConverter


class KitConfig(AppConfig):
    """Floor 0."""

    name = "kit"
    verbose_name = _("System")

    def ready(self) -> None:
        """Make `<id:…>` and `<identifier:…>` known to every urlconf."""
        register_converter(IdConverter, "id")
        register_converter(IdentifierConverter, "identifier")
