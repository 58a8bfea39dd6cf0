"""The shapes of the rewards room, in and out."""

from rewards.serializers.catalogue import RewardOut, RewardsQuery, show_offer
from rewards.serializers.redemptions import (
    AddressIn,
    NothingIn,
    RedeemedOut,
    RedeemIn,
    RedemptionDetailOut,
    RedemptionOut,
    show_opened,
    show_redeemed,
    show_redemption,
)
from rewards.serializers.vouchers import VerificationOut, show_verification

__all__ = [
    "AddressIn",
    "NothingIn",
    "RedeemIn",
    "RedeemedOut",
    "RedemptionDetailOut",
    "RedemptionOut",
    "RewardOut",
    "RewardsQuery",
    "VerificationOut",
    "show_offer",
    "show_opened",
    "show_redeemed",
    "show_redemption",
    "show_verification",
]
