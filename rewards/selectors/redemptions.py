"""What members redeemed: for themselves, for the operators' queue, and for the export."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from rewards.errors import NoSuchRedemption
from rewards.models import LIVE, Kind, Redemption, RedemptionState, Voucher
from rewards.selectors.vault import vault

NEWEST_FIRST = ("-id",)


@dataclass(frozen=True, slots=True)
class ShownVoucher:
    """A code as its owner sees it."""

    code: str
    state: str
    written_off_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A redemption with what only its owner may read."""

    redemption: Redemption
    vouchers: Sequence[ShownVoucher]
    address: Mapping[str, str] | None


def redemptions(*, member: int) -> QuerySet[Redemption]:
    """Return the member's redemptions."""
    return Redemption.objects.filter(member=member).select_related("reward")


def redemption(*, id: int, member: int) -> Redemption:  # noqa: A002 - its name
    """Return one redemption of the member's own. Raises NoSuchRedemption for any other."""
    found = redemptions(member=member).filter(id=id).first()
    if found is None:
        raise NoSuchRedemption
    return found


def opened(*, redemption: Redemption) -> Opened:
    """Return the redemption with its codes and its address, for its owner alone."""
    codes = Voucher.objects.filter(redemption=redemption, state__in=LIVE).order_by("item")
    return Opened(
        redemption,
        [
            ShownVoucher(vault().open(one.sealed), one.state, one.written_off_at)
            for one in (codes if redemption.kind in _WITH_CODES else ())
        ],
        address_of(redemption=redemption),
    )


_WITH_CODES = {Kind.VOUCHER, Kind.EVENT_PASS, Kind.SERVICE}


def address_of(*, redemption: Redemption) -> dict[str, str] | None:
    """Return where the goods go, for their owner and for who sends them."""
    if redemption.address is None:
        return None
    address: dict[str, str] = json.loads(vault().open(redemption.address))
    return address


def badges_of(*, member: int) -> tuple[str, ...]:
    """Return the titles and badges that the member has redeemed, each once, the oldest first."""
    names = Redemption.objects.filter(
        member=member, kind=Kind.TITLE, state=RedemptionState.FULFILLED
    ).order_by("id")
    return tuple(dict.fromkeys(names.values_list("name", flat=True)))


def orders_to_handle() -> int:
    """Return how many redemptions wait for an operator: to be approved, or to be sent."""
    sent_by_hand = Q(kind=Kind.PHYSICAL) & ~Q(address=None)
    todo = Q(state=RedemptionState.REQUESTED) | (
        Q(state__in=(RedemptionState.APPROVED, RedemptionState.FULFILLING)) & sent_by_hand
    )
    return Redemption.objects.filter(todo).count()


def to_fulfil(*, after: int) -> QuerySet[Redemption]:
    """Return what the sweep may fulfil by itself, beginning after an id."""
    ready = Q(state=RedemptionState.APPROVED) | Q(
        state=RedemptionState.FULFILLING, must_be_claimed=False
    )
    found = Redemption.objects.filter(ready, id__gt=after).exclude(kind=Kind.PHYSICAL)
    return found.order_by("id")


def overdue(*, now: dt.datetime, after: int) -> QuerySet[Redemption]:
    """Return what has waited too long for an address or for being claimed."""
    waiting = (RedemptionState.REQUESTED, RedemptionState.APPROVED, RedemptionState.FULFILLING)
    return Redemption.objects.filter(
        state__in=waiting, waits_until_at__lte=now, id__gt=after
    ).order_by("id")
