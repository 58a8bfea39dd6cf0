"""What the rewards room refuses."""

from rewards.errors.catalogue import (
    BadCodes,
    CodeTaken,
    NoSuchReward,
    PictureRefused,
    RewardWrong,
    StockTooLow,
)
from rewards.errors.eligibility import (
    LevelTooLow,
    LimitReached,
    NoLongerRedeemable,
    NotRedeemableYet,
    OutOfStock,
    PriceChanged,
    QuantityTooLarge,
    TooNew,
)
from rewards.errors.redemptions import (
    AddressMissing,
    AddressNotTaken,
    NoSuchRedemption,
    NotShipped,
    RedemptionDecided,
)
from rewards.errors.vouchers import NoSuchVoucher, PoolEmpty, VoucherUsed, VoucherVoid

__all__ = [
    "AddressMissing",
    "AddressNotTaken",
    "BadCodes",
    "CodeTaken",
    "LevelTooLow",
    "LimitReached",
    "NoLongerRedeemable",
    "NoSuchRedemption",
    "NoSuchReward",
    "NoSuchVoucher",
    "NotRedeemableYet",
    "NotShipped",
    "OutOfStock",
    "PictureRefused",
    "PoolEmpty",
    "PriceChanged",
    "QuantityTooLarge",
    "RedemptionDecided",
    "RewardWrong",
    "StockTooLow",
    "TooNew",
    "VoucherUsed",
    "VoucherVoid",
]
