"""Giving a reward away: what was won costs nothing, and goes the way of all redemptions."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

import points.services
from kit.jobs import database_now
from rewards.errors import OutOfStock
from rewards.models import (
    ENDED,
    OPEN,
    Kind,
    MoveKind,
    Redemption,
    RedemptionState,
    Reward,
    StockMove,
)
from rewards.services.exits import Exit, leave
from rewards.services.redeem import claim_time
from rewards.services.stock import note, take


@transaction.atomic(savepoint=False)
def grant(
    *,
    reward: Reward,
    member: int,
    terms: Mapping[str, Any],
    takes_stock: bool,
    freed_from: str = "",
) -> Redemption:
    """Give one piece of a reward to a member, whose account the caller has locked.

    `terms` say what it was won with. A piece that `takes_stock` comes out of what `freed_from` has
    set aside, where that is named; else out of the stock, whose update is the last statement.
    Neither a price nor a member's limits count. Raises OutOfStock.
    """
    moment = database_now()
    made = Redemption.objects.create(
        token=uuid.uuid4(),
        member_id=member,
        reward=reward,
        kind=reward.kind,
        name=reward.name,
        quantity=1,
        unit_points=0,
        points=0,
        terms=dict(terms),
        is_prepaid=True,
        must_be_claimed=reward.must_be_claimed,
        took_stock=takes_stock,
        state=RedemptionState.APPROVED,
        created_at=moment,
        approved_at=moment,
        waits_until_at=_waits_until(reward, moment),
    )
    if takes_stock:
        _take_piece(made, freed_from)
    return made


def _waits_until(reward: Reward, moment: dt.datetime) -> dt.datetime | None:
    waits = reward.kind == Kind.PHYSICAL or reward.must_be_claimed
    return moment + claim_time() if waits else None


def _take_piece(made: Redemption, freed_from: str) -> None:
    if freed_from:
        StockMove.objects.create(
            reward_id=made.reward_id, kind=MoveKind.FREED, change=1, reason=freed_from
        )
    note(redemption=made, kind=MoveKind.TAKEN, change=-1)
    if not freed_from:
        take(reward=made.reward_id, pieces=1)


@transaction.atomic(savepoint=False)
def grant_prize(*, reward: str, member: int, terms: Mapping[str, Any]) -> int | None:
    """Give a piece of the reward with this code, and return its redemption.

    None where there is no such reward, or none left. Call it last: stocks are locked after all
    accounts.
    """
    found = Reward.objects.select_related("stock").filter(code=reward).first()
    if found is None:
        return None
    limited = found.stock.left is not None
    points.services.lock_accounts(members=[member])
    try:
        with transaction.atomic(savepoint=True):
            return grant(reward=found, member=member, terms=terms, takes_stock=limited).id
    except OutOfStock:
        return None


@transaction.atomic(savepoint=False)
def revoke_grant(*, redemption: int, reason: str, by: int, now: dt.datetime) -> None:
    """Take back what was given: a piece that was handed out does not return to the stock.

    Codes that nobody used stop working. What has ended already stays as it is. Raises
    RedemptionDecided where it moves on at this moment.
    """
    found = Redemption.objects.get(id=redemption)
    points.services.lock_accounts(members=[found.member_id])
    found.refresh_from_db()
    if found.state in ENDED:
        return
    out = (
        Exit(to=RedemptionState.REJECTED, leaves=OPEN, reason=reason, by=by)
        if found.state in OPEN
        else Exit(
            to=RedemptionState.RETURNED,
            leaves=(RedemptionState.FULFILLED,),
            restock=False,
            reason=reason,
            by=by,
        )
    )
    leave(found, out, now)
