"""The world that the API is called in."""

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker

from points.selectors import forget_program
from tests.api.world import World, make_world


@pytest.fixture(scope="module")
def _made_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Make a world once for a module, in a transaction around those of its tests."""
    with mock.patch.object(connection, "close"):  # as each test's end would, and the transaction
        with django_db_blocker.unblock():
            around = transaction.atomic()
            around.__enter__()
            # As in Django's own test cases: a durable block may begin within.
            connection.atomic_blocks[-1]._from_testcase = True  # type: ignore[attr-defined]  # private
            forget_program()
            with translation.override("en"):
                made = make_world()
        yield made
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)


@pytest.fixture
def world(_made_once: World, db: None) -> World:
    """Return the module's world, as it was made: what a test does to it is rolled back."""
    return _made_once
