"""Redeeming: points set aside or spent, conditions tested under the account's lock, stock last."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction

import points.selectors
import points.services
from kit.jobs import database_now
from kit.transactions import RetryTransaction
from points.selectors import AccountView
from rewards.errors import AddressNotTaken, NoSuchReward, OutOfStock, PriceChanged
from rewards.models import Kind, MoveKind, Redemption, RedemptionState, Reward
from rewards.program_file import RedemptionsSection
from rewards.rules import Terms, limit_refusals, price_for, refusals
from rewards.selectors import (
    Opened,
    Shopper,
    levels_reached,
    opened,
    shopper,
    taken,
    terms,
    vault,
)
from rewards.services.stock import note, take
from rewards.services.vouchers import hand_out_now


class LevelMoved(RetryTransaction):
    """The member reached another level, with another price, before the account was locked."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a member asks for. `expected` are the points in all that the member was shown."""

    reward: int
    quantity: int
    address: Mapping[str, str] | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption as its owner sees it, and what the account holds after it."""

    opened: Opened
    account: AccountView


@transaction.atomic(savepoint=False)
def redeem(*, order: Order, member: int, now: dt.datetime) -> Redeemed:
    """Redeem a reward: hold its points, or spend them if it is handed out at once.

    Lock order: the account, then what the pool gives, then the stock, whose update is the last
    statement. Limits are counted and every "is it still open" is asked with the account locked, by
    the database's clock. Raises NoSuchReward, AddressNotTaken, PriceChanged, InsufficientPoints and
    what `rewards.rules.refusals` yields.
    """
    reward = Reward.objects.visible(now=now).select_related("stock").filter(id=order.reward).first()
    if reward is None:
        raise NoSuchReward
    if order.address is not None and reward.kind != Kind.PHYSICAL:
        raise AddressNotTaken
    asked = terms(reward=reward)
    _glance(asked, reward, order, member, now)
    price, level = _price(asked, member, now)
    if order.expected not in {None, price * order.quantity}:
        raise PriceChanged(points=price * order.quantity)
    made = _made(reward, order, member, price, level)
    _pay(made, now)
    moment = database_now()
    someone = shopper(rewards=[reward], member=member, now=moment)
    if price_for(terms=asked, levels=someone.levels) != (price, level):
        raise LevelMoved
    _refuse(asked, reward, order, someone, moment)
    return _keep(made, reward, someone, asked, moment)


def _glance(asked: Terms, reward: Reward, order: Order, member: int, now: dt.datetime) -> None:
    """Refuse what is plain to see, so that nobody queues for an account or a stock in vain.

    What passes is tested again with the account locked.
    """
    if asked.stock is not None and asked.stock < order.quantity:
        raise OutOfStock(left=asked.stock)
    if asked.limits:
        clock = points.selectors.program(posting=True).clock
        had = taken(rewards=[reward.id], member=member, clock=clock, now=now)
        limits = limit_refusals(
            limits=asked.limits,
            taken=had.get(reward.id, {}),
            quantity=order.quantity,
            clock=clock,
            now=now,
        )
        for reason in limits:
            raise reason


def _price(asked: Terms, member: int, now: dt.datetime) -> tuple[int, str]:
    """Return the price as it seems to be; it is looked at again with the account locked."""
    if not asked.prices:
        return asked.points, ""
    account = points.selectors.account_view(member=member, now=now)
    ladder = points.selectors.program(posting=True).levels
    return price_for(terms=asked, levels=levels_reached(ladder=ladder, lifetime=account.lifetime))


def _made(reward: Reward, order: Order, member: int, price: int, level: str) -> Redemption:
    """Return the redemption with what is frozen in it, not kept yet."""
    address = order.address
    return Redemption(
        token=uuid.uuid4(),
        member_id=member,
        reward=reward,
        kind=reward.kind,
        name=reward.name,
        quantity=order.quantity,
        unit_points=price,
        points=price * order.quantity,
        level=level,
        is_instant=reward.is_instant,
        must_be_claimed=reward.must_be_claimed,
        took_stock=reward.stock.left is not None,
        address=None if address is None else seal_address(address=address),
    )


def seal_address(*, address: Mapping[str, str]) -> bytes:
    """Return an address as it is kept."""
    return vault().seal(json.dumps(dict(address), ensure_ascii=False))


def _pay(made: Redemption, now: dt.datetime) -> None:
    """Hold or spend the points; the account is locked from here on."""
    said: dict[str, Any] = {"member": made.member_id, "points": made.points, "now": now}
    if made.is_instant:
        points.services.spend(reference=made.reference, reason=made.name, **said)
    else:
        points.services.hold(reference=made.reference, **said)


def _refuse(
    asked: Terms, reward: Reward, order: Order, someone: Shopper, moment: dt.datetime
) -> None:
    """Raise the first reason why not, if there is any."""
    reasons = refusals(
        terms=asked,
        standing=someone.standing(reward=reward.id),
        quantity=order.quantity,
        clock=someone.clock,
        now=moment,
    )
    for reason in reasons:
        raise reason


def _keep(
    made: Redemption, reward: Reward, someone: Shopper, asked: Terms, moment: dt.datetime
) -> Redeemed:
    """Write the redemption with what it was given; at the very end, take its stock."""
    made.created_at = moment
    made.terms = _frozen(reward, asked, someone)
    _begin(made, reward, moment)
    made.save(force_insert=True)
    if made.state == RedemptionState.FULFILLED and made.kind != Kind.TITLE:
        hand_out_now(redemption=made, reward=reward, at=moment)
    if made.took_stock:
        note(redemption=made, kind=MoveKind.TAKEN, change=-made.quantity)
    told = Redeemed(opened(redemption=made), someone.account)
    if made.took_stock:
        take(reward=reward.id, pieces=made.quantity)
    return told


def _begin(made: Redemption, reward: Reward, moment: dt.datetime) -> None:
    """Set the state that the redemption begins in."""
    if made.is_instant:
        made.state, made.approved_at, made.fulfilled_at = RedemptionState.FULFILLED, moment, moment
    elif not reward.needs_approval:
        made.state, made.approved_at = RedemptionState.APPROVED, moment
    if made.needs_address:
        made.waits_until_at = moment + claim_time()


def claim_time() -> dt.timedelta:
    """Return how long a redemption waits for its member, as the program in force says it."""
    said = points.selectors.program(posting=True).sections["redemptions"]
    return dt.timedelta(days=cast("RedemptionsSection", said).claim_days)


def _frozen(reward: Reward, asked: Terms, someone: Shopper) -> dict[str, Any]:
    """Return what was asked for and what the member had, as words for JSON."""
    cash = {"amount": str(reward.cash), "currency": reward.currency}
    return {
        "level_needed": asked.level,
        "levels_reached": list(someone.levels),
        "segment_needed": asked.segment,
        "joined_days": asked.joined_days,
        "limits": {period.value: limit for period, limit in asked.limits.items()},
        "cash": None if reward.cash is None else cash,
    }
