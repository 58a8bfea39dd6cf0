"""The admin's pages of the rewards room."""

from rewards.admin.catalogue import RewardAdmin
from rewards.admin.redemptions import RedemptionAdmin
from rewards.admin.vouchers import VoucherAdmin

__all__ = ["RedemptionAdmin", "RewardAdmin", "VoucherAdmin"]
