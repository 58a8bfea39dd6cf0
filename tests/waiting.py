"""Waiting for what other threads and processes do."""

import os
import time
from collections.abc import Callable

PATIENCE = 300.0
"""Seconds until a test gives up on what never comes; nothing but a hang ever takes so long."""


def until(is_so: Callable[[], object]) -> None:
    """Wait until it is so, and fail if it never is."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def busy() -> float:
    """Return how much longer a second lasts on a machine that is busy with other things."""
    return max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
