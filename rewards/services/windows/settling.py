"""What a window's winners pay and get, and what the others get back: in one transaction."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F

import points.services
from kit import bulk
from kit.jobs import database_now
from rewards.models import (
    DRAWN,
    MoveKind,
    Redemption,
    RedemptionState,
    RequestState,
    StockMove,
    Window,
    WindowItem,
    WindowRequest,
    reference_of,
)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a part settled, and the id of its last request."""

    won: int
    released: int
    last: int


class Row(NamedTuple):
    """What settling must know of a request."""

    id: int
    token: uuid.UUID
    item: int
    member: int
    points: int
    level: str
    rank: int
    state: str


def settle(*, window: Window, after: int, limit: int, now: dt.datetime) -> Settled | None:
    """Settle the next `limit` requests after an id; None if there are none.

    Each once: with the accounts locked the rows are read again. Winners pay, and their redemptions
    go on by themselves; the points of the others come back. The number of statements does not
    depend on how many there are.
    """
    drawn = WindowRequest.objects.filter(window=window, state__in=DRAWN, settled_at=None)
    part = dict(drawn.filter(id__gt=after).order_by("id").values_list("id", "member")[:limit])
    if not part:
        return None
    points.services.lock_accounts(members=set(part.values()))
    again = drawn.filter(id__gt=after, id__lte=max(part))
    rows = [Row._make(values) for values in again.order_by("id").values_list(*Row._fields)]
    won = [row for row in rows if row.state == RequestState.WON]
    lost = [reference_of(row.token) for row in rows if row.state == RequestState.LOST]
    items = {item.id: item for item in window.items.select_related("reward")}
    paid = {
        reference_of(row.token): f"{items[row.item].reward.name} · {window.name}" for row in won
    }
    points.services.resolve_all(captures=paid, releases=lost, now=now)
    moment = database_now()
    _hand_over(window, items, won, moment)
    again.update(settled_at=moment)
    return Settled(len(won), len(lost), max(part))


def _hand_over(
    window: Window, items: Mapping[int, WindowItem], won: Sequence[Row], moment: dt.datetime
) -> None:
    """Make the redemptions of what was won, and count their pieces off what was set aside."""
    made = [_redemption(window, items[row.item], row, moment) for row in won]
    if not made:
        return
    rows = [list(one.values()) for one in made]
    bulk.insert(Redemption, fields=list(made[0]), rows=rows)
    tokens = [row.token for row in won]
    ids = dict(Redemption.objects.filter(token__in=tokens).values_list("token", "id"))
    bulk.update(
        WindowRequest,
        fields=("redemption", "settled_at"),
        rows=[(row.id, ids[row.token], moment) for row in won],
    )
    _move_stock(window, items, [(items[row.item], ids[row.token]) for row in won])


def _move_stock(
    window: Window,
    items: Mapping[int, WindowItem],
    given: Sequence[tuple[WindowItem, int]],
) -> None:
    """Free what was given out and take it at once: the stock itself does not move."""
    limited = [(item, id_) for item, id_ in given if item.set_aside is not None]
    freed = Counter(item.id for item, _id in limited)
    moves: list[tuple[object, ...]] = [
        (items[id_].reward_id, None, MoveKind.FREED.value, pieces, window.name)
        for id_, pieces in freed.items()
    ]
    taken = MoveKind.TAKEN.value
    moves += [(item.reward_id, id_, taken, -1, "") for item, id_ in limited]
    fields = ("reward", "redemption", "kind", "change", "reason")
    bulk.insert(StockMove, fields=fields, rows=moves)
    for id_, pieces in freed.items():
        WindowItem.objects.filter(id=id_).update(set_aside=F("set_aside") - pieces)


def _redemption(window: Window, item: WindowItem, row: Row, moment: dt.datetime) -> dict[str, Any]:
    """Return the redemption of what was won, by its columns."""
    reward = item.reward
    return {
        "token": row.token,
        "member": row.member,
        "reward": reward.id,
        "kind": reward.kind,
        "name": bulk.sendable(reward.name),
        "quantity": 1,
        "unit_points": row.points,
        "points": row.points,
        "level": row.level,
        "terms": {"window": window.name, "request": row.id, "rank": row.rank},
        "is_instant": False,
        "is_prepaid": True,
        "must_be_claimed": reward.must_be_claimed,
        "took_stock": item.set_aside is not None,
        "state": RedemptionState.APPROVED.value,
        "carrier": "",
        "tracking_number": "",
        "reason": "",
        "created_at": moment,
        "approved_at": moment,
        "waits_until_at": window.fulfil_by_at,
    }
