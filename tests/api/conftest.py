"""The world that the API is called in."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.api.world import World, make_world
from tests.worlds import made_around


@pytest.fixture(scope="module")
def _made_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with made_around(make_world, django_db_blocker) as made:
        yield made


@pytest.fixture
def world(_made_once: World, db: None) -> World:
    """Return the module's world, as it was made: what a test does to it is rolled back."""
    return _made_once
