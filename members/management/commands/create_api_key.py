"""`manage.py create_api_key`: a key for another system."""

import argparse
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from members import services
from members.errors import UnknownScope
from members.models import Scope


class Command(BaseCommand):
    """Make an API key and print it, this once, as the last line."""

    help = "Make an API key and print it, this once, as the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, scopes, days."""
        scopes = ", ".join(Scope.values)
        parser.add_argument("name", type=_name, help="who will use the key")
        parser.add_argument(
            "--scopes", required=True, help=f"what it may do, separated by commas: {scopes}"
        )
        parser.add_argument("--days", type=_days, help="when it expires; never if left out")

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Make the key."""
        now = timezone.now()
        days: int | None = options["days"]
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            row, key = services.create_api_key(
                name=options["name"],
                scopes=scopes,
                expires_at=None if days is None else now + dt.timedelta(days=days),
                now=now,
            )
        except UnknownScope as refusal:
            known = ", ".join(Scope.values)
            message = f"{refusal} {options['scopes']!r}; known: {known}"
            raise CommandError(message) from refusal
        self.stdout.write(f"{row}: {', '.join(row.scopes)}; the key is not shown again:")
        self.stdout.write(key)


def _name(text: str) -> str:
    if not text.isprintable() or not 0 < len(text.strip()) <= 100:  # noqa: PLR2004 - the column's
        message = "expected 1 to 100 printable characters"
        raise argparse.ArgumentTypeError(message)
    return text.strip()


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 36_500:  # noqa: PLR2004
        message = "expected a whole number of days, 1 to 36500"
        raise argparse.ArgumentTypeError(message)
    return int(text)
