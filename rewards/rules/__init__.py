"""Plain arithmetic of the rewards room: prices and conditions, sealing, pictures."""

from rewards.rules.eligibility import (
    Standing,
    Terms,
    limit_refusals,
    price_for,
    refusals,
)
from rewards.rules.pictures import Shrunk, shrink
from rewards.rules.vault import Vault, is_code, masked, new_code

__all__ = [
    "Shrunk",
    "Standing",
    "Terms",
    "Vault",
    "is_code",
    "limit_refusals",
    "masked",
    "new_code",
    "price_for",
    "refusals",
    "shrink",
]
