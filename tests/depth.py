"""How deep the suite looks with random data: THOROUGH=1, as in CI, for all of it."""

import os


def examples(thorough: int) -> int:
    """Return how many examples to try: a third, unless thorough."""
    return thorough if os.environ.get("THOROUGH") else -(-thorough // 3)
