"""The kit: what every room uses and no room owns."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    """Floor 0."""

    name = "kit"
