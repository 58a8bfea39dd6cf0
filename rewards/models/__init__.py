"""The tables of the rewards room."""

from rewards.models.draws import Draw, DrawPrize, DrawState, DrawTry
from rewards.models.packets import Packet, PacketShare
from rewards.models.redemptions import (
    ENDED,
    OPEN,
    UNDONE,
    Redemption,
    RedemptionState,
    reference_of,
)
from rewards.models.rewards import Kind, Picture, Price, Reward
from rewards.models.stock import MoveKind, Stock, StockMove
from rewards.models.vouchers import LIVE, Voucher, VoucherState
from rewards.models.windows import (
    DRAWN,
    REVEALED,
    TAKES_REQUESTS,
    WAITING,
    Policy,
    RequestState,
    Window,
    WindowDelay,
    WindowItem,
    WindowRequest,
    WindowState,
)

__all__ = [
    "DRAWN",
    "ENDED",
    "LIVE",
    "OPEN",
    "REVEALED",
    "TAKES_REQUESTS",
    "UNDONE",
    "WAITING",
    "Draw",
    "DrawPrize",
    "DrawState",
    "DrawTry",
    "Kind",
    "MoveKind",
    "Packet",
    "PacketShare",
    "Picture",
    "Policy",
    "Price",
    "Redemption",
    "RedemptionState",
    "RequestState",
    "Reward",
    "Stock",
    "StockMove",
    "Voucher",
    "VoucherState",
    "Window",
    "WindowDelay",
    "WindowItem",
    "WindowRequest",
    "WindowState",
    "reference_of",
]
