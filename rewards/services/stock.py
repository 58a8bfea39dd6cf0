"""What is left of rewards: taken by a conditional update, the last statement of its transaction."""

from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from kit.transactions import durable
from rewards.errors import NoSuchReward, OutOfStock, RewardWrong, StockTooLow
from rewards.models import Kind, MoveKind, Redemption, Reward, Stock, StockMove

MOST_STOCK = 1_000_000_000


def take(*, reward: int, pieces: int) -> None:
    """Take pieces from a limited stock, all or none. Raises OutOfStock.

    Everybody who wants the reward waits here until the transaction ends: call it last.
    """
    # The number is small: a bare one travels as 32 bits, and the sum would wrap.
    enough = Stock.objects.filter(reward=reward, left__gte=pieces)
    if not enough.update(left=F("left") - pieces):
        raise OutOfStock


def give(*, reward: int, pieces: int) -> None:
    """Put pieces back into a stock, if it has an end. Call it last, as `take`."""
    Stock.objects.filter(reward=reward, left__isnull=False).update(left=F("left") + pieces)


def note(*, redemption: Redemption, kind: MoveKind, change: int, **said: Any) -> None:  # noqa: ANN401 - the move's columns
    """Write down why stock moves for a redemption, before it does."""
    StockMove.objects.create(
        reward_id=redemption.reward_id, redemption=redemption, kind=kind, change=change, **said
    )


@transaction.atomic(savepoint=False)
def set_aside(*, reward: int, quota: int, reason: str) -> int | None:
    """Take a quota out of a limited stock, or what there is of it; return the pieces.

    None where there is no end to them.
    """
    stock = Stock.objects.select_for_update(no_key=True).get(reward=reward)
    if stock.left is None:
        return None
    pieces = min(quota, stock.left)
    if pieces:
        StockMove.objects.create(
            reward_id=reward, kind=MoveKind.SET_ASIDE, change=-pieces, reason=reason
        )
        stock.left -= pieces
        stock.save(update_fields=["left"])
    return pieces


@transaction.atomic(savepoint=False)
def free(*, reward: int, pieces: int, reason: str) -> None:
    """Put back what was set aside and not given out. Call it last, as `take`."""
    if pieces:
        StockMove.objects.create(
            reward_id=reward, kind=MoveKind.FREED, change=pieces, reason=reason
        )
        give(reward=reward, pieces=pieces)


@transaction.atomic(savepoint=False)
def supply(*, reward: int, change: int, reason: str, by: int | None) -> None:
    """Add pieces to a limited stock, or take some out (a negative `change`).

    Raises StockTooLow if fewer are left.
    """
    kind = MoveKind.SUPPLIED if change > 0 else MoveKind.WITHDRAWN
    StockMove.objects.create(reward_id=reward, kind=kind, change=change, reason=reason, by_id=by)
    enough = Stock.objects.filter(reward=reward, left__gte=max(-change, 0))
    if not enough.update(left=F("left") + change):
        raise StockTooLow


@durable
def set_stock(*, reward: int, left: int | None, reason: str, by: int) -> None:
    """Make the stock of a reward what an operator counted; None is without an end.

    The stock of voucher codes follows their pool. Raises NoSuchReward and RewardWrong.
    """
    found = Reward.objects.filter(id=reward).first()
    if found is None:
        raise NoSuchReward
    if found.kind == Kind.VOUCHER:
        raise RewardWrong(_("The stock of voucher codes is their pool: import or void codes."))
    count(reward=reward, left=left, reason=reason, by=by)


@transaction.atomic(savepoint=False)
def count(*, reward: int, left: int | None, reason: str, by: int | None) -> None:
    """Set a stock to what was counted, and write down by how much that moves it."""
    if left is not None and not 0 <= left <= MOST_STOCK:
        raise RewardWrong(_("The stock is a whole number up to a thousand million."))
    stock = Stock.objects.select_for_update(no_key=True).get(reward=reward)
    if left is not None:
        moved = StockMove.objects.filter(reward=reward).aggregate(sum=Sum("change"))["sum"] or 0
        if change := left - moved:
            kind = MoveKind.SUPPLIED if change > 0 else MoveKind.WITHDRAWN
            StockMove.objects.create(
                reward_id=reward, kind=kind, change=change, reason=reason, by_id=by
            )
    stock.left = left
    stock.save(update_fields=["left"])
