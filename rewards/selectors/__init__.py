"""What the rewards room tells."""

from rewards.selectors.catalogue import (
    IN_ORDER,
    Offer,
    Shopper,
    catalogue,
    levels_reached,
    limits_of,
    offer,
    offers,
    shopper,
    taken,
    terms,
)
from rewards.selectors.kept import kept_of
from rewards.selectors.redemptions import (
    NEWEST_FIRST,
    Opened,
    ShownVoucher,
    address_of,
    badges_of,
    opened,
    overdue,
    redemption,
    redemptions,
    to_fulfil,
)
from rewards.selectors.stock import (
    StockFault,
    StockProof,
    prove_stock,
    running_low,
    with_sold,
)
from rewards.selectors.vault import vault
from rewards.selectors.vouchers import (
    find_vouchers,
    free_codes,
    known_digests,
    masked_code,
    voucher,
)

__all__ = [
    "IN_ORDER",
    "NEWEST_FIRST",
    "Offer",
    "Opened",
    "Shopper",
    "ShownVoucher",
    "StockFault",
    "StockProof",
    "address_of",
    "badges_of",
    "catalogue",
    "find_vouchers",
    "free_codes",
    "kept_of",
    "known_digests",
    "levels_reached",
    "limits_of",
    "masked_code",
    "offer",
    "offers",
    "opened",
    "overdue",
    "prove_stock",
    "redemption",
    "redemptions",
    "running_low",
    "shopper",
    "taken",
    "terms",
    "to_fulfil",
    "vault",
    "voucher",
    "with_sold",
]
