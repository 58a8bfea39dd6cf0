"""`manage.py build_assets`: what an image does once, and `up` does when something changed."""

from django.core.management.base import BaseCommand

from pointsvc import assets


class Command(BaseCommand):
    """Collect the static files."""

    help = "Collect the static files, if they are stale."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Collect them."""
        assets.build()
