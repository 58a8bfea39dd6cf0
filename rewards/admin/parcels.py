"""Parcels that a file of tracking numbers names."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, Text
from kit.pages import Panel
from rewards import services
from rewards.admin.sheets import PARCELS, rows_of

MOST_TOLD = 200
LONGEST = 100
DIGITS = 15


def ship_all(said: dict[str, Any], *, by: int) -> Panel:
    """Ship each redemption of the file, each on its own; tell what was refused, by line.

    A dry run ships nothing, and tells what would be refused. The same file again ships nothing
    twice. Raises UnreadableSheet.
    """
    shipped, wrong = 0, []
    with rows_of(said["file"], columns=PARCELS) as rows:
        for row in rows:
            fault = _fault(row.cells) if not row.errors else row.errors[0].detail
            fault = fault or _ship(row.cells, by, dry_run=said["dry_run"])
            if fault:
                wrong.append((row.line, str(fault)))
            else:
                shipped += 1
    counts = {"shipped": shipped, "wrong": len(wrong)}
    text = _("Good lines: %(shipped)d. Refused: %(wrong)d.") % counts
    headers = (_("line"), _("what is the matter"))
    return Panel(_("What became of the file"), text, headers=headers, rows=wrong[:MOST_TOLD])


def _fault(cells: Any) -> Text:  # a row's cells
    if not (cells["id"].isascii() and cells["id"].isdecimal() and len(cells["id"]) <= DIGITS):
        return _("The id is the number of a redemption.")
    if not cells["carrier"].strip() or len(cells["carrier"]) > LONGEST:
        return _("The carrier is missing, or too long.")
    if not cells["tracking_number"].strip() or len(cells["tracking_number"]) > LONGEST:
        return _("The tracking number is missing, or too long.")
    return ""


def _ship(cells: Any, by: int, *, dry_run: bool) -> Text:  # a row's cells
    try:
        services.ship(
            redemption=int(cells["id"]),
            carrier=cells["carrier"],
            tracking_number=cells["tracking_number"],
            by=by,
            now=timezone.now(),
            dry_run=dry_run,
        )
    except DomainError as refusal:
        return str(refusal)
    return ""
