"""The rows of jobs: recorded once a period, held by one worker at a time, kept to be looked at.

Who holds a run has its token; whatever it writes to the run is written under that token. A worker
that was taken over finds another one there, writes nothing, and hears LeaseLost.
"""

import datetime as dt
import itertools
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.models import Max, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from kit.clock import Clock
from kit.errors import DomainError, NotFound
from kit.jobs.plan import Counts, Job, Progress, timetable
from kit.jobs.schedules import Moment, Planned
from kit.models import JobRun, RunState
from kit.transactions import durable

KEPT = dt.timedelta(days=400)
MOST_ATTEMPTS = 5
"""In a row, without progress between them."""
FIRST_PAUSE = dt.timedelta(minutes=1)
"""After a failure. It doubles with each of the next."""
RECENT = 5
"""Runs that are looked at for keys that are there already: a schedule or zone that was changed
gives a period of yesterday or tomorrow another instant."""
LONGEST_ERROR = 10_000
"""Characters of a traceback that are kept: the last ones, for they say most."""
EARLIER = 20
"""Outcomes of a run that are kept when it is run again."""


class LeaseLost(Exception):
    """The run belongs to another worker by now, or is over; nothing was written."""


class RunUnfinished(DomainError):
    """The run waits or is being worked on."""

    code = "job_run_unfinished"
    title = _("This run has not finished yet.")


class JobUnknown(DomainError):
    """The timetable has no job of this name any more."""

    code = "job_unknown"
    title = _("There is no such job any more.")


@dataclass(frozen=True, slots=True)
class Lease:
    """A run in a worker's hand, with what has been done of it."""

    run: int
    token: uuid.UUID
    job: str
    period: str
    due_at: dt.datetime
    is_dry_run: bool
    cursor: Any
    counts: Counts
    alarm: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job has fared: when it last succeeded, and whether its latest run needs nobody."""

    job: str
    succeeded_at: dt.datetime | None
    is_well: bool


def database_now() -> dt.datetime:
    """Return the instant by the database's clock, the one that all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return now  # type: ignore[no-any-return]  # a timestamptz


def record_due(*, now: dt.datetime, clock: Clock) -> None:
    """Give each period that is due a run, each once, oldest first.

    A job without any run begins with its latest period. Of one that missed periods at most
    `catch_up` are recorded; the next call goes on from there.
    """
    JobRun.objects.bulk_create(
        (
            JobRun(job=job.name, period=moment.key, due_at=moment.due_at)
            for job in timetable().values()
            for moment in _missing(job, now, clock)
        ),
        ignore_conflicts=True,
    )


def _missing(job: Job, now: dt.datetime, clock: Clock) -> list[Moment]:
    runs = JobRun.objects.filter(job=job.name, is_dry_run=False).order_by("-due_at")
    if isinstance(job.schedule, Planned):
        planned = job.schedule.due(now=now)
        keys = runs.filter(period__in=[moment.key for moment in planned])
        recorded = set(keys.values_list("period", flat=True))
        return [moment for moment in planned if moment.key not in recorded][: job.catch_up]
    recent = list(runs.values_list("period", "due_at")[:RECENT])
    if not recent:
        return [job.schedule.latest(now=now, clock=clock)]
    known = {period for period, _due_at in recent}
    due = itertools.takewhile(
        lambda moment: moment.due_at <= now,
        job.schedule.following(instant=recent[0][1], clock=clock),
    )
    return list(itertools.islice((one for one in due if one.key not in known), job.catch_up))


def claim(*, jobs: Collection[str]) -> Lease | None:
    """Take the oldest run of these jobs that is free; None if there is none.

    A run is free that waits, or whose worker let its lease lapse. Of each job one period at a time
    is worked on, oldest first. A lease lasts `settings.JOB_LEASE_SECONDS`, by the database's clock.
    """
    try:
        return _claim(jobs)
    except IntegrityError:  # another worker has just begun another period of the job
        return None


@durable
def _claim(jobs: Collection[str]) -> Lease | None:
    free = JobRun.objects.free().filter(job__in=jobs).order_by("due_at", "id")
    run = free.select_for_update(skip_locked=True, no_key=True).first()
    if run is None:
        return None
    run.state, run.lease_token, run.attempts = RunState.RUNNING, uuid.uuid4(), run.attempts + 1
    lease = Lease(
        run=run.id,
        token=run.lease_token,
        job=run.job,
        period=run.period,
        due_at=run.due_at,
        is_dry_run=run.is_dry_run,
        cursor=run.cursor,
        counts=run.counts,
        alarm=run.alarm,
        attempts=run.attempts,
    )
    JobRun.objects.filter(id=run.id).update(
        state=run.state,
        lease_token=run.lease_token,
        attempts=run.attempts,
        free_at=Now() + _lease(),
        started_at=Coalesce("started_at", Now()),
    )
    return lease


def _lease() -> dt.timedelta:
    return dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def extend(*, lease: Lease) -> None:
    """Hold the run for another `settings.JOB_LEASE_SECONDS` from now. Raises LeaseLost."""
    _write(lease, {"free_at": Now() + _lease()})


def keep(*, lease: Lease, progress: Progress) -> Lease:
    """Store how far the run came, and hold it on or finish it. Raises LeaseLost."""
    names = {*lease.counts, *progress.counts}
    counts = {name: lease.counts.get(name, 0) + progress.counts.get(name, 0) for name in names}
    alarm = "\n".join(filter(None, (lease.alarm, progress.alarm)))
    kept = replace(lease, cursor=progress.cursor, counts=counts, alarm=alarm, attempts=0)
    changes: dict[str, object] = {"cursor": kept.cursor, "counts": counts, "alarm": alarm}
    if progress.cursor is None:
        over = {"state": RunState.DONE, "error": "", "finished_at": Now(), "lease_token": None}
        _write(lease, changes | over)
    else:
        _write(lease, changes | {"attempts": 0, "free_at": Now() + _lease()})
    return kept


def let_go(*, lease: Lease) -> None:
    """Leave the rest of the run to whoever comes next. Raises LeaseLost."""
    _write(lease, {"state": RunState.WAITING, "lease_token": None, "attempts": 0, "free_at": Now()})


def fail(*, lease: Lease, error: str) -> bool:
    """Store why an attempt failed; tell whether it was the last.

    After the last the run stays failed until somebody asks for it again. Before, it waits: one
    minute after the first failure, two after the second, and so on. Raises LeaseLost.
    """
    is_last = lease.attempts >= MOST_ATTEMPTS
    changes: dict[str, object] = {"error": error, "lease_token": None}
    if is_last:
        _write(lease, changes | {"state": RunState.FAILED, "finished_at": Now()})
    else:
        pause = FIRST_PAUSE * 2 ** max(lease.attempts - 1, 0)
        _write(lease, changes | {"state": RunState.WAITING, "free_at": Now() + pause})
    return is_last


def _write(lease: Lease, changes: Mapping[str, object]) -> None:
    mine = JobRun.objects.filter(id=lease.run, lease_token=lease.token)
    if not mine.update(**changes):
        raise LeaseLost


@durable
def rerun(*, run: int, requested_by: str) -> JobRun:
    """Have a finished run done again from the beginning; its row keeps how it ended before.

    Raises NotFound, JobUnknown and RunUnfinished.
    """
    row = _finished(run)
    outcome = {
        "state": row.state,
        "finished_at": cast("dt.datetime", row.finished_at).isoformat(),
        "counts": row.counts,
        "error": row.error,
        "alarm": row.alarm,
        "requested_by": row.requested_by,
    }
    row.earlier = [*row.earlier, outcome][-EARLIER:]
    row.state, row.requested_by = RunState.WAITING, requested_by
    row.attempts, row.cursor, row.counts, row.error, row.alarm = 0, None, {}, "", ""
    row.started_at = row.finished_at = None
    row.free_at = Now()
    row.save()
    return row


@durable
def rehearse(*, run: int, requested_by: str) -> JobRun:
    """Have the period of a finished run tried without effect; the outcome is a run of its own.

    Raises NotFound, JobUnknown, and RunUnfinished while this period is being tried already.
    """
    row = _finished(run)
    trials = JobRun.objects.filter(job=row.job, period=row.period, is_dry_run=True)
    if trials.unfinished().exists():
        raise RunUnfinished
    return JobRun.objects.create(
        job=row.job,
        period=row.period,
        due_at=row.due_at,
        is_dry_run=True,
        requested_by=requested_by,
    )


def _finished(run: int) -> JobRun:
    row = JobRun.objects.select_for_update(no_key=True).filter(id=run).first()
    if row is None:
        raise NotFound
    if row.job not in timetable():
        raise JobUnknown
    if not row.is_finished:
        raise RunUnfinished
    return row


def purge(*, now: dt.datetime) -> int:
    """Forget the finished runs that are older than 400 days. Returns how many there were."""
    finished = JobRun.objects.filter(state__in=(RunState.DONE, RunState.FAILED))
    forgotten, _by_model = finished.filter(due_at__lt=now - KEPT).delete()
    return forgotten


def failed_runs() -> int:
    """Return how many periods of jobs have failed and were not made good since."""
    return JobRun.objects.filter(state=RunState.FAILED, is_dry_run=False).count()


def outcomes() -> list[Outcome]:
    """Return how each job of the timetable has fared so far. Dry runs do not count."""
    runs = JobRun.objects.filter(job__in=timetable(), is_dry_run=False)
    finished = runs.exclude(finished_at=None).order_by("job", "-due_at").distinct("job")
    well = {run.job: run.state == RunState.DONE and not run.alarm for run in finished}
    done = runs.values("job").annotate(at=Max("finished_at", filter=Q(state=RunState.DONE)))
    succeeded = {row["job"]: row["at"] for row in done}
    return [Outcome(job, succeeded.get(job), well.get(job, True)) for job in timetable()]
