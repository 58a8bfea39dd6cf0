"""From approval to fulfilment: by the sweep where a program can do it, else by an operator.

The sweep takes rows in two strides, so that it never holds a redemption while it waits for an
account. First it claims what is approved, with SKIP LOCKED and nothing else locked: from then on
the member cannot cancel. Then it fulfils what is claimed, one row a transaction, account first.
A worker that dies between the two leaves claimed rows, and the next sweep goes on with them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from kit.jobs import database_now
from kit.transactions import durable
from points.errors import HoldResolved
from rewards.errors import (
    AddressMissing,
    NoSuchRedemption,
    NotShipped,
    PoolEmpty,
    RedemptionDecided,
)
from rewards.models import Kind, Redemption, RedemptionState
from rewards.selectors import to_fulfil
from rewards.services.paying import pay
from rewards.services.redeem import claim_time
from rewards.services.vouchers import hand_out

AT_ONCE = 200
"""Rows that one step claims."""

SHIPPABLE = (RedemptionState.APPROVED, RedemptionState.FULFILLING)


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """What became of one row: done, or left for the next sweep since its pool is empty."""

    id: int
    is_done: bool
    lacks_codes: bool = False


@durable
def approve(*, redemptions: Sequence[int], by: int) -> int:
    """Approve what waits for it among these; return how many there were."""
    waiting = Redemption.objects.filter(id__in=redemptions, state=RedemptionState.REQUESTED)
    return waiting.update(state=RedemptionState.APPROVED, approved_at=database_now(), decided_by=by)


@durable
def pack(*, redemptions: Sequence[int]) -> list[int]:
    """Begin to pack those of these goods that are approved and have an address; return which.

    From here on their member can neither cancel nor change the address.
    """
    ready = Redemption.objects.filter(
        id__in=redemptions,
        kind=Kind.PHYSICAL,
        state=RedemptionState.APPROVED,
        address__isnull=False,
    )
    locked = ready.select_for_update(no_key=True).order_by("id")
    ids = list(locked.values_list("id", flat=True))
    Redemption.objects.filter(id__in=ids).update(state=RedemptionState.FULFILLING)
    return ids


@durable
def ship(
    *,
    redemption: int,
    carrier: str,
    tracking_number: str,
    by: int,
    now: dt.datetime,
    dry_run: bool = False,
) -> None:
    """Fulfil goods that are on their way, and pay for them with what was held.

    What is on its way by that number already stays as it is. A dry run changes nothing, and refuses
    what the real one would. Raises NoSuchRedemption, NotShipped, AddressMissing and
    RedemptionDecided.
    """
    carrier, tracking_number = carrier.strip(), tracking_number.strip()
    if not (carrier and tracking_number):
        raise NotShipped
    found = Redemption.objects.filter(id=redemption, kind=Kind.PHYSICAL).first()
    if found is None:
        raise NoSuchRedemption
    parcel = {"carrier": carrier, "tracking_number": tracking_number}
    is_on_its_way = found.state == RedemptionState.FULFILLED
    if is_on_its_way and all(getattr(found, name) == said for name, said in parcel.items()):
        return
    if found.needs_address:
        raise AddressMissing
    _capture(found, now)
    _finish(found, SHIPPABLE, **parcel, decided_by=by)
    if dry_run:
        transaction.set_rollback(True)


@transaction.atomic(savepoint=False)
def claim_approved() -> int:
    """Claim what is approved and a program can fulfil, some of it; return how many there were.

    What must be claimed on the spot gets its codes now, and waits for its member from now on.
    """
    ready = to_fulfil(after=0).filter(state=RedemptionState.APPROVED)
    found = list(ready.select_for_update(skip_locked=True, no_key=True)[:AT_ONCE])
    ids = [one.id for one in found]
    Redemption.objects.filter(id__in=ids).update(state=RedemptionState.FULFILLING)
    on_the_spot = [one for one in found if one.must_be_claimed]
    if on_the_spot:
        moment = database_now()
        for one in on_the_spot:
            hand_out(redemption=one, at=moment)
        # What a window gave is to be claimed by the day that it is to be fulfilled by.
        waiting = Redemption.objects.filter(
            id__in=[one.id for one in on_the_spot if not one.is_of_a_window]
        )
        waiting.update(waits_until_at=moment + claim_time())
    return len(found)


@transaction.atomic(savepoint=False)
def fulfil_next(*, after: int, now: dt.datetime) -> Fulfilled | None:
    """Fulfil the next claimed redemption after an id; None if there is none.

    One that cannot be fulfilled yet is left as it was.
    """
    claimed = to_fulfil(after=after).filter(state=RedemptionState.FULFILLING)
    found = claimed.first()
    if found is None:
        return None
    try:
        with transaction.atomic(savepoint=True):
            _fulfil(found, now)
    except PoolEmpty:
        return Fulfilled(found.id, is_done=False, lacks_codes=True)
    except RedemptionDecided:  # by an operator, meanwhile
        return Fulfilled(found.id, is_done=False)
    return Fulfilled(found.id, is_done=True)


def _fulfil(found: Redemption, now: dt.datetime) -> None:
    _capture(found, now)
    _finish(found, (RedemptionState.FULFILLING,))
    if found.kind != Kind.TITLE:
        hand_out(redemption=found, at=database_now())


def _capture(found: Redemption, now: dt.datetime) -> None:
    """Pay with what was held; from here on the account is locked."""
    try:
        with transaction.atomic(savepoint=True):  # to say afterwards what became of it
            pay(redemption=found, now=now)
    except HoldResolved as resolved:
        raise _decided(found) from resolved


def _finish(found: Redemption, leaves: Sequence[RedemptionState], **said: object) -> None:
    leaving = Redemption.objects.filter(id=found.id, state__in=leaves)
    moved = leaving.update(
        state=RedemptionState.FULFILLED, fulfilled_at=database_now(), waits_until_at=None, **said
    )
    if not moved:
        raise _decided(found)


def _decided(found: Redemption) -> RedemptionDecided:
    state = Redemption.objects.values_list("state", flat=True).get(id=found.id)
    return RedemptionDecided(state=state)
