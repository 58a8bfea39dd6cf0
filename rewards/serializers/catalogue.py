"""The shape of the catalogue."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from kit.api import PageQuery
from kit.errors import DomainError
from rewards.models import Kind, Picture, Reward
from rewards.selectors import Offer


class RewardsQuery(PageQuery):
    """A page of the catalogue, of one kind or of all."""

    kind = serializers.ChoiceField(choices=Kind.choices, required=False)


class PictureOut(serializers.Serializer[Any]):
    """A WebP picture; its address is whole, and what it shows never changes."""

    url = serializers.URLField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class CashOut(serializers.Serializer[Any]):
    """Money that is paid elsewhere beside the points; for reference."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField()


class LevelPriceOut(serializers.Serializer[Any]):
    """The price for who has reached a level."""

    level = serializers.CharField()
    points = serializers.IntegerField()


class LimitsOut(serializers.Serializer[Any]):
    """The most pieces of one order, and of one member in a local day, fiscal quarter, or ever."""

    order = serializers.IntegerField()
    day = serializers.IntegerField(allow_null=True)
    quarter = serializers.IntegerField(allow_null=True)
    lifetime = serializers.IntegerField(allow_null=True)


class ReasonOut(serializers.Serializer[Any]):
    """Why the member may not redeem one piece now: the code that redeeming would answer with.

    `next_at` is when that will be over, where it is known.
    """

    code = serializers.CharField()
    detail = serializers.CharField()
    next_at = serializers.DateTimeField(required=False)


class RewardOut(serializers.Serializer[Any]):
    """A reward as the member who asks may have it.

    `points` is the member's own price of one piece, `base_points` that of members without a price
    of their level. `stock` is null where there is no end to it. `level` is the code of the level
    that is needed, and `segment` that of the members it is for, empty for none; `joined_days` the
    days since joining.
    """

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=Kind.choices)
    pictures = PictureOut(many=True)
    points = serializers.IntegerField()
    base_points = serializers.IntegerField()
    level_prices = LevelPriceOut(many=True)
    cash = CashOut(allow_null=True)
    stock = serializers.IntegerField(allow_null=True)
    is_instant = serializers.BooleanField()
    must_be_claimed = serializers.BooleanField()
    needs_address = serializers.BooleanField()
    limits = LimitsOut()
    level = serializers.CharField(allow_blank=True)
    segment = serializers.CharField(allow_blank=True)
    joined_days = serializers.IntegerField()
    visible_from = serializers.DateTimeField(allow_null=True)
    visible_until = serializers.DateTimeField(allow_null=True)
    redeemable_from = serializers.DateTimeField(allow_null=True)
    redeemable_until = serializers.DateTimeField(allow_null=True)
    eligible = serializers.BooleanField()
    reasons = ReasonOut(many=True)


def show_offer(offer: Offer, address: Callable[[str], str]) -> dict[str, Any]:
    """Return an offer as the API shows it; `address` makes a file's name a whole address."""
    reward = offer.reward
    prices = sorted(reward.prices.all(), key=lambda price: price.id)
    return {
        "id": reward.id,
        "code": reward.code,
        "name": reward.name,
        "description": reward.description,
        "kind": reward.kind,
        "pictures": [_picture(one, address) for one in offer.pictures],
        "points": offer.points,
        "base_points": reward.points,
        "level_prices": [{"level": one.level, "points": one.points} for one in prices],
        "cash": _cash(reward),
        "stock": offer.stock,
        "is_instant": reward.is_instant,
        "must_be_claimed": reward.must_be_claimed,
        "needs_address": reward.kind == Kind.PHYSICAL,
        "limits": {
            "order": reward.most_at_once,
            "day": reward.limit_day,
            "quarter": reward.limit_quarter,
            "lifetime": reward.limit_lifetime,
        },
        "level": reward.level,
        "segment": reward.segment,
        "joined_days": reward.joined_days,
        "visible_from": reward.visible_from_at,
        "visible_until": reward.visible_until_at,
        "redeemable_from": reward.redeemable_from_at,
        "redeemable_until": reward.redeemable_until_at,
        "eligible": not offer.reasons,
        "reasons": [_reason(one) for one in offer.reasons],
    }


def _picture(picture: Picture, address: Callable[[str], str]) -> dict[str, Any]:
    return {"url": address(picture.file), "width": picture.width, "height": picture.height}


def _cash(reward: Reward) -> dict[str, str] | None:
    if reward.cash is None:
        return None
    return {"amount": f"{reward.cash:.2f}", "currency": reward.currency}


def _reason(refusal: DomainError) -> dict[str, Any]:
    told = {"code": refusal.code, "detail": str(refusal)}
    return told | {name: refusal.extra[name] for name in ("next_at",) if name in refusal.extra}
