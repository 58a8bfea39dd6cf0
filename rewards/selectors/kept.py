"""What the rewards room keeps of a member, whole."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import QuerySet

from members.selectors import Kept
from rewards.models import (
    LIVE,
    REVEALED,
    DrawTry,
    Packet,
    PacketShare,
    Redemption,
    Voucher,
    WindowRequest,
)
from rewards.selectors.vault import vault
from rewards.selectors.windows import as_told

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


@dataclass(frozen=True, slots=True)
class _Undecided:
    """Requests as their member sees them: undecided until everybody may know."""

    rows: Rows

    def iterator(self, chunk_size: int) -> Iterator[Mapping[str, object]]:
        for row in self.rows.iterator(chunk_size=chunk_size):
            state, rank = as_told(
                state=cast("str", row["state"]),
                rank=cast("int | None", row["rank"]),
                is_revealed=row["window__state"] in REVEALED,
            )
            yield {**row, "state": state, "rank": rank}


def kept_of(*, member: int) -> Kept:
    """Return what is kept of what the member redeemed, asks for, tried, gave and took.

    Codes and addresses come opened.
    """
    theirs = Redemption.objects.filter(member=member).order_by("id")
    names = (
        *("id", "token", "reward__code", "name", "kind", "quantity", "unit_points", "points"),
        *("level", "terms", "state", "carrier", "tracking_number", "reason", "created_at"),
        *("approved_at", "fulfilled_at", "ended_at", "waits_until_at", "address"),
    )
    codes = Voucher.objects.filter(redemption__member=member, state__in=LIVE).order_by("id")
    held = ("redemption_id", "item", "state", "assigned_at", "written_off_at", "sealed")
    wishes = WindowRequest.objects.filter(member=member).order_by("id")
    asked = (
        *("id", "window__name", "window__state", "item__reward__code", "points", "level", "state"),
        *("rank", "created_at", "held_at", "settled_at", "redemption_id"),
    )
    tries = DrawTry.objects.filter(member=member).order_by("id")
    tried = ("draw__code", "number", "points", "hit__code", "prize__code", "created_at")
    sent = Packet.objects.filter(sender=member).order_by("id")
    gave = ("id", "greeting", "points", "shares", "returned", "created_at", "ends_at", "ended_at")
    shares = PacketShare.objects.filter(member=member).order_by("taken_at")
    opening: dict[str, object] = {
        "redemptions": _Opening(theirs.values(*names), "address", "address", json.loads),
        "vouchers": _Opening(codes.values(*held), "sealed", "code", str),
        "window_requests": _Undecided(wishes.values(*asked)),
        "draw_tries": tries.values(*tried, "redemption_id"),
        "red_packets": sent.values(*gave),
        "red_packet_shares": shares.values("packet_id", "points", "taken_at"),
    }
    return {name: cast("Rows", rows) for name, rows in opening.items()}
