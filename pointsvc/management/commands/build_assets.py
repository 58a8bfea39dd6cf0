"""`manage.py build_assets`: what an image does once, and `up` does when something changed."""

from django.core.management.base import BaseCommand

from pointsvc import assets


class Command(BaseCommand):
    """Compile the catalogues and collect the static files."""

    help = "Compile the catalogues and collect the static files, those that are stale."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Build them."""
        assets.build()
