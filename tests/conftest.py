"""What every test stands on: a real PostgreSQL, emptied without stumbling over its guards."""

import importlib
import os
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase

# The rows that there is always one of, made by these migrations and lost when a test empties
# the tables.
SINGLETONS = {
    "members.migrations.0002_the_community": "make_community",
    "points.migrations.0002_the_program": "make_program",
}


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_guards() -> None:
    """Let tests with real transactions empty append-only tables and find the singletons again.

    The ledger's triggers refuse TRUNCATE. As a replica the session fires none of them.
    """
    flush = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        try:
            flush(case)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET session_replication_role")
        for module, function in SINGLETONS.items():
            getattr(importlib.import_module(module), function)(apps, None)

    TransactionTestCase._fixture_teardown = teardown
