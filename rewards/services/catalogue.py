"""The catalogue as operators and the program file write it."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

import points.selectors
from kit.errors import FieldError, Text
from kit.fields import POINTS_LIMIT
from kit.transactions import durable
from rewards.errors import CodeTaken, NoSuchReward, RewardWrong
from rewards.models import Kind, Price, Reward, Stock
from rewards.models.rewards import HANDED_OVER, MOST_AT_ONCE
from rewards.services.stock import count

SPANS = (
    ("visible_from_at", "visible_until_at"),
    ("redeemable_from_at", "redeemable_until_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardSaid:
    """All that a reward says of itself; see the model for what it means."""

    code: str
    name: str
    kind: str
    points: int
    description: str = ""
    position: int = 0
    is_active: bool = True
    cash: Decimal | None = None
    currency: str = "CNY"
    is_instant: bool = False
    needs_approval: bool = False
    must_be_claimed: bool = False
    visible_from_at: dt.datetime | None = None
    visible_until_at: dt.datetime | None = None
    redeemable_from_at: dt.datetime | None = None
    redeemable_until_at: dt.datetime | None = None
    level: str = ""
    segment: str = ""
    joined_days: int = 0
    most_at_once: int = 1
    limit_day: int | None = None
    limit_quarter: int | None = None
    limit_lifetime: int | None = None
    low_stock: int = 10
    prices: Mapping[str, int] = field(default_factory=dict)
    """By level."""


@durable
def add_reward(*, said: RewardSaid, stock: int | None, by: int | None) -> Reward:
    """Put a new reward into the catalogue, with its first stock; None is without an end.

    Raises RewardWrong with every fault, and CodeTaken.
    """
    return put_reward(said=said, stock=stock, by=by)


@durable
def change_reward(*, reward: int, said: RewardSaid) -> Reward:
    """Make a reward what is said. What was redeemed before keeps its price and terms.

    Raises NoSuchReward, RewardWrong with every fault, and CodeTaken.
    """
    if Reward.objects.filter(code=said.code).exclude(id=reward).exists():
        raise CodeTaken
    return amend_reward(reward=reward, said=said)


@transaction.atomic(savepoint=False)
def put_reward(*, said: RewardSaid, stock: int | None, by: int | None) -> Reward:
    """Put a new reward into the catalogue, as `add_reward` does, within another transaction."""
    if Reward.objects.filter(code=said.code).exists():
        raise CodeTaken
    _check(said, None)
    made = _write(Reward(), said)
    if said.kind == Kind.VOUCHER:  # its stock is its pool
        stock = 0
    Stock.objects.create(reward=made, left=None if stock is None else 0)
    if stock:
        count(reward=made.id, left=stock, reason="", by=by)
    return made


@transaction.atomic(savepoint=False)
def amend_reward(*, reward: int, said: RewardSaid) -> Reward:
    """Make a reward what is said, as `change_reward` does, within another transaction."""
    found = Reward.objects.select_for_update(no_key=True).filter(id=reward).first()
    if found is None:
        raise NoSuchReward
    _check(said, found)
    return _write(found, said)


def _write(row: Reward, said: RewardSaid) -> Reward:
    columns: dict[str, Any] = asdict(said)
    prices = columns.pop("prices")
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    Price.objects.filter(reward=row).exclude(level__in=prices).delete()
    Price.objects.bulk_create(
        [Price(reward=row, level=level, points=price) for level, price in prices.items()],
        update_conflicts=True,
        unique_fields=["reward", "level"],
        update_fields=["points"],
    )
    return row


def _check(said: RewardSaid, before: Reward | None) -> None:
    program = points.selectors.program()
    known = Known({one.code for one in program.levels}, {one.code for one in program.segments})
    found = list(faults(said=said, kind=before.kind if before else None, known=known))
    if found:
        raise RewardWrong(
            str(found[0][2]), errors=[FieldError(name, code, text) for name, code, text in found]
        )


@dataclass(frozen=True, slots=True)
class Known:
    """The codes that a program has."""

    levels: Collection[str]
    segments: Collection[str]


def faults(*, said: RewardSaid, kind: str | None, known: Known) -> Iterator[tuple[str, str, Text]]:
    """Yield field, code and sentence of everything that does not go together.

    `kind` is that of the reward so far, None for a new one.
    """
    if kind not in {None, said.kind}:
        yield "kind", "kind_stays", _("A reward keeps its kind; make another reward instead.")
    if said.kind not in Kind.values:
        yield "kind", "unknown_kind", _("There is no such kind.")
    if not 1 <= said.points <= POINTS_LIMIT:
        yield "points", "out_of_range", _("A price is from 1 to a million million points.")
    if not 1 <= said.most_at_once <= MOST_AT_ONCE:
        yield "most_at_once", "out_of_range", _("One order has from 1 to 100 pieces.")
    yield from _levels(said, known.levels)
    if said.segment and said.segment not in known.segments:
        text = _("There is no segment %(segment)s.") % {"segment": said.segment}
        yield "segment", "unknown_segment", text
    yield from _ways(said)
    for opens, closes in SPANS:
        begins, ends = getattr(said, opens), getattr(said, closes)
        if begins is not None and ends is not None and ends <= begins:
            yield closes, "ends_before_it_begins", _("This ends before it begins.")


def _levels(said: RewardSaid, known: Collection[str]) -> Iterator[tuple[str, str, Text]]:
    if said.level and said.level not in known:
        text = _("There is no level %(level)s.") % {"level": said.level}
        yield "level", "unknown_level", text
    for level, price in said.prices.items():
        if level not in known:
            text = _("There is no level %(level)s.") % {"level": level}
            yield "prices", "unknown_level", text
        if not 1 <= price <= POINTS_LIMIT:
            yield "prices", "out_of_range", _("A price is from 1 to a million million points.")


def _ways(said: RewardSaid) -> Iterator[tuple[str, str, Text]]:
    waits = said.needs_approval or said.must_be_claimed or said.kind == Kind.PHYSICAL
    if said.is_instant and waits:
        text = _("What is handed out at once waits for nobody: no approval, no claim, no parcel.")
        yield "is_instant", "waits_for_somebody", text
    if said.must_be_claimed and said.kind not in HANDED_OVER:
        text = _("Only event passes and services are claimed on the spot.")
        yield "must_be_claimed", "not_handed_over", text
