"""Workers and beats as processes of their own, on the test's database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import pytest
from django.conf import settings
from django.db import connection

from tests.jobs.watched import TABLE
from tests.pointsvc.conftest import environment
from tests.waiting import PATIENCE


def database_url() -> str:
    """Return the address of the test's database, for another process."""
    own = connection.settings_dict
    user = f"{quote(own['USER'])}:{quote(own['PASSWORD'])}"
    where = urlencode({"host": own["HOST"], "port": own["PORT"] or "5432"})
    return f"postgresql://{user}@/{quote(own['NAME'])}?{where}"


class Crew:
    """Processes that share a queue folder; each leads a process group, and logs to a file."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.watched = "SLOW"
        self.processes: list[psutil.Popen] = []
        var.mkdir(parents=True)

    def start(self, *words: str) -> psutil.Popen:
        with (self.var / f"{len(self.processes)}.log").open("w") as log:
            process = psutil.Popen(
                [sys.executable, "-m", "celery", "-q", "-A", "pointsvc", *words],
                cwd=settings.BASE_DIR,
                env=environment(
                    DJANGO_SETTINGS_MODULE="tests.jobs.settings",
                    DATABASE_URL=database_url(),
                    VAR_DIR=str(self.var),
                    WATCHED=self.watched,
                    CELERY_SKIP_CHECKS="1",  # as `manage.py up` does
                ),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def worker(self) -> psutil.Popen:
        return self.start("worker", "--concurrency=1", "--without-gossip", "--without-mingle")

    def beat(self) -> psutil.Popen:
        number = len(self.processes)
        return self.start("beat", "--pidfile=", f"--schedule={self.var}/schedule{number}")

    def said(self) -> str:
        return "".join(log.read_text() for log in sorted(self.var.glob("*.log")))

    def end(self) -> None:
        for process in self.processes:
            send(process, signal.SIGKILL)
            process.wait(PATIENCE)


def send(process: psutil.Popen, number: int) -> None:
    """Signal the process and all its children, at once."""
    if process.is_running():
        os.killpg(process.pid, number)


@pytest.fixture
def crew(tmp_path: Path, marks: None) -> Iterator[Crew]:
    """No workers yet. Whoever is started is gone before the tables are emptied."""
    crew = Crew(tmp_path / "var")
    yield crew
    crew.end()


@pytest.fixture
def marks(transactional_db: None) -> Iterator[None]:
    """The table that jobs leave their marks in."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE tests_mark")


def marked(job: str) -> list[tuple[str, int]]:
    """Return the committed units of a job as (period, unit), in the order they were done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT period, unit FROM tests_mark WHERE job = %s ORDER BY id", [job])
        return [(period, unit) for period, unit in cursor.fetchall()]
