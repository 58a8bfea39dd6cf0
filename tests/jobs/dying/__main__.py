"""Workers that are killed at every step of KILLED_JOB: right before it is kept, and right after.

Each is a fork of this process, with a connection of its own. Prints how many were killed.
"""

import os
import signal
import sys
from typing import Any

import django

django.setup()

# Django's registry is ready by now, and not before.
from django.db import connection  # noqa: E402 - see above
from django.db.models.functions import Now  # noqa: E402

from kit import jobs  # noqa: E402
from kit.jobs import runs  # noqa: E402
from kit.jobs.plan import timetable  # noqa: E402
from kit.models import JobRun, RunState  # noqa: E402
from members.selectors import community  # noqa: E402
from rewards.services.windows import steps  # noqa: E402

# A window of a few requests is led in many parts.
steps.AT_ONCE = int(os.environ["KILLED_AT_ONCE"])  # type: ignore[attr-defined]  # it is that of the requests


def die(*_said: Any, **_named: Any) -> None:
    """End as if the power were cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def child(*, after: bool) -> None:
    """Work, and die before or after the first step is committed."""
    work: Any = sys.modules["kit.jobs.work"]
    if after:
        done = work.advance

        def advance(**said: Any) -> None:
            done(**said)
            die()

        work.advance = advance
    else:
        runs.keep = die  # type: ignore[assignment]
    jobs.record_due(now=jobs.database_now(), clock=community().clock)
    jobs.work()


def main() -> None:
    """Kill one worker after the other until none finds anything to do."""
    timetable()  # loaded here, or each worker would load all jobs' modules
    killed = 0
    while True:
        connection.close()
        pid = os.fork()
        if not pid:
            child(after=killed % 2 == 1)
            os._exit(0)
        _pid, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            break
        killed += 1
        # Its lease lapses.
        JobRun.objects.filter(state=RunState.RUNNING).update(free_at=Now())
    sys.stdout.write(str(killed))


if __name__ == "__main__":
    main()
