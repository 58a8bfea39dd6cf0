"""What every test stands on: a real PostgreSQL, emptied without stumbling over its guards."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from pytest_django import DjangoDbBlocker

from points.selectors import forget_boards, forget_program
from pointsvc.embedded import server
from tests import pattern
from tests.depth import examples
from tests.hands import let_go

# The rows that there is always one of, made by these migrations and lost when a test empties
# the tables.
SINGLETONS = {
    "members.migrations.0002_the_community": "make_community",
    "points.migrations.0002_the_program": "make_program",
}

LONGEST = "test_up.py"
"""Its tests take longest of all."""

# Django's own way empties every table with TRUNCATE, which costs the same for one row as for many,
# and makes all permissions anew: most of the time of a short test.
EMPTY = """
DO $$
DECLARE
  found record;
BEGIN
  FOR found IN
    SELECT c.oid::regclass AS name, pg_relation_size(c.oid) AS size
    FROM pg_class AS c
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
      AND c.relname NOT IN ('auth_permission', 'django_content_type', 'django_migrations')
      AND pg_relation_size(c.oid) > 0
  LOOP
    IF found.size > 1024 * 1024 THEN
      EXECUTE format('TRUNCATE %s CASCADE', found.name);
    ELSE
      EXECUTE format('DELETE FROM %s', found.name);
    END IF;
  END LOOP;
END $$
"""

hypothesis.settings.register_profile("depth", max_examples=examples(100), deadline=None)
hypothesis.settings.load_profile("depth")

started: list[Path] = []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the embedded server, once, before xdist starts its workers."""
    is_worker = hasattr(session.config, "workerinput")
    if is_worker or os.environ.get("DATABASE_URL"):
        return
    if server.start(settings.VAR_DIR, durable=False):
        started.append(settings.VAR_DIR)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each core: some always wait for what they started."""
    return (os.cpu_count() or 1) * 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what starts processes and takes long, so that nobody waits for it at the end."""
    items.sort(
        key=lambda item: (item.get_closest_marker("once") is None, item.path.name != LONGEST)
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this run started; one that ran before keeps running."""
    if not hasattr(config, "workerinput"):
        pattern.drop()
    while started:
        server.stop(started.pop())


@pytest.fixture(scope="session")
def migrated_database(django_db_blocker: DjangoDbBlocker) -> str:
    """Name a migrated database to begin as a copy of."""
    with django_db_blocker.unblock():
        return pattern.pattern()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, migrated_database: str
) -> None:
    """Have each worker's database begin so."""
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated_database


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Leave no thread connected to a database that is going to be dropped."""
    yield django_db_setup
    let_go()


@pytest.fixture(autouse=True)
def _forget_the_program() -> None:
    """The process remembers a program and boards whose rows the last test rolled back."""
    forget_program()
    forget_boards()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Begin each test in English: the language of a request outlives it in its thread."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guards() -> None:
    """Let tests with real transactions empty append-only tables and find the singletons again.

    The ledger's triggers refuse TRUNCATE. As a replica the session fires none of them.
    """

    def teardown(_case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                cursor.execute(EMPTY)
            finally:
                cursor.execute("RESET session_replication_role")
        for module, function in SINGLETONS.items():
            getattr(importlib.import_module(module), function)(apps, None)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]  # private
    # A new connection for each test would read all that a plan needs to know of the tables anew.
    TransactionTestCase._should_reload_connections = lambda _case: False  # type: ignore[attr-defined]  # private
