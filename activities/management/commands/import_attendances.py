"""`manage.py import_attendances EVENT FILE.csv`."""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from activities.serializers import LISTED, parse_listed
from activities.services import Listed, ListedResult, attend_by_list, rehearse_list
from kit.errors import FieldError
from kit.imports import ImportCommand, Sent


class Command(ImportCommand[Listed]):
    """Takes the attendance of an event from a list, each member once. Empty cells: in time."""

    help = _("Import who attended an event from a CSV file.")
    columns = LISTED

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Name the event before the file."""
        parser.add_argument("event", type=int, metavar="EVENT", help=_("id of the event"))
        super().add_arguments(parser)

    def handle(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Import the file. Exit 0 unless it cannot be read to its end; bad rows are counted."""
        self.event: int = options["event"]
        super().handle(*arguments, **options)

    def parse(self, cells: Mapping[str, str]) -> Listed | Sequence[FieldError]:
        """Return the attendance that a row tells of."""
        return parse_listed(cells)

    def send(self, items: Sequence[Listed]) -> Sent:
        """Take the attendances."""
        return _sent(attend_by_list(event=self.event, rows=items))

    def rehearse(self, items: Sequence[Listed]) -> Sent:
        """Say which would be taken."""
        return _sent(rehearse_list(event=self.event, rows=items, now=timezone.now()))


def _sent(results: Sequence[ListedResult]) -> Sent:
    counts = Counter(one.status for one in results)
    refused = [(index, [one.error]) for index, one in enumerate(results) if one.error is not None]
    told = {"taken": counts["taken"], "known": counts["known"]}
    return Sent(told, refused, known=counts["known"])
