"""`manage.py migrate` may end at any moment, and goes on where it stood."""

from collections.abc import Iterator
from unittest import mock

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql
from pytest_django import DjangoDbBlocker

from tests.pattern import SERVER

Record = tuple[str, str]


@pytest.fixture
def nothing_migrated(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Connect to an empty database, and to none of the other tests'."""
    name = f"{connection.settings_dict['NAME']}_empty"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(SERVER, autocommit=True) as server, django_db_blocker.unblock():
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connection.close()
        with mock.patch.dict(connection.settings_dict, NAME=name):
            yield
            connection.close()
        server.execute(drop)


def outside_of_transactions() -> set[Record]:
    """Return the migrations that build or drop an index while others write."""
    migrations = MigrationLoader(None).disk_migrations.items()
    return {record for record, migration in migrations if not migration.atomic}


def migrate_with_cuts(method: str, cuts: set[Record], *target: str) -> None:
    """Migrate, cut off just before each of these is recorded, until it is done."""
    assert len(cuts) > 1
    record = getattr(MigrationRecorder, method)

    def cut(recorder: MigrationRecorder, app: str, name: str) -> None:
        if (app, name) in cuts:
            cuts.remove((app, name))
            raise KeyboardInterrupt
        record(recorder, app, name)

    with mock.patch.object(MigrationRecorder, method, cut):
        while cuts:
            with pytest.raises(KeyboardInterrupt):
                call_command("migrate", *target, verbosity=0)
        call_command("migrate", *target, verbosity=0)


@pytest.mark.usefixtures("nothing_migrated")
def test_a_migration_is_there_with_its_record_or_can_be_done_again() -> None:
    migrate_with_cuts("record_applied", {("points", "0001_initial"), *outside_of_transactions()})
    call_command("migrate", check_unapplied=True, verbosity=0)
    migrate_with_cuts(
        "record_unapplied",
        {("points", "0012_segments"), ("points", "0011_lots_as_they_lapse")},
        *("points", "0010"),
    )
    call_command("migrate", verbosity=0)
    call_command("migrate", check_unapplied=True, verbosity=0)
