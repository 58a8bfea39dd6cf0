"""Doing what is due: step by step, with what was done kept after each."""

import contextlib
import threading
import time
import traceback
from collections.abc import Iterator

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from kit.jobs import runs
from kit.jobs.plan import Job, Progress, Turn, timetable
from kit.jobs.runs import Lease, LeaseLost
from kit.transactions import durable

log = structlog.get_logger(__name__)

TURN_SECONDS = 300
"""For how long one message is worked on: well below the time limit of tasks."""
BEATS = 3
"""How often a lease is extended before it would lapse."""


def work(*, seconds: float = TURN_SECONDS) -> int:
    """Do what is due until nothing is free or the time is over; return how many runs were held.

    Safe to call from any number of workers at once and again at any time.
    """
    jobs = timetable()
    deadline = time.monotonic() + seconds
    held = 0
    while time.monotonic() < deadline:
        lease = runs.claim(jobs=jobs)
        if lease is None:
            break
        _hold(lease, jobs[lease.job], deadline)
        held += 1
    return held


def _hold(lease: Lease, job: Job, deadline: float) -> None:
    """Work on a run until it is done, fails, is lost, or the time is over."""
    words = {"job": lease.job, "period": lease.period, "is_dry_run": lease.is_dry_run}
    try:
        with _extended(lease):
            _go_on(lease, job, deadline, words)
    except LeaseLost:
        log.warning("job.lost", **words)


def _go_on(lease: Lease, job: Job, deadline: float, words: dict[str, object]) -> None:
    if lease.attempts > runs.MOST_ATTEMPTS:
        runs.fail(lease=lease, error="Each attempt ended with its worker, without a word.")
        log.error("job.failed", **words)
        return
    try:
        while True:
            lease = advance(lease=lease, job=job)
            if lease.cursor is None:
                break
            if time.monotonic() >= deadline:
                runs.let_go(lease=lease)
                return
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs on the row
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        said = "".join(traceback.format_exception(error))
        is_last = runs.fail(lease=lease, error=said[-runs.LONGEST_ERROR :])
        (log.error if is_last else log.warning)("job.failed", **words, exc_info=error)
        return
    say = log.error if lease.alarm else log.info
    say("job.done", **words, counts=lease.counts, alarm=lease.alarm)


def advance(*, lease: Lease, job: Job) -> Lease:
    """Do the next step of a run, and keep its effect and its progress together.

    Raises LeaseLost, with no effect, where the run has been taken over; and what the step raises.
    """
    turn = Turn(lease.period, lease.due_at, runs.database_now(), lease.cursor)
    if job.reads_only:
        return runs.keep(lease=lease, progress=job.step(turn))
    if lease.is_dry_run:
        return runs.keep(lease=lease, progress=_rehearsed(job, turn))
    return _done(lease, job, turn)


@durable
def _done(lease: Lease, job: Job, turn: Turn) -> Lease:
    return runs.keep(lease=lease, progress=job.step(turn))


class _Undo(Exception):
    """Carries a step's progress out of the transaction that is rolled back."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress


def _rehearsed(job: Job, turn: Turn) -> Progress:
    """Do a step and undo it."""
    try:
        _undone(job, turn)
    except _Undo as undone:
        return undone.progress
    raise AssertionError


@durable
def _undone(job: Job, turn: Turn) -> None:
    raise _Undo(job.step(turn))


@contextlib.contextmanager
def _extended(lease: Lease) -> Iterator[None]:
    """Extend the lease while a step takes its time, from a thread with its own connection."""
    over = threading.Event()

    def extend() -> None:
        pause = settings.JOB_LEASE_SECONDS / BEATS
        try:
            while not over.wait(pause):
                with contextlib.suppress(DatabaseError):  # the next beat may get through
                    runs.extend(lease=lease)
        except LeaseLost:
            return  # the step hears of it when it writes
        finally:
            connection.close()

    beat = threading.Thread(target=extend, daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()
