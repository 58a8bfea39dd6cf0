"""The shapes of redemptions."""

from typing import Any

from rest_framework import serializers

from kit.api import StrictCharField, StrictIntegerField, StrictSerializer
from kit.fields import SAFE_INTEGER
from points.serializers import AccountOut, show_account
from rewards.models import Kind, Redemption, RedemptionState, VoucherState
from rewards.models.rewards import MOST_AT_ONCE
from rewards.selectors import Opened
from rewards.services import Redeemed


class AddressIn(StrictSerializer):
    """Where goods go."""

    recipient = StrictCharField(max_length=100)
    phone = StrictCharField(max_length=40)
    region = StrictCharField(max_length=200)
    line = StrictCharField(max_length=300)
    postal_code = StrictCharField(max_length=20, required=False, allow_blank=True, default="")


class AddressOut(serializers.Serializer[Any]):
    """Where goods go."""

    recipient = serializers.CharField()
    phone = serializers.CharField()
    region = serializers.CharField()
    line = serializers.CharField()
    postal_code = serializers.CharField(allow_blank=True)


class RedeemIn(StrictSerializer):
    """What to redeem. `reward` is its id.

    `address` is for goods, and may come later. `points` is what the caller expects to pay in all:
    where the price has changed meanwhile, nothing is redeemed.
    """

    reward = StrictIntegerField(min_value=1, max_value=SAFE_INTEGER)
    quantity = StrictIntegerField(min_value=1, max_value=MOST_AT_ONCE, default=1)
    address = AddressIn(required=False)
    points = StrictIntegerField(min_value=1, required=False)


class NothingIn(StrictSerializer):
    """An empty object, or no body."""


class RewardNameOut(serializers.Serializer[Any]):
    """A reward, by the name that it had when it was redeemed."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)


class RedemptionOut(serializers.Serializer[Any]):
    """A redemption, without what only its own page shows.

    `waits_until` is when it lapses, unless an address is given or it is claimed before.
    """

    id = serializers.IntegerField()
    reward = RewardNameOut()
    quantity = serializers.IntegerField()
    unit_points = serializers.IntegerField()
    points = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RedemptionState.choices)
    reason = serializers.CharField(allow_blank=True)
    needs_address = serializers.BooleanField()
    cancellable = serializers.BooleanField()
    carrier = serializers.CharField(allow_blank=True)
    tracking_number = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    fulfilled_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    waits_until = serializers.DateTimeField(allow_null=True)


class VoucherOut(serializers.Serializer[Any]):
    """A code of one's own."""

    code = serializers.CharField()
    state = serializers.ChoiceField(choices=VoucherState.choices)
    written_off_at = serializers.DateTimeField(allow_null=True)


class RedemptionDetailOut(RedemptionOut):
    """A redemption with its codes and its address. `voucher` is the first code."""

    voucher = serializers.CharField(allow_null=True)
    vouchers = VoucherOut(many=True)
    address = AddressOut(allow_null=True)


class RedeemedOut(RedemptionDetailOut):
    """A redemption, and the member's account after it."""

    account = AccountOut()


def show_redemption(redemption: Redemption) -> dict[str, Any]:
    """Return a redemption as lists show it."""
    return {
        "id": redemption.id,
        "reward": {
            "id": redemption.reward_id,
            "code": redemption.reward.code,
            "name": redemption.name,
            "kind": redemption.kind,
        },
        "quantity": redemption.quantity,
        "unit_points": redemption.unit_points,
        "points": redemption.points,
        "state": redemption.state,
        "reason": redemption.reason,
        "needs_address": redemption.needs_address,
        "cancellable": redemption.may_be_cancelled,
        "carrier": redemption.carrier,
        "tracking_number": redemption.tracking_number,
        "created_at": redemption.created_at,
        "approved_at": redemption.approved_at,
        "fulfilled_at": redemption.fulfilled_at,
        "ended_at": redemption.ended_at,
        "waits_until": redemption.waits_until_at,
    }


def show_opened(opened: Opened) -> dict[str, Any]:
    """Return a redemption as its owner sees it."""
    codes = [
        {"code": one.code, "state": one.state, "written_off_at": one.written_off_at}
        for one in opened.vouchers
    ]
    return show_redemption(opened.redemption) | {
        "voucher": codes[0]["code"] if codes else None,
        "vouchers": codes,
        "address": opened.address,
    }


def show_redeemed(redeemed: Redeemed) -> dict[str, Any]:
    """Return a redemption as it answers the request that made it."""
    return show_opened(redeemed.opened) | {"account": show_account(redeemed.account)}
