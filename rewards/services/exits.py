"""The ways out of a redemption: each gives points and stock back, once.

All go the same way: the account first (points are released or refunded), then the redemption, by
an update that names the states it may leave, then codes, and the stock last. Two ways out at once
meet at the account; whoever comes second finds another state there, and is undone whole.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

import points.selectors
import points.services
from kit.jobs import database_now
from kit.transactions import durable
from points.errors import HoldResolved
from rewards.errors import NoSuchRedemption, RedemptionDecided
from rewards.models import OPEN, MoveKind, Redemption, RedemptionState
from rewards.selectors import opened, overdue, redemption
from rewards.services.redeem import Redeemed
from rewards.services.stock import give, note
from rewards.services.vouchers import take_from

CANCELLABLE = (RedemptionState.REQUESTED, RedemptionState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """One way out: to which state, from which, and why."""

    to: RedemptionState
    leaves: tuple[RedemptionState, ...]
    restock: bool = True
    reason: str = ""
    by: int | None = None
    overdue_only: bool = False


@transaction.atomic(savepoint=False)
def cancel(*, id: int, member: int, now: dt.datetime) -> Redeemed:  # noqa: A002 - its name
    """Take a redemption of one's own back, while nobody works on it.

    Raises NoSuchRedemption and RedemptionDecided.
    """
    found = redemption(id=id, member=member)
    left = leave(found, Exit(to=RedemptionState.CANCELLED, leaves=CANCELLABLE), now)
    return Redeemed(opened(redemption=left), points.selectors.account_view(member=member, now=now))


@durable
def reject(*, redemption: int, reason: str, by: int, now: dt.datetime) -> Redemption:
    """Turn a redemption down that is not fulfilled yet.

    Raises NoSuchRedemption and RedemptionDecided.
    """
    out = Exit(to=RedemptionState.REJECTED, leaves=OPEN, reason=reason, by=by)
    return leave(_found(redemption), out, now)


@durable
def take_back(
    *, redemption: int, reason: str, restock: bool, by: int, now: dt.datetime
) -> Redemption:
    """Take a fulfilled redemption back: refund it, and put its pieces back into stock or not.

    Codes that nobody used go back to their pool with the stock, or are voided. Raises
    NoSuchRedemption, RedemptionDecided, and VoucherUsed where used codes were to go back.
    """
    out = Exit(
        to=RedemptionState.RETURNED,
        leaves=(RedemptionState.FULFILLED,),
        restock=restock,
        reason=reason,
        by=by,
    )
    return leave(_found(redemption), out, now)


@transaction.atomic(savepoint=False)
def lapse_next(*, after: int, now: dt.datetime) -> tuple[int, bool] | None:
    """Let the next redemption lapse that waited too long; return its id, and whether it did.

    None if there is none after that id. One that got its address or was claimed meanwhile stays.
    """
    found = overdue(now=now, after=after).first()
    if found is None:
        return None
    out = Exit(to=RedemptionState.LAPSED, leaves=OPEN, overdue_only=True)
    try:
        with transaction.atomic(savepoint=True):
            leave(found, out, now)
    except RedemptionDecided:
        return found.id, False
    return found.id, True


@transaction.atomic(savepoint=False)
def close_redemptions(*, member: int, now: dt.datetime) -> int:
    """Cancel all that the member has not got yet; return how many there were."""
    theirs = Redemption.objects.filter(member=member, state__in=OPEN).order_by("id")
    closed = list(theirs)
    for found in closed:
        leave(found, Exit(to=RedemptionState.CANCELLED, leaves=OPEN), now)
    return len(closed)


def _found(id_: int) -> Redemption:
    found = Redemption.objects.filter(id=id_).first()
    if found is None:
        raise NoSuchRedemption
    return found


def leave(found: Redemption, out: Exit, now: dt.datetime) -> Redemption:
    """Take the way out, within the caller's transaction. Raises what its callers say."""
    _give_points_back(found, out, now)
    moment = database_now()
    restocks = out.restock and found.took_stock
    leaving = Redemption.objects.filter(id=found.id, state__in=out.leaves)
    if out.overdue_only:
        leaving = leaving.filter(waits_until_at__lte=moment)
    left = leaving.update(
        state=out.to,
        reason=out.reason,
        decided_by=out.by,
        ended_at=moment,
        waits_until_at=None,
        points_returned_at=moment,
        stock_returned_at=moment if restocks else None,
    )
    if not left:
        raise _decided(found)
    take_from(redemption=found, free=restocks, reason=out.reason, at=moment)
    found.refresh_from_db()
    if restocks:
        note(
            redemption=found,
            kind=MoveKind.RETURNED,
            change=found.quantity,
            reason=out.reason,
            by_id=out.by,
        )
        give(reward=found.reward_id, pieces=found.quantity)
    return found


def _give_points_back(found: Redemption, out: Exit, now: dt.datetime) -> None:
    """Release or refund; from here on the account is locked."""
    if out.to == RedemptionState.RETURNED or found.is_prepaid:
        if found.state not in out.leaves:
            raise _decided(found)
        if found.is_free:
            points.services.lock_accounts(members=[found.member_id])
            return
        points.services.refund(
            spent=found.spent, reference=f"returned:{found.reference}", reason=out.reason, now=now
        )
        return
    if found.is_instant:  # paid and handed out within its request
        raise _decided(found)
    try:
        with transaction.atomic(savepoint=True):  # to say afterwards what became of it
            points.services.release(reference=found.reference, now=now)
    except HoldResolved as resolved:
        raise _decided(found) from resolved


def _decided(found: Redemption) -> RedemptionDecided:
    state = Redemption.objects.values_list("state", flat=True).get(id=found.id)
    return RedemptionDecided(state=state)
