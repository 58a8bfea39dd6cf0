"""Jobs whose every unit of work leaves a mark in a table, and a file while it is being done."""

import datetime as dt
import os
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from kit.jobs import Every, Job, Progress, Turn
from pointsvc import rewards_jobs

TABLE = """
CREATE TABLE IF NOT EXISTS tests_mark (
  id bigserial PRIMARY KEY, job text, period text, unit int, worker int
)
"""
UNITS = 6


def mark(job: str, turn: Turn, unit: int) -> None:
    """Do one unit: only what is committed is seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tests_mark (job, period, unit, worker) VALUES (%s, %s, %s, %s)",
            [job, turn.period, unit, os.getpid()],
        )


def slow(turn: Turn) -> Progress:
    """Do one of six units in half a second; the file `slow.<unit>` says who is at it."""
    unit = (turn.cursor or 0) + 1
    mark("slow", turn, unit)
    (Path(settings.VAR_DIR) / f"slow.{unit}").write_text(str(os.getpid()))
    time.sleep(0.5)
    return Progress({"units": 1}, cursor=unit if unit < UNITS else None)


def hourly(turn: Turn) -> Progress:
    """Do three units."""
    unit = (turn.cursor or 0) + 1
    mark("hourly", turn, unit)
    time.sleep(0.05)
    return Progress({"units": 1}, cursor=unit if unit < 3 else None)


def long(turn: Turn) -> Progress:
    """Do the one unit in twice the time of a lease."""
    mark("long", turn, 1)
    time.sleep(2 * settings.JOB_LEASE_SECONDS)
    return Progress({"units": 1})


def fulfil(turn: Turn) -> Progress:
    """Do a step of the sweep that fulfils, in half a second; `slow.<id>` says who is at it."""
    [job] = [one for one in rewards_jobs.JOBS if one.name == "fulfil"]
    progress = job.step(turn)
    if progress.counts.get("fulfilled"):
        (Path(settings.VAR_DIR) / f"slow.{progress.cursor}").write_text(str(os.getpid()))
        time.sleep(0.5)
    return progress


DAILY = Every(dt.timedelta(days=1))
SLOW = (Job(name="slow", title="Slow", schedule=DAILY, step=slow),)
LONG = (Job(name="long", title="Long", schedule=DAILY, step=long),)
HOURLY = (Job(name="hourly", title="Hourly", schedule=Every(dt.timedelta(hours=1)), step=hourly),)
FULFIL = (Job(name="fulfil", title="Fulfil", schedule=DAILY, step=fulfil),)
