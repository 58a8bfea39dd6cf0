"""`manage.py up`: the whole service on one machine, from an empty folder to an address."""

import contextlib
import fcntl
import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from pointsvc import assets, env
from pointsvc.embedded import server
from pointsvc.embedded.place import EmbeddedServerError
from pointsvc.processes import Processes

READY_WITHIN = 120
AGAIN = 0.2
"""Seconds after which a signal that has not ended anything is raised again."""
# A person watches and waits: say what goes wrong rather than all that goes on, and end soon.
DEFAULTS = {
    "GRACE_SECONDS": "3",
    "LOG_LEVEL": "WARNING",
    "LOG_STYLE": "console",
    # Celery's SIGTERM waits for every task without end; its SIGQUIT waits for GRACE_SECONDS.
    "REMAP_SIGTERM": "SIGQUIT",
    # `migrate` has just checked what each Celery process would check again.
    "CELERY_SKIP_CHECKS": "1",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
}


class Command(BaseCommand):
    """Bring everything up, and take everything down again."""

    help = "Start the database (if DATABASE_URL is not set), web, worker and beat; Ctrl-C ends all."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Run until Ctrl-C, SIGTERM or the end of one process."""
        host, port = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, least=1)
        address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - compared
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, _end)
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        try:
            with _alone(settings.VAR_DIR), _database():
                _check_port(host, port)
                self._run(address, self._prepare(address))
        except EmbeddedServerError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def _prepare(self, address: str) -> str:
        """Make database and files ready; returns what to tell the person."""
        self.stdout.write("Preparing the database …")
        self.stdout.flush()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        assets.build()
        words = [f"API    {address}/api/v1/", f"Docs   {address}/api/docs/"]
        words += [f"Admin  {address}/admin/"]
        if settings.DEMO:
            words += self._demo(address)
        connections.close_all()
        return "\n".join(words)

    def _demo(self, address: str) -> list[str]:
        """Load the demo where nobody is yet; returns the ways into it."""
        from pointsvc import demo, demo_access  # noqa: PLC0415 - half of a start without them

        now = timezone.now()
        if demo_access.nobody_is_here():
            demo.load_demo(now=now, progress=self.stdout.isatty())
        return demo_access.ways_in(address=address, var=settings.VAR_DIR, now=now)

    def _run(self, address: str, words: str) -> None:
        processes = Processes(DEFAULTS | os.environ, cwd=settings.BASE_DIR)
        threading.Thread(target=self._announce, args=(address, words), daemon=True).start()
        try:
            processes.loop()
        finally:
            processes.kill()
        if not processes.was_told_to_stop:
            raise CommandError("A process ended by itself; its last words are above.")

    def _announce(self, address: str, words: str) -> None:
        """Wait for the service to answer, then say where it is."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/healthz/ready", timeout=5).close()  # noqa: S310 - our own address
                self.stdout.write(f"\n{words}\n\nCtrl-C stops everything.\n")
                self.stdout.flush()
                return
            time.sleep(0.1)
        self.stderr.write(f"The service does not answer at {address}/healthz/ready.")
        os.kill(os.getpid(), signal.SIGTERM)


def _end(_signal: int, _frame: FrameType | None) -> None:
    """Unwind, and again in a moment: what is raised while an object is finalized goes nowhere."""
    signal.setitimer(signal.ITIMER_REAL, AGAIN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Hold the folder: two services on one folder would stop each other's database."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(f"The service of {var} is up already.") from error
        yield


@contextlib.contextmanager
def _database() -> Iterator[None]:
    """Run the embedded server, unless there is another one to use."""
    is_ours = not env.text("DATABASE_URL")
    try:
        if is_ours:
            server.start(settings.VAR_DIR)
        yield
    finally:
        # The database ends last, and a second Ctrl-C must not leave it behind.
        for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        connections.close_all()
        if is_ours:
            server.stop(settings.VAR_DIR)


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"{host}:{port}: {error.strerror}"
            raise CommandError(f"{reason}. Choose another port: PORT=8001 make run") from error
