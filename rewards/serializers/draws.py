"""Lucky draws, and tries at them."""

from typing import Any

from rest_framework import serializers

from points.serializers import AccountOut, show_account
from rewards.models import Draw, DrawPrize, DrawState, DrawTry
from rewards.selectors import DrawShown
from rewards.services import Tried


class DrawOut(serializers.Serializer[Any]):
    """A lucky draw: `points` a try, at most `per_day` by one member.

    `seed_digest` binds what every try will hit before anybody tries.
    """

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=DrawState.choices)
    points = serializers.IntegerField()
    per_day = serializers.IntegerField()
    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    total = serializers.IntegerField()
    seed_digest = serializers.CharField()


class DrawPrizeOut(serializers.Serializer[Any]):
    """A prize, hit by `weight` of the draw's `total`: points, a reward, or with neither nothing.

    Once all `quota` pieces are given, who hits it gets the prize with the code `fallback`. `left`
    is null where there is no quota, or before the draw has begun.
    """

    code = serializers.CharField()
    weight = serializers.IntegerField()
    points = serializers.IntegerField()
    reward = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    quota = serializers.IntegerField(allow_null=True)
    left = serializers.IntegerField(allow_null=True)
    fallback = serializers.CharField(allow_null=True)


class DrawShownOut(DrawOut):
    """A draw before the member who calls. `seed` is null before it has ended."""

    tries = serializers.IntegerField()
    tries_left_today = serializers.IntegerField()
    seed = serializers.CharField(allow_null=True)
    prizes = DrawPrizeOut(many=True)


class DrawTryOut(serializers.Serializer[Any]):
    """A try: what its number hit, and what it gave; another prize where the first was out."""

    number = serializers.IntegerField()
    hit = serializers.CharField()
    prize = serializers.CharField()
    created_at = serializers.DateTimeField()


class OwnTryOut(DrawTryOut):
    """A try of the member who calls, with what it cost and won."""

    points_paid = serializers.IntegerField()
    points_won = serializers.IntegerField()
    redemption = serializers.IntegerField(allow_null=True)


class TriedOut(OwnTryOut):
    """A try, and what the account holds after it."""

    account = AccountOut()


def show_draw(draw: Draw) -> dict[str, Any]:
    """Return a draw as lists show it."""
    return {
        "id": draw.pk,
        "code": draw.code,
        "name": draw.name,
        "state": draw.state,
        "points": draw.points,
        "per_day": draw.per_day,
        "begins_at": draw.begins_at,
        "ends_at": draw.ends_at,
        "total": draw.total,
        "seed_digest": draw.seed_digest,
    }


def show_draw_to(shown: DrawShown) -> dict[str, Any]:
    """Return a draw as the member who calls sees it."""
    return {
        **show_draw(shown.draw),
        "tries": shown.draw.tries,
        "tries_left_today": shown.tries_left,
        "seed": shown.seed,
        "prizes": [_show_prize(one) for one in shown.prizes],
    }


def _show_prize(prize: DrawPrize) -> dict[str, Any]:
    return {
        "code": prize.code,
        "weight": prize.weight,
        "points": prize.points,
        "reward": prize.reward_id,
        "name": prize.reward.name if prize.reward else "",
        "quota": prize.quota,
        "left": None if prize.capacity is None else prize.capacity - prize.given,
        "fallback": prize.fallback.code if prize.fallback else None,
    }


def show_try(tried: DrawTry) -> dict[str, Any]:
    """Return a try without a word of whose it is."""
    return {
        "number": tried.number,
        "hit": tried.hit.code,
        "prize": tried.prize.code,
        "created_at": tried.created_at,
    }


def show_own_try(tried: DrawTry) -> dict[str, Any]:
    """Return a try to the member who made it."""
    return {
        **show_try(tried),
        "points_paid": tried.points,
        "points_won": tried.prize.points,
        "redemption": tried.redemption_id,
    }


def show_tried(tried: Tried) -> dict[str, Any]:
    """Return a try with what the account holds after it."""
    return {**show_own_try(tried.tried), "account": show_account(tried.account)}
