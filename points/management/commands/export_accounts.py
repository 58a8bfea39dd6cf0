"""manage.py export_accounts: every member's totals as a CSV file."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from kit.files import replacing
from kit.sheets import write_rows
from points.selectors.accounts import accounts

HEADER = ("external_id", "available", "pending", "held", "debt", "lifetime", "level")


class Command(BaseCommand):
    """Writes a line for each member, without an account too. A formula in a name stays text.

    Lapsed points are not available, swept or not. Memory does not grow with the members.
    """

    help = f"Write every member's totals as a CSV file: {', '.join(HEADER)}."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Name the file."""
        parser.add_argument("file", type=Path, metavar="FILE.csv")

    def handle(self, *_arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Write the file whole, or leave the one that was there."""
        path: Path = options["file"]
        try:
            # The mark at the beginning tells spreadsheets that this is UTF-8.
            with (
                replacing(path) as draft,
                draft.open("w", encoding="utf-8-sig", newline="") as file,
            ):
                count = write_rows(file, _rows()) - 1
        except OSError as error:
            raise CommandError(str(error)) from error
        said = {"file": path, "count": f"{count:,}"}
        self.stdout.write(_("%(file)s: %(count)s accounts") % said)


def _rows() -> Iterator[Sequence[object]]:
    yield HEADER
    for shown in accounts():
        yield (
            shown.external_id,
            shown.available,
            shown.pending,
            shown.held,
            shown.debt,
            shown.lifetime,
            shown.level,
        )
