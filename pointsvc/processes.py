"""Web, worker and beat as one: started together, ended together."""

import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import Queue
from pathlib import Path
from typing import Any

from honcho.manager import SIGNALS, Manager
from honcho.process import Process

# Seconds that a process has to end by itself.
KILL_AFTER = 5
COMMANDS = {
    "web": "gunicorn -c python:pointsvc.gunicorn_conf pointsvc.wsgi",
    "worker": "celery -q -A pointsvc worker --without-gossip --without-mingle --without-heartbeat",
    "beat": "celery -q -A pointsvc beat --pidfile=",
}


class _Process(Process):  # type: ignore[misc]  # honcho has no types
    """A process that does not outlive `manage.py up`, even when that is killed."""

    def run(self, events: "Queue[Any] | None" = None, ignore_signals: bool = False) -> None:  # noqa: FBT001, FBT002 - honcho's signature
        threading.Thread(target=self._follow, args=(os.getppid(),), daemon=True).start()
        super().run(events, ignore_signals)

    def _follow(self, parent: int) -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.killpg(self._child.pid, signal.SIGTERM)


class _Leaders:
    """Signals the process that was started; that one knows best how to end its children."""

    def terminate(self, pid: int) -> None:
        _signal(os.kill, pid, signal.SIGTERM)

    def kill(self, pid: int) -> None:
        _signal(os.killpg, pid, signal.SIGKILL)


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        send(pid, number)
    except ProcessLookupError:
        return


class Processes(Manager):  # type: ignore[misc]  # honcho has no types
    """The service's processes. `loop()` runs them until one ends or a signal comes."""

    def __init__(self, environment: dict[str, str], *, cwd: Path) -> None:
        super().__init__()
        self._process_ctor = _Process
        self._procmgr = _Leaders()
        for name, command in COMMANDS.items():
            line = f"exec {shlex.quote(sys.executable)} -m {command}"
            self.add_process(name, line, env=environment, cwd=cwd)

    @property
    def was_told_to_stop(self) -> bool:
        """Whether a signal ended the loop, rather than a process that ended by itself."""
        return self.returncode in {signaled["rc"] for signaled in SIGNALS.values()}

    def terminate(self) -> None:
        """End all processes. One that has not begun yet is ended once it has."""
        if self._all_started():
            super().terminate()
            self._later(KILL_AFTER, self.kill)
        else:
            self._later(0.1, self.terminate)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()
