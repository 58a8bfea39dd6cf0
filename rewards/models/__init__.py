"""The tables of the rewards room."""

from rewards.models.redemptions import (
    ENDED,
    OPEN,
    UNDONE,
    Redemption,
    RedemptionState,
)
from rewards.models.rewards import Kind, Picture, Price, Reward
from rewards.models.stock import MoveKind, Stock, StockMove
from rewards.models.vouchers import LIVE, Voucher, VoucherState

__all__ = [
    "ENDED",
    "LIVE",
    "OPEN",
    "UNDONE",
    "Kind",
    "MoveKind",
    "Picture",
    "Price",
    "Redemption",
    "RedemptionState",
    "Reward",
    "Stock",
    "StockMove",
    "Voucher",
    "VoucherState",
]
