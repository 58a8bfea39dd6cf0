"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable


def until(is_so: Callable[[], object], seconds: float = 25) -> None:
    """Wait until it is so, and fail if it never is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
