"""The database transaction that an outermost service opens."""

import functools
import hashlib
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from kit.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

RETRIES = 3
OVERTAKEN_RETRIES = 10
"""After RetryTransaction: each time somebody else has committed, so it goes forward."""
FIRST_PAUSE = 0.02
"""Seconds. The pause doubles with each of the first retries and is drawn at random below that."""

SERIALIZATION_FAILURE = "40001"
DEADLOCK_DETECTED = "40P01"

_is_part = ContextVar("_is_part", default=False)


class RetryTransaction(Exception):
    """Raised inside a durable function to have it rolled back and run again from the start."""


def durable(function: Callable[P, R]) -> Callable[P, R]:
    """Run the function in a transaction of its own, committed when the call returns.

    Runs the whole function again after a serialization failure or a deadlock, at most three times,
    and after RetryTransaction, at most ten; so the function changes nothing but the database.
    Raises Unavailable when the retries are used up, and RuntimeError when called inside another
    transaction, unless that is `all_or_nothing`.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        retries = 0
        while True:
            try:
                with transaction.atomic(durable=not _is_part.get()):
                    return function(*args, **kwargs)
            except (RetryTransaction, OperationalError) as error:
                if not _is_transient(error):
                    raise
                overtaken = isinstance(error, RetryTransaction)
                if retries >= (OVERTAKEN_RETRIES if overtaken else RETRIES):
                    raise Unavailable from error
            pause = FIRST_PAUSE * 2 ** min(retries, RETRIES)
            time.sleep(random.uniform(0, pause))  # noqa: S311 - jitter
            retries += 1

    return run


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Let the durable functions that are called within be parts of one transaction.

    For who fills an empty database: nobody else gets at a row that any of them has locked.
    """
    token = _is_part.set(True)
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        _is_part.reset(token)


def take_turns(*, name: str) -> None:
    """Wait until nobody else holds the name, and hold it until the transaction ends.

    For what has no row to lock yet. Raises OperationalError after the lock timeout.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(name=name)])


def go_together(*, name: str) -> None:
    """Hold the name with all who go together until the transaction ends.

    Who takes a turn at the name waits for all of them, and keeps later ones waiting. Raises
    OperationalError after the lock timeout.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock_number(name=name)])


def lock_number(*, name: str) -> int:
    """Return the number that PostgreSQL knows the name by, for a statement that locks itself."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _is_transient(error: Exception) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, RetryTransaction) or state in {
        SERIALIZATION_FAILURE,
        DEADLOCK_DETECTED,
    }
