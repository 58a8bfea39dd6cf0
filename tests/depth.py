"""How deep the suite looks where chance decides: THOROUGH=1, as in CI, for all of it."""

import os


def examples(thorough: int) -> int:
    """Return how many examples of data, or rounds of a race, to try: a third, unless thorough."""
    return thorough if os.environ.get("THOROUGH") else -(-thorough // 3)
