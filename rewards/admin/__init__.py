"""The admin's pages of the rewards room."""

from rewards.admin.catalogue import RewardAdmin
from rewards.admin.draws import DrawAdmin, DrawTryAdmin, PacketAdmin
from rewards.admin.redemptions import RedemptionAdmin
from rewards.admin.vouchers import VoucherAdmin
from rewards.admin.windows import WindowAdmin, WindowRequestAdmin

__all__ = [
    "DrawAdmin",
    "DrawTryAdmin",
    "PacketAdmin",
    "RedemptionAdmin",
    "RewardAdmin",
    "VoucherAdmin",
    "WindowAdmin",
    "WindowRequestAdmin",
]
