"""Running the service's own commands, as a person would."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from tests.waiting import PATIENCE

Manage = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**changes: str) -> dict[str, str]:
    """Return an environment with nothing of the test run's settings but `changes`."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
    return {name: os.environ[name] for name in names if name in os.environ} | changes


@pytest.fixture
def manage() -> Manage:
    """Run `manage.py` to its end: `manage("check", SECRET_KEY="x")`."""

    def run(*words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=environment(**changes),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A var folder of its own, and no trace of it afterwards."""
    folder = (tmp_path / "var").resolve()
    yield folder
    link = folder / "postgres"
    if link.is_symlink():
        shutil.rmtree(link.readlink().parent, ignore_errors=True)


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number: int = probe.getsockname()[1]
    return number


class Service:
    """A running `manage.py up`, with everything it said so far."""

    def __init__(self, var: Path, port: int, **changes: str) -> None:
        self.var = var
        self.address = f"http://127.0.0.1:{port}"
        var.mkdir(parents=True, exist_ok=True)
        self.log = (var.parent / "up.log").open("w+")
        self.process = psutil.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=settings.BASE_DIR,
            env=environment(VAR_DIR=str(var), PORT=str(port), **changes),
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.family: set[psutil.Process] = set()

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
        return text

    def said(self) -> str:
        return Path(self.log.name).read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def end(self, number: int = signal.SIGTERM) -> float:
        """Send the signal and wait for the last process to go; returns the seconds it took."""
        began = time.monotonic()
        self.family = {self.process, *self.process.children(recursive=True)}
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        psutil.wait_procs(self.family, timeout=PATIENCE)
        return time.monotonic() - began

    def left(self) -> list[psutil.Process]:
        """What still runs of this service: of its family, or with its folder in its words."""
        left = {process for process in self.family if process.is_running()}
        digest = str(self.var)
        for process in psutil.process_iter():
            try:
                if digest in " ".join(process.cmdline()) or process.environ().get("VAR_DIR") == str(
                    self.var
                ):
                    left.add(process)
            except psutil.Error:
                continue
        return [process for process in left if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def up(var: Path, port: int) -> Iterator[Callable[..., Service]]:
    """Start `manage.py up` in a var folder and on a port of its own."""
    services: list[Service] = []

    def start(**changes: str) -> Service:
        services.append(Service(var, port, **changes))
        return services[-1]

    yield start
    for service in services:
        if service.process.is_running():
            service.end()
        service.log.close()
