"""Files that operators bring and take away."""

import contextlib
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from kit.sheets import Row, Sheet, write_rows
from rewards import selectors
from rewards.models import Redemption

ORDERS = (
    *("id", "reward", "name", "quantity", "member", "state", "recipient", "phone", "region"),
    *("line", "postal_code", "carrier", "tracking_number", "requested_at"),
)
"""Columns of the orders for the warehouse."""

PARCELS = ("id", "carrier", "tracking_number")
CODES = ("code",)


@contextlib.contextmanager
def rows_of(file: "UploadedFile[Any]", *, columns: Sequence[str]) -> Iterator[Iterable[Row]]:
    """Yield the rows of an uploaded file. Raises UnreadableSheet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        with path.open("wb") as kept:
            for part in file.chunks():
                kept.write(part)
        rows = Sheet.at(path).rows(columns=columns)
        try:
            yield rows
        finally:
            rows.close()


def orders(redemptions: Iterable[Redemption]) -> bytes:
    """Return the orders as CSV, with the mark that spreadsheets look for, and no formula in it."""
    text = io.StringIO()
    write_rows(text, [ORDERS, *map(_order, redemptions)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _order(one: Redemption) -> list[object]:
    address = selectors.address_of(redemption=one) or {}
    parts = ("recipient", "phone", "region", "line", "postal_code")
    return [
        *(one.id, one.reward.code, one.name, one.quantity, one.member.external_id, one.state),
        *(address.get(part, "") for part in parts),
        *(one.carrier, one.tracking_number),
        one.created_at.astimezone(timezone.get_current_timezone()).isoformat(timespec="seconds"),
    ]
