"""Jobs whose every unit of work leaves a mark in a table, and a file while it is being done."""

import datetime as dt
import os
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from kit.jobs import Every, Job, Progress, Turn
from points.selectors import Place
from points.services import lapse_due, release_due
from pointsvc import timetable

TABLE = """
CREATE TABLE IF NOT EXISTS tests_mark (
  id bigserial PRIMARY KEY, job text, period text, unit int, worker int
)
"""
UNITS = 6
AWARDS_AT_ONCE = 5


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


def release(turn: Turn) -> Progress:
    """Sweep a few awards in half a second; the file `release.<part>` says who is at it."""
    part, after = turn.cursor or (1, None)
    swept = release_due(now=turn.now, after=after, limit=AWARDS_AT_ONCE)
    (Path(settings.VAR_DIR) / f"release.{part}").write_text(str(os.getpid()))
    time.sleep(0.5)
    cursor = (part + 1, swept.after) if swept.after else None
    return Progress({"awards": swept.released}, cursor=cursor)


def sweep(turn: Turn) -> Progress:
    """Write off three lots that have lapsed, and take half a second for it."""
    after = (
        Place(dt.datetime.fromisoformat(turn.cursor[0]), turn.cursor[1]) if turn.cursor else None
    )
    swept = lapse_due(after=after, limit=3, now=turn.now)
    place = swept.place
    (Path(settings.VAR_DIR) / f"sweep.{place.member if place else 0}").write_text(str(os.getpid()))
    time.sleep(0.5)
    cursor = [place.expires_at.isoformat(), place.member] if place else None
    return Progress({"lots": swept.lots}, cursor=cursor)


def fulfil(turn: Turn) -> Progress:
    """Do a step of the sweep that fulfils, in half a second; `slow.<id>` says who is at it."""
    [job] = [one for one in timetable.rewards.JOBS if one.name == "fulfil"]
    progress = job.step(turn)
    if progress.counts.get("fulfilled"):
        (Path(settings.VAR_DIR) / f"slow.{progress.cursor}").write_text(str(os.getpid()))
        time.sleep(0.5)
    return progress


DAILY = Every(dt.timedelta(days=1))
SWEEP = (Job(name="sweep", title="Sweep", schedule=DAILY, step=sweep),)
SLOW = (Job(name="slow", title="Slow", schedule=DAILY, step=slow),)
RELEASE = (Job(name="release", title="Release", schedule=DAILY, step=release),)
LONG = (Job(name="long", title="Long", schedule=DAILY, step=long),)
HOURLY = (Job(name="hourly", title="Hourly", schedule=Every(dt.timedelta(hours=1)), step=hourly),)
FULFIL = (Job(name="fulfil", title="Fulfil", schedule=DAILY, step=fulfil),)
