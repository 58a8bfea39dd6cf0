"""What the rewards room does: the only writers of its tables."""

from rewards.services.address import drop_addresses, set_address
from rewards.services.catalogue import RewardSaid, add_reward, change_reward, put_reward
from rewards.services.codes import CodeLine, CodesTaken, import_codes
from rewards.services.draws import DrawsLed, Tried, lead_draws, try_draw
from rewards.services.erasure import forget_member, leave_store
from rewards.services.exits import cancel, lapse_next, reject, take_back
from rewards.services.fulfil import (
    Fulfilled,
    approve,
    claim_approved,
    fulfil_next,
    pack,
    ship,
)
from rewards.services.granting import grant, grant_prize, revoke_grant
from rewards.services.listed import PROGRAM_LISTS
from rewards.services.packets import (
    PacketSaid,
    PacketSent,
    ShareTaken,
    end_next_packet,
    give_packet,
    send_packet,
    take_share,
)
from rewards.services.pictures import add_picture, remove_pictures
from rewards.services.redeem import Order, Redeemed, redeem
from rewards.services.stock import set_stock
from rewards.services.vouchers import WrittenOff, replace, void, write_off
from rewards.services.windows import (
    Filed,
    WindowProgress,
    WindowsPlanned,
    approve_window,
    extend_window,
    file_request,
    fund_requests,
    plan_windows,
    take_window_step,
    withdraw_request,
    withdraw_requests,
)

__all__ = [
    "PROGRAM_LISTS",
    "CodeLine",
    "CodesTaken",
    "DrawsLed",
    "Filed",
    "Fulfilled",
    "Order",
    "PacketSaid",
    "PacketSent",
    "Redeemed",
    "RewardSaid",
    "ShareTaken",
    "Tried",
    "WindowProgress",
    "WindowsPlanned",
    "WrittenOff",
    "add_picture",
    "add_reward",
    "approve",
    "approve_window",
    "cancel",
    "change_reward",
    "claim_approved",
    "drop_addresses",
    "end_next_packet",
    "extend_window",
    "file_request",
    "forget_member",
    "fulfil_next",
    "fund_requests",
    "give_packet",
    "grant",
    "grant_prize",
    "import_codes",
    "lapse_next",
    "lead_draws",
    "leave_store",
    "pack",
    "plan_windows",
    "put_reward",
    "redeem",
    "reject",
    "remove_pictures",
    "replace",
    "revoke_grant",
    "send_packet",
    "set_address",
    "set_stock",
    "ship",
    "take_back",
    "take_share",
    "take_window_step",
    "try_draw",
    "void",
    "withdraw_request",
    "withdraw_requests",
    "write_off",
]
