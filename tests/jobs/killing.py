"""Killing workers at every step of a job."""

import subprocess
import sys

from django.conf import settings

from tests.jobs.conftest import database_url
from tests.pointsvc.conftest import environment


def killed_at_every_step(job: str, *, at_once: int = 3, seconds: int = 240) -> int:
    """Kill workers before and after each step of the job until all is done; return how many.

    A step of a window takes so many requests `at_once`.
    """
    told = subprocess.run(
        [sys.executable, "-m", "tests.jobs.dying"],
        cwd=settings.BASE_DIR,
        env=environment(
            DJANGO_SETTINGS_MODULE="tests.jobs.dying.settings",
            DATABASE_URL=database_url(),
            KILLED_JOB=job,
            KILLED_AT_ONCE=str(at_once),
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert told.stdout.isdigit(), told.stderr[-2000:]
    return int(told.stdout)
