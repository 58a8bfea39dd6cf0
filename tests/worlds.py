"""Worlds that are made once for a module, and found by each of its tests as they were made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker

from points.selectors import forget_boards, forget_program

T = TypeVar("T")


def once_a_module(make: Callable[[], T]) -> Any:
    """Return an autouse fixture that makes a world in a transaction around those of the tests.

    Each test rolls back what it did to it, so none of them may commit (`transaction=True`).
    """

    @pytest.fixture(scope="module", autouse=True)
    def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[T]:
        with made_around(make, django_db_blocker) as made:
            yield made

    return world


@contextmanager
def made_around(make: Callable[[], T], blocker: DjangoDbBlocker) -> Iterator[T]:
    """Make something within a transaction that is taken back at the end."""
    with mock.patch.object(connection, "close"):  # as each test's end would, and the transaction
        with blocker.unblock():
            around = transaction.atomic()
            around.__enter__()
            # As in Django's own test cases: a durable block may begin within.
            connection.atomic_blocks[-1]._from_testcase = True  # type: ignore[attr-defined]  # private
            forget_program()
            forget_boards()
            with translation.override("en"):
                made = make()
        yield made
        with blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
