"""What the rewards room keeps of a member, whole."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet

from members.selectors import Kept
from rewards.models import LIVE, Redemption, Voucher
from rewards.selectors.vault import vault

Rows = QuerySet[Any, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class _Opening:
    """Rows whose sealed column is opened as they are read out."""

    rows: Rows
    sealed: str
    shown: str
    read: Callable[[str], object]

    def iterator(self, chunk_size: int) -> Iterator[Mapping[str, object]]:
        for row in self.rows.iterator(chunk_size=chunk_size):
            sealed = cast("bytes | None", row[self.sealed])
            rest = {name: value for name, value in row.items() if name != self.sealed}
            yield {**rest, self.shown: sealed and self.read(vault().open(sealed))}


def kept_of(*, member: int) -> Kept:
    """Return what is kept of the member's redemptions; their codes and addresses come opened."""
    theirs = Redemption.objects.filter(member=member).order_by("id")
    names = (
        *("id", "token", "reward__code", "name", "kind", "quantity", "unit_points", "points"),
        *("level", "terms", "state", "carrier", "tracking_number", "reason", "created_at"),
        *("approved_at", "fulfilled_at", "ended_at", "waits_until_at", "address"),
    )
    codes = Voucher.objects.filter(redemption__member=member, state__in=LIVE).order_by("id")
    held = ("redemption_id", "item", "state", "assigned_at", "written_off_at", "sealed")
    opening = {
        "redemptions": _Opening(theirs.values(*names), "address", "address", json.loads),
        "vouchers": _Opening(codes.values(*held), "sealed", "code", str),
    }
    return {name: cast("Rows", rows) for name, rows in opening.items()}
