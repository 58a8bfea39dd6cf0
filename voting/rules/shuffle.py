"""The order in which a voter sees the options: another for each voter, the same each time."""

import hashlib
import hmac
from collections.abc import Iterable


def shuffled(*, seed: str, voter: int, options: Iterable[int]) -> list[int]:
    """Return the options in the voter's own order.

    Nobody who does not know the seed can tell it beforehand, so none can wish for a place.
    """
    key = f"{seed}:{voter}".encode()
    return sorted(options, key=lambda option: hmac.digest(key, b"%d" % option, hashlib.sha256))
