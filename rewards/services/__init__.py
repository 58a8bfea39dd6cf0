"""What the rewards room does: the only writers of its tables."""

from rewards.services.address import drop_addresses, set_address
from rewards.services.catalogue import RewardSaid, add_reward, change_reward, put_reward
from rewards.services.codes import CodeLine, CodesTaken, import_codes
from rewards.services.erasure import forget_member
from rewards.services.exits import cancel, close_redemptions, lapse_next, reject, take_back
from rewards.services.fulfil import (
    Fulfilled,
    approve,
    claim_approved,
    fulfil_next,
    pack,
    ship,
)
from rewards.services.pictures import add_picture, remove_pictures
from rewards.services.redeem import Order, Redeemed, redeem
from rewards.services.stock import set_stock
from rewards.services.vouchers import WrittenOff, replace, void, write_off

__all__ = [
    "CodeLine",
    "CodesTaken",
    "Fulfilled",
    "Order",
    "Redeemed",
    "RewardSaid",
    "WrittenOff",
    "add_picture",
    "add_reward",
    "approve",
    "cancel",
    "change_reward",
    "claim_approved",
    "close_redemptions",
    "drop_addresses",
    "forget_member",
    "fulfil_next",
    "import_codes",
    "lapse_next",
    "pack",
    "put_reward",
    "redeem",
    "reject",
    "remove_pictures",
    "replace",
    "set_address",
    "set_stock",
    "ship",
    "take_back",
    "void",
    "write_off",
]
