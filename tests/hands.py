"""Threads that do several things at once, and keep their connections from test to test.

A connection's first statements cost twenty times what they cost later: until then it knows nothing
of the tables. Short races would measure that and little else.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import translation

MANY = 64
"""Threads at most, and connections that stay open in all workers of a run together."""

_share = MANY // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_pool = ThreadPoolExecutor(MANY, thread_name_prefix="hand")
_connected: set[BaseDatabaseWrapper] = set()


def together(work: Callable[[], None], *, hands: int) -> None:
    """Run `work` in so many threads, each in English and with an open connection of its own."""
    for done in [_pool.submit(_with_connection, work) for _ in range(hands)]:
        done.result()


def let_go() -> None:
    """Close the connections, before the database goes away."""
    while _connected:
        _connected.pop().close()


def _with_connection(work: Callable[[], None]) -> None:
    own = connections["default"]
    if own.connection is not None and not own.is_usable():
        own.close()
    own.ensure_connection()
    if own not in _connected and len(_connected) < _share:
        own.inc_thread_sharing()  # whoever lets go is another thread
        _connected.add(own)
    try:
        with translation.override("en"):
            work()
    finally:
        if own not in _connected:
            own.close()
