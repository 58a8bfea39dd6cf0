"""Codes: picked from a pool or made, written off once, voided and replaced."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.jobs import database_now
from kit.transactions import RetryTransaction, durable
from points.errors import HoldResolved
from rewards.errors import (
    NoSuchVoucher,
    OutOfStock,
    PoolEmpty,
    RedemptionDecided,
    VoucherUsed,
    VoucherVoid,
)
from rewards.models import (
    Kind,
    MoveKind,
    Redemption,
    RedemptionState,
    Reward,
    Voucher,
    VoucherState,
)
from rewards.rules import new_code
from rewards.selectors import vault, voucher
from rewards.services.paying import pay
from rewards.services.stock import note, supply, take


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """A code that was just written off, and the redemption that it belongs to."""

    voucher: Voucher
    redemption: Redemption


class CodeTakenMeanwhile(RetryTransaction):
    """The pool had a code for everybody, but others hold the last ones: start over."""


@transaction.atomic(savepoint=False)
def hand_out(*, redemption: Redemption, at: dt.datetime) -> list[Voucher]:
    """Give a redemption its codes, one for each piece: from the pool, or made for it.

    A code that somebody else is picking is passed over. Raises PoolEmpty.
    """
    wanted = range(1, redemption.quantity + 1)
    if redemption.kind == Kind.VOUCHER:
        return _pick(redemption, wanted, at)
    return _issue(redemption, wanted, at)


def _pick(redemption: Redemption, items: Sequence[int], at: dt.datetime) -> list[Voucher]:
    free = Voucher.objects.filter(reward=redemption.reward_id, state=VoucherState.FREE)
    locked = free.select_for_update(skip_locked=True, no_key=True).order_by("id")
    found = list(locked[: len(items)])
    if len(found) < len(items):
        raise PoolEmpty
    for item, one in zip(items, found, strict=True):
        one.state, one.redemption, one.item = VoucherState.ASSIGNED, redemption, item
        one.assigned_at = at
        one.save(update_fields=["state", "redemption", "item", "assigned_at"])
    return found


def _issue(redemption: Redemption, items: Sequence[int], at: dt.datetime) -> list[Voucher]:
    made = []
    for item in items:
        code = new_code(draw=secrets.randbelow)
        made.append(
            Voucher(
                reward_id=redemption.reward_id,
                sealed=vault().seal(code),
                digest=vault().digest(code),
                state=VoucherState.ASSIGNED,
                redemption=redemption,
                item=item,
                assigned_at=at,
            )
        )
    return Voucher.objects.bulk_create(made)


def hand_out_now(*, redemption: Redemption, reward: Reward, at: dt.datetime) -> list[Voucher]:
    """Do what `hand_out` does, before the stock is taken. Raises OutOfStock.

    Where the stock said that there was enough, others hold the last codes and may put them back:
    the transaction starts over.
    """
    try:
        return hand_out(redemption=redemption, at=at)
    except PoolEmpty as empty:
        if (reward.stock.left or 0) < redemption.quantity:
            raise OutOfStock from empty
        raise CodeTakenMeanwhile from empty


@durable
def write_off(*, code: str, by: str, now: dt.datetime) -> WrittenOff:
    """Write a code off, once; a pass that waited to be claimed is fulfilled by it.

    `by` names the caller. Raises NoSuchVoucher, VoucherVoid, and VoucherUsed with when.
    """
    found = voucher(code=code)
    if found is None or found.redemption is None:
        raise NoSuchVoucher
    if _waits(found.redemption) and found.state == VoucherState.ASSIGNED:
        _claim(found.redemption, now)
    moment = database_now()
    assigned = Voucher.objects.filter(id=found.id, state=VoucherState.ASSIGNED)
    moved = assigned.update(
        state=VoucherState.WRITTEN_OFF, written_off_at=moment, written_off_by=by
    )
    redemption = found.redemption
    found.refresh_from_db(fields=["state", "written_off_at"])
    if not moved:
        raise _refusal(found)
    return WrittenOff(found, redemption)


def _waits(redemption: Redemption) -> bool:
    return redemption.must_be_claimed and redemption.state == RedemptionState.FULFILLING


def _claim(redemption: Redemption, now: dt.datetime) -> None:
    """Pay for the pass with what was held for it. The account is locked first."""
    try:
        pay(redemption=redemption, now=now)
    except HoldResolved as resolved:
        raise VoucherVoid from resolved
    moment = database_now()
    waiting = Redemption.objects.filter(id=redemption.id, state=RedemptionState.FULFILLING)
    in_time = waiting.filter(waits_until_at__gt=moment)
    claimed = in_time.update(
        state=RedemptionState.FULFILLED, fulfilled_at=moment, waits_until_at=None
    )
    # Several passes of one redemption: the first that is shown fulfils it.
    is_fulfilled = Redemption.objects.filter(id=redemption.id, state=RedemptionState.FULFILLED)
    if not claimed and not is_fulfilled.exists():
        raise VoucherVoid


def _refusal(found: Voucher) -> Exception:
    if found.state == VoucherState.WRITTEN_OFF:
        at = cast("dt.datetime", found.written_off_at).isoformat().replace("+00:00", "Z")
        detail = _("This voucher was used at %(at)s.") % {"at": at}
        return VoucherUsed(detail, written_off_at=at)
    return VoucherVoid() if found.state == VoucherState.VOID else NoSuchVoucher()


@durable
def void(*, voucher: int, reason: str, by: int) -> Voucher:
    """Make a code worthless: a free one leaves the pool, one with a member stops working.

    Raises NoSuchVoucher, VoucherUsed and VoucherVoid.
    """
    found = _locked(voucher)
    was_free = found.state == VoucherState.FREE
    _void(found, reason)
    if was_free and found.reward.kind == Kind.VOUCHER:
        supply(reward=found.reward_id, change=-1, reason=reason, by=by)
    return found


@durable
def replace(*, voucher: int, reason: str, by: int) -> Voucher:
    """Void a member's code and give another for it, which is returned.

    Raises NoSuchVoucher, VoucherUsed, VoucherVoid, PoolEmpty, and RedemptionDecided where the
    redemption is over.
    """
    found = _locked(voucher)
    if found.redemption is None or found.item is None:
        raise NoSuchVoucher
    if found.redemption.state not in {RedemptionState.FULFILLED, RedemptionState.FULFILLING}:
        raise RedemptionDecided(state=found.redemption.state)
    redemption, items = found.redemption, [found.item]
    _void(found, reason)
    moment = database_now()
    if redemption.kind != Kind.VOUCHER:
        return _issue(redemption, items, moment)[0]
    [other] = _pick(redemption, items, moment)
    said = {"reason": reason, "by_id": by}
    note(redemption=redemption, kind=MoveKind.REPLACED, change=-1, **said)
    try:
        take(reward=redemption.reward_id, pieces=1)
    except OutOfStock as none_to_spare:  # what is free, others wait for
        raise PoolEmpty from none_to_spare
    return other


def _locked(id_: int) -> Voucher:
    rows = Voucher.objects.select_for_update(no_key=True, of=("self",))
    found = rows.select_related("redemption", "reward").filter(id=id_).first()
    if found is None:
        raise NoSuchVoucher
    if found.state in {VoucherState.WRITTEN_OFF, VoucherState.VOID}:
        raise _refusal(found)
    return found


def _void(found: Voucher, reason: str) -> None:
    found.state, found.reason, found.voided_at = VoucherState.VOID, reason, database_now()
    found.save(update_fields=["state", "reason", "voided_at"])


def take_from(*, redemption: Redemption, free: bool, reason: str, at: dt.datetime) -> None:
    """Take the codes of a redemption that ends: back to their pool if `free`, else void.

    `redemption` is as it was before its end. A whole pool's worth goes back or nothing: raises
    VoucherUsed or VoucherVoid where one of the codes cannot.
    """
    theirs = Voucher.objects.filter(redemption=redemption)
    assigned = theirs.filter(state=VoucherState.ASSIGNED)
    if not free or redemption.kind != Kind.VOUCHER:
        assigned.update(state=VoucherState.VOID, voided_at=at, reason=reason)
        return
    had = redemption.quantity if redemption.state == RedemptionState.FULFILLED else 0
    freed = assigned.update(state=VoucherState.FREE, redemption=None, item=None, assigned_at=None)
    if freed < had:
        is_used = theirs.filter(state=VoucherState.WRITTEN_OFF).exists()
        raise VoucherUsed if is_used else VoucherVoid
