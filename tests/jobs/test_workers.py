"""Jobs run once, with real workers and beats that are doubled, killed, stopped and let go on."""

import datetime as dt
import signal

import psutil
from celery.schedules import crontab
from django.conf import settings
from django.db import connection
from django.utils import timezone

from kit.models import JobRun, RunState
from pointsvc.tasks import tick
from tests.jobs.conftest import Crew, marked, send
from tests.jobs.watched import UNITS
from tests.waiting import until

ALL = list(range(1, UNITS + 1))


def done(job: str) -> bool:
    runs = JobRun.objects.filter(job=job)
    return runs.exists() and all(run.state == RunState.DONE for run in runs)


def at_unit(crew: Crew, unit: int) -> psutil.Process:
    """Wait for somebody to be in the middle of a unit, and return who it is."""
    file = crew.var / f"slow.{unit}"
    until(lambda: file.exists() and file.read_text())
    return psutil.Process(int(file.read_text()))


def test_two_beats_and_two_workers_run_each_missed_period_once_and_in_order(crew: Crew) -> None:
    crew.watched = "SLOW HOURLY"
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    hours = [now - dt.timedelta(hours=back) for back in (3, 2, 1, 0)]
    JobRun.objects.create(
        job="hourly",
        period=f"{hours[0]:%Y-%m-%dT%H:%MZ}",
        due_at=hours[0],
        state=RunState.DONE,
        finished_at=hours[0],
    )
    for _two in range(2):
        crew.beat()
        crew.worker()
    until(lambda: done("hourly") and done("slow"))
    # Two seconds more of ticks from both beats change nothing.
    ticks = crew.said().count('"event": "tick"')
    until(lambda: crew.said().count('"event": "tick"') >= ticks + 4)
    missed = [f"{hour:%Y-%m-%dT%H:%MZ}" for hour in hours[1:]]
    assert marked("hourly") == [(period, unit) for period in missed for unit in (1, 2, 3)]
    assert [unit for _period, unit in marked("slow")] == ALL
    assert JobRun.objects.count() == len(hours) + 1
    assert JobRun.objects.get(job="slow").counts == {"units": UNITS}


def test_a_killed_worker_is_taken_over_from_where_it_came_to(crew: Crew) -> None:
    first = crew.worker()
    crew.beat()
    at_unit(crew, 3)
    send(first, signal.SIGKILL)
    assert [unit for _period, unit in marked("slow")] == [1, 2]
    assert JobRun.objects.get(job="slow").state == RunState.RUNNING
    crew.worker()
    until(lambda: done("slow"))
    assert [unit for _period, unit in marked("slow")] == ALL
    assert JobRun.objects.get(job="slow").counts == {"units": UNITS}


def test_a_worker_stopped_past_its_lease_writes_nothing_when_it_goes_on(crew: Crew) -> None:
    zombie = crew.worker()
    crew.beat()
    at_unit(crew, 3)
    send(zombie, signal.SIGSTOP)
    token = JobRun.objects.get(job="slow").lease_token
    crew.worker()
    # The other one has the run, and is a unit further.
    until(lambda: len(marked("slow")) > 3)
    assert JobRun.objects.get(job="slow").lease_token != token
    send(zombie, signal.SIGCONT)
    until(lambda: '"event": "job.lost"' in crew.said())
    until(lambda: done("slow"))
    assert [unit for _period, unit in marked("slow")] == ALL
    assert len(workers_of_units()) == 2
    assert JobRun.objects.get(job="slow").counts == {"units": UNITS}


def workers_of_units() -> list[list[int]]:
    """Return which units each worker has done, first worker first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(unit ORDER BY id) FROM tests_mark GROUP BY worker")
        return [units for (units,) in cursor.fetchall()]


def test_a_step_that_takes_longer_than_a_lease_stays_in_one_hand(crew: Crew) -> None:
    crew.watched = "LONG"
    crew.worker()
    crew.worker()
    crew.beat()
    until(lambda: done("long"))
    assert len(marked("long")) == 1
    assert "job.lost" not in crew.said()


def test_from_death_to_takeover_is_less_than_two_minutes() -> None:
    (entry,) = settings.CELERY_BEAT_SCHEDULE.values()
    assert (entry["task"], entry["schedule"]) == (tick.name, crontab())
    assert settings.JOB_LEASE_SECONDS + 60 < 120
