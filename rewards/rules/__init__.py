"""Plain arithmetic of the rewards room: prices and conditions, sealing, pictures."""

from rewards.rules.draws import hit, parted
from rewards.rules.eligibility import (
    Standing,
    Terms,
    limit_refusals,
    price_for,
    refusals,
)
from rewards.rules.pictures import Shrunk, shrink
from rewards.rules.vault import Vault, is_code, masked, new_code
from rewards.rules.windows import draw_key, planned_quarters, seed_digest, window_instants

__all__ = [
    "Shrunk",
    "Standing",
    "Terms",
    "Vault",
    "draw_key",
    "hit",
    "is_code",
    "limit_refusals",
    "masked",
    "new_code",
    "parted",
    "planned_quarters",
    "price_for",
    "refusals",
    "seed_digest",
    "shrink",
    "window_instants",
]
