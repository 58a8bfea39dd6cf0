"""Freezes: got, chosen about, and used when a day has closed without a check-in."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

import points.services
from activities.errors import FreezeLimitReached, FreezesNotSold
from activities.models import StreakChoice, StreakItem, StreakItemKind
from activities.services.streaks import give, open_desk, write_frozen
from kit.transactions import durable

MEMBERS_AT_ONCE = 500


@transaction.atomic(savepoint=False)
def buy_freeze(*, member: int, now: dt.datetime | None = None) -> int:
    """Spend points on a freeze; return how many the member holds now.

    Each call buys one: whoever may call twice brings an Idempotency-Key. Raises FreezesNotSold,
    FreezeLimitReached and InsufficientPoints.
    """
    desk = open_desk(members=[member], now=now)
    price = desk.rules.freezes.points
    if price is None:
        raise FreezesNotSold
    theirs = StreakItem.objects.filter(member=member, kind=StreakItemKind.FREEZE)
    number = theirs.filter(source__startswith=_BOUGHT).count() + 1
    source = f"{_BOUGHT}{number}"
    if not give(desk=desk, member=member, kind=StreakItemKind.FREEZE, source=source):
        raise FreezeLimitReached
    if price:
        reference = f"freeze:{member}:{number}"
        points.services.spend(member=member, points=price, reference=reference, now=desk.now)
    return theirs.held().count()


_BOUGHT = "bought:"


@durable
def grant_item(*, member: int, kind: str, source: str, now: dt.datetime | None = None) -> None:
    """Give the member a card or a freeze on an operator's word, once per `source`.

    Raises FreezeLimitReached.
    """
    desk = open_desk(members=[member], now=now)
    if not give(desk=desk, member=member, kind=StreakItemKind(kind), source=f"operator:{source}"):
        raise FreezeLimitReached


@durable
def choose_freezes(*, member: int, uses_freezes: bool, now: dt.datetime | None = None) -> None:
    """Have the member's freezes used by themselves, or not. Counts for days not closed yet."""
    desk = open_desk(members=[member], now=now)
    StreakChoice.objects.update_or_create(
        member_id=member, defaults={"uses_freezes": uses_freezes, "chosen_at": desk.now}
    )


@transaction.atomic(savepoint=False)
def close_days(
    *, until: dt.date, after: int, now: dt.datetime, limit: int = MEMBERS_AT_ONCE
) -> tuple[int, int | None]:
    """Keep with freezes what members missed before the day `until`, `limit` members at most.

    `after` is the last member that was seen to. Returns how many days were frozen, and the last
    member of this call, None when all have been seen to. Doing it again changes nothing.
    """
    holders = _holders(after, limit)
    if not holders:
        return 0, None
    desk = open_desk(members=holders, now=now)
    in_a_row = desk.rules.freezes.in_a_row
    frozen = {
        member: days
        for member, book in desk.books.items()
        if (days := book.freeze(today=min(until, desk.today), in_a_row=in_a_row))
    }
    rows = write_frozen(desk=desk, frozen=frozen) if frozen else []
    return len(rows), holders[-1] if len(holders) == limit else None


def _holders(after: int, limit: int) -> Sequence[int]:
    """Return the next members who hold a freeze, by their ids."""
    held = StreakItem.objects.filter(
        kind=StreakItemKind.FREEZE, used_on=None, taken_back_at=None, member__gt=after
    )
    return list(held.order_by("member").values_list("member", flat=True).distinct()[:limit])
