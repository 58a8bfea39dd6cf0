"""The web servers under load: gunicorn as `manage.py up` starts it, for service and floor."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.stage import ROOT, Stage, StageError

SERVICE = "pointsvc.wsgi"
FLOOR = "benchmarks.bare"
WATCHED = "benchmarks.watched"

PATIENCE = 30.0
"""Seconds that a server has to start, and to end."""


@contextmanager
def serving(
    stage: Stage, application: str, *, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Serve an application on a free port of the loopback interface; yield the port.

    Raises StageError, with the end of the server's log, if it does not start.
    """
    port = _free_port()
    folder = stage.folder / application
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "gunicorn"),
                "-c",
                "python:pointsvc.gunicorn_conf",
                application,
            ],
            cwd=ROOT,
            env=stage.environment
            | {"VAR_DIR": str(folder), "HOST": "127.0.0.1", "PORT": str(port)}
            | {"STATEMENT_TIMEOUT_MS": "5000", "DATABASE_POOL": "10"}
            | dict(environment or {}),
            stdout=output,
            stderr=output,
        )
        try:
            if not _answers(process, port):
                raise StageError(log.read_text("utf-8", "replace")[-2000:])
            yield port
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    return False
