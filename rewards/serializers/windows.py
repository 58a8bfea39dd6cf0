"""A quarterly window, and requests in it."""

from typing import Any

from rest_framework import serializers

from kit.api import StrictIntegerField, StrictSerializer
from points.serializers import AccountOut, show_account
from rewards.models import Policy, RequestState, Window, WindowRequest, WindowState
from rewards.selectors import ItemShown, WindowShown, as_told
from rewards.services import Filed


class WindowRequestIn(StrictSerializer):
    """The `id` of one of the window's `items`."""

    item = StrictIntegerField(min_value=1)


class WindowOut(serializers.Serializer[Any]):
    """The window of a fiscal quarter. `seed_digest` binds a draw before anybody asks."""

    id = serializers.IntegerField()
    quarter = serializers.CharField()
    state = serializers.ChoiceField(choices=WindowState.choices)
    policy = serializers.ChoiceField(choices=Policy.choices)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    allocate_at = serializers.DateTimeField()
    publish_at = serializers.DateTimeField()
    settle_at = serializers.DateTimeField()
    fulfil_by_at = serializers.DateTimeField()
    seed_digest = serializers.CharField()


class WindowItemOut(serializers.Serializer[Any]):
    """A reward of the window.

    `won` is null before the result is published. `points` is null without a price of the window's
    own: then it is the reward's.
    """

    id = serializers.IntegerField()
    reward = serializers.IntegerField()
    name = serializers.CharField()
    quota = serializers.IntegerField()
    points = serializers.IntegerField(allow_null=True)
    requests = serializers.IntegerField()
    won = serializers.IntegerField(allow_null=True)


class WindowRequestOut(serializers.Serializer[Any]):
    """A request of the member who calls. It is not decided before the result is published."""

    id = serializers.IntegerField()
    item = serializers.IntegerField()
    points = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    rank = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    redemption = serializers.IntegerField(allow_null=True)


class WindowShownOut(WindowOut):
    """A window before the member who calls. `seed` is null before the result is published."""

    most_requests = serializers.IntegerField()
    seed = serializers.CharField(allow_null=True)
    items = WindowItemOut(many=True)
    requests = WindowRequestOut(many=True)


class FiledOut(WindowRequestOut):
    """A request, and what the account holds after it."""

    account = AccountOut()


class WindowResultOut(serializers.Serializer[Any]):
    """The place of a request among those for its item, and whether it won."""

    request = serializers.IntegerField()
    item = serializers.IntegerField()
    rank = serializers.IntegerField()
    won = serializers.BooleanField()


def show_window(window: Window) -> dict[str, Any]:
    """Return a window as lists show it."""
    return {
        "id": window.pk,
        "quarter": window.name,
        "state": window.state,
        "policy": window.policy,
        "opens_at": window.opens_at,
        "closes_at": window.closes_at,
        "allocate_at": window.allocate_at,
        "publish_at": window.publish_at,
        "settle_at": window.settle_at,
        "fulfil_by_at": window.fulfil_by_at,
        "seed_digest": window.seed_digest,
    }


def show_window_to(shown: WindowShown) -> dict[str, Any]:
    """Return a window as the member who calls sees it."""
    window = shown.window
    return {
        **show_window(window),
        "most_requests": window.terms["requests"],
        "seed": shown.seed,
        "items": [_show_item(one, is_revealed=window.is_revealed) for one in shown.items],
        "requests": [show_request(one) for one in shown.own],
    }


def _show_item(shown: ItemShown, *, is_revealed: bool) -> dict[str, Any]:
    item = shown.item
    return {
        "id": item.id,
        "reward": item.reward_id,
        "name": item.reward.name,
        "quota": item.quota,
        "points": item.points,
        "requests": shown.requests,
        "won": shown.won if is_revealed else None,
    }


def show_request(request: WindowRequest) -> dict[str, Any]:
    """Return a request as its member sees it: undecided until everybody may know."""
    is_revealed = request.window.is_revealed
    state, rank = as_told(state=request.state, rank=request.rank, is_revealed=is_revealed)
    return {
        "id": request.id,
        "item": request.item_id,
        "points": request.points,
        "state": state,
        "rank": rank,
        "created_at": request.created_at,
        "redemption": request.redemption_id,
    }


def show_filed(filed: Filed) -> dict[str, Any]:
    """Return a request with what the account holds after it."""
    return {**show_request(filed.request), "account": show_account(filed.account)}


def show_result(request: WindowRequest) -> dict[str, Any]:
    """Return the place of a request, without a word of whose it is."""
    return {
        "request": request.id,
        "item": request.item_id,
        "rank": request.rank,
        "won": request.state == RequestState.WON,
    }
