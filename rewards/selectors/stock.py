"""Proof that what is left is what came and went, and what the operators see of it."""

from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from rewards.models import (
    ENDED,
    OPEN,
    DrawPrize,
    Kind,
    MoveKind,
    Redemption,
    Reward,
    Stock,
    StockMove,
    Voucher,
    VoucherState,
    WindowItem,
)


@dataclass(frozen=True, slots=True)
class StockFault:
    """A reward whose pieces do not add up."""

    check: str
    reward: str
    kept: int
    computed: int


@dataclass(frozen=True, slots=True)
class StockProof:
    """What was looked at, and what does not add up."""

    rewards: int
    moves: int
    faults: tuple[StockFault, ...]


def prove_stock() -> StockProof:
    """Add up the moves of every limited stock, the pieces of its redemptions, and its codes."""
    limited = Stock.objects.exclude(left=None)
    return StockProof(
        rewards=limited.count(),
        moves=StockMove.objects.count(),
        faults=(*_left(limited), *_taken(limited), *_pools(limited)),
    )


def _left(limited: QuerySet[Stock]) -> list[StockFault]:
    moved = StockMove.objects.filter(reward=OuterRef("reward")).order_by().values("reward")
    sums = Coalesce(Subquery(moved.annotate(sum=Sum("change")).values("sum")), 0)
    wrong = limited.annotate(sum=sums).exclude(sum=F("left"))
    rows = wrong.values_list("reward__code", "left", "sum")
    return [StockFault("stock_left", code, left or 0, total) for code, left, total in rows]


def _taken(limited: QuerySet[Stock]) -> list[StockFault]:
    """Pieces that redemptions hold or have had, against the moves made for them."""
    theirs = Redemption.objects.filter(reward=OuterRef("reward"), took_stock=True)
    theirs = theirs.exclude(state__in=ENDED, stock_returned_at__isnull=False)
    pieces = theirs.order_by().values("reward").annotate(sum=Sum("quantity")).values("sum")
    moves = StockMove.objects.filter(
        reward=OuterRef("reward"), kind__in=(MoveKind.TAKEN, MoveKind.RETURNED)
    )
    moved = moves.order_by().values("reward").annotate(sum=Sum("change")).values("sum")
    wrong = limited.annotate(
        pieces=Coalesce(Subquery(pieces), 0), gone=-1 * Coalesce(Subquery(moved), 0)
    ).exclude(pieces=F("gone"))
    rows = wrong.values_list("reward__code", "gone", "pieces")
    return [StockFault("stock_taken", code, gone, pieces) for code, gone, pieces in rows]


def _pools(limited: QuerySet[Stock]) -> list[StockFault]:
    """Free codes, against the pieces left, set aside, and those that redemptions wait for."""
    pools = limited.filter(reward__kind=Kind.VOUCHER)
    free = Voucher.objects.filter(reward=OuterRef("reward"), state=VoucherState.FREE)
    count = free.order_by().values("reward").annotate(n=Count("id")).values("n")
    open_ = Redemption.objects.filter(reward=OuterRef("reward"), state__in=OPEN)
    waited = open_.order_by().values("reward").annotate(sum=Sum("quantity")).values("sum")
    windows, draws = (
        rows.filter(reward=OuterRef("reward")).order_by().values("reward")
        for rows in (WindowItem.objects, DrawPrize.objects)
    )
    wrong = pools.annotate(
        free=Coalesce(Subquery(count), 0),
        due=F("left")
        + Coalesce(Subquery(waited), 0)
        + Coalesce(Subquery(windows.annotate(sum=Sum("set_aside")).values("sum")), 0)
        + Coalesce(Subquery(draws.annotate(sum=Sum("set_aside")).values("sum")), 0),
    ).exclude(free=F("due"))
    rows = wrong.values_list("reward__code", "free", "due")
    return [StockFault("codes_free", code, free, due) for code, free, due in rows]


def with_sold(*, rewards: QuerySet[Reward]) -> QuerySet[Reward]:
    """Return the rewards with the pieces that members have or wait for, as `sold`."""
    theirs = Redemption.objects.counted().filter(reward=OuterRef("pk")).order_by()
    pieces = theirs.values("reward").annotate(sum=Sum("quantity")).values("sum")
    return rewards.select_related("stock").annotate(sold=Coalesce(Subquery(pieces), 0))


def running_low(*, among: QuerySet[Reward]) -> QuerySet[Reward]:
    """Return those that are offered and of which fewer are left than they say is little."""
    return among.filter(stock__left__lt=F("low_stock"), is_active=True)


def rewards_running_low() -> int:
    """Return how many rewards somebody should see to before they are gone."""
    return running_low(among=Reward.objects.all()).count()


def latest_moves(*, reward: int, limit: int = 10) -> list[StockMove]:
    """Return how a stock moved last, newest first."""
    return list(StockMove.objects.filter(reward=reward).order_by("-id")[:limit])
