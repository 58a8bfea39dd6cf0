"""One migrated database that each worker's own begins as a copy of.

Migrating an empty one takes seconds, most of them for Django's own book-keeping of models.
"""

import contextlib
import fcntl
import os
from unittest import mock

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from pointsvc.embedded import address

NAME = "pattern_of_tests"
SERVER = os.environ.get("DATABASE_URL") or address.database_url(settings.VAR_DIR)
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")

SAID_OF_IT = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
DROP = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
CREATE = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME))
SAY = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(NAME), sql.Literal(RUN))


def pattern() -> str:
    """Return the name of this run's pattern: the first worker that asks makes it."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (
        (settings.VAR_DIR / "pattern.lock").open("a") as lock,
        psycopg.connect(SERVER, autocommit=True) as server,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not RUN or server.execute(SAID_OF_IT, [NAME]).fetchone() != (RUN,):
            server.execute(DROP)
            server.execute(CREATE)
            with mock.patch.dict(connection.settings_dict, NAME=NAME):
                call_command("migrate", verbosity=0)
                connection.close()
            server.execute(SAY)
    return NAME


def drop() -> None:
    """Leave nothing on the server, if there is one."""
    with (
        contextlib.suppress(psycopg.OperationalError),
        psycopg.connect(SERVER, autocommit=True) as server,
    ):
        server.execute(DROP)
