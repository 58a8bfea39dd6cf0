"""Runs are recorded once, in order, tried again a few times, and kept."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from kit import jobs
from kit.clock import Clock
from kit.errors import NotFound
from kit.jobs import Calendar, Job, Progress, RunUnfinished, Turn
from kit.jobs.runs import MOST_ATTEMPTS, JobUnknown
from kit.models import IdempotencyKey, JobRun, RunState
from pointsvc.tasks import tick

CLOCK = Clock(ZoneInfo("Asia/Shanghai"))
NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
JOBS: list[Job] = []


def job(step: Callable[[Turn], Progress] = lambda turn: Progress({}), **changes: Any) -> Job:
    nightly = Job(name="nightly", title="Nightly", schedule=Calendar(at=dt.time(3)), step=step)
    return replace(nightly, **changes)


@pytest.fixture(autouse=True)
def _timetable(settings: Any) -> Iterator[None]:
    settings.JOBS = ("tests.jobs.test_runs.JOBS",)
    JOBS[:] = [job()]
    yield
    JOBS.clear()


def record(now: dt.datetime = NOW) -> list[str]:
    """Record what is due, and return the periods on record, oldest first."""
    jobs.record_due(now=now, clock=CLOCK)
    return list(JobRun.objects.order_by("due_at").values_list("period", flat=True))


def run() -> JobRun:
    return JobRun.objects.get(is_dry_run=False)


def free_now() -> None:
    JobRun.objects.update(free_at=NOW)


# --- What is due -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_job_begins_with_its_latest_period_and_not_with_years() -> None:
    assert record() == ["2026-11-22"]


@pytest.mark.django_db
def test_missed_periods_are_recorded_oldest_first_and_none_is_dropped() -> None:
    JOBS[:] = [job(catch_up=3)]
    record(NOW - dt.timedelta(days=7))
    assert record() == [f"2026-11-{day}" for day in (15, 16, 17, 18)]
    assert record() == [f"2026-11-{day}" for day in (15, 16, 17, 18, 19, 20, 21)]
    assert record() == record() == [f"2026-11-{day}" for day in range(15, 23)]


@pytest.mark.django_db
def test_a_schedule_or_zone_that_is_changed_runs_no_day_twice_and_gets_on() -> None:
    record()
    JOBS[:] = [job(schedule=Calendar(at=dt.time(11)), catch_up=1)]
    assert record() == ["2026-11-22"]
    jobs.record_due(now=NOW, clock=Clock(ZoneInfo("Pacific/Auckland")))
    jobs.record_due(now=NOW, clock=Clock(ZoneInfo("America/Los_Angeles")))
    assert record() == ["2026-11-22"]
    assert record(NOW + dt.timedelta(days=1)) == ["2026-11-22", "2026-11-23"]


@pytest.mark.django_db
def test_a_clock_that_is_put_back_changes_nothing() -> None:
    record()
    assert record(NOW - dt.timedelta(days=3)) == ["2026-11-22"]


@pytest.mark.django_db
def test_two_jobs_of_one_name_are_refused() -> None:
    JOBS[:] = [job(), job()]
    with pytest.raises(Exception, match="two jobs are named nightly"):
        jobs.timetable()


@pytest.mark.django_db(transaction=True)
def test_a_tick_delivered_eight_times_at_once_is_one_run() -> None:
    done: list[str] = []

    def step(turn: Turn) -> Progress:
        done.append(turn.period)
        return Progress({"units": 1})

    JOBS[:] = [job(step)]
    barrier = threading.Barrier(8)

    def deliver(_number: int) -> None:
        barrier.wait()
        try:
            tick()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deliver, range(8)))
    assert len(done) == 1
    assert (run().state, run().counts) == (RunState.DONE, {"units": 1})


# --- Doing it --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_step_hears_where_it_is_and_counts_add_up() -> None:
    turns: list[Turn] = []

    def step(turn: Turn) -> Progress:
        turns.append(turn)
        return Progress(
            {"seen": 2, f"step {len(turns)}": 1}, cursor={1: "a", 2: "b"}.get(len(turns))
        )

    JOBS[:] = [job(step)]
    record()
    assert jobs.work() == 1
    assert [turn.cursor for turn in turns] == [None, "a", "b"]
    assert {(turn.period, turn.due_at) for turn in turns} == {
        ("2026-11-22", dt.datetime(2026, 11, 21, 19, tzinfo=dt.UTC))
    }
    assert abs(turns[0].now - timezone.now()) < dt.timedelta(minutes=1)
    assert run().counts == {"seen": 6, "step 1": 1, "step 2": 1, "step 3": 1}
    assert run().started_at
    assert run().finished_at
    assert jobs.work() == 0


@pytest.mark.django_db
def test_an_older_period_goes_first_and_a_newer_one_waits_for_it() -> None:
    order: list[str] = []

    def step(turn: Turn) -> Progress:
        order.append(turn.period)
        if order == ["2026-11-20"]:
            raise RuntimeError
        return Progress({})

    JOBS[:] = [job(step)]
    record(NOW - dt.timedelta(days=2))
    record()
    jobs.work()
    assert order == ["2026-11-20"], "the others wait until it has been tried again"
    free_now()
    jobs.work()
    assert order == ["2026-11-20", "2026-11-20", "2026-11-21", "2026-11-22"]


@pytest.mark.django_db
def test_one_period_of_a_job_is_worked_on_at_a_time() -> None:
    record(NOW - dt.timedelta(days=1))
    record()
    assert jobs.claim(jobs=["nightly"])
    assert jobs.claim(jobs=["nightly"]) is None
    with pytest.raises(IntegrityError, match="job_works_on_one_period_at_a_time"):
        JobRun.objects.update(state=RunState.RUNNING, lease_token="0" * 32)


@pytest.mark.django_db
def test_work_that_takes_too_long_is_left_to_the_next_message() -> None:
    JOBS[:] = [job(lambda turn: Progress({"units": 1}, cursor=(turn.cursor or 0) + 1))]
    record()
    assert jobs.work(seconds=0.05) == 1
    first = run()
    assert (first.state, first.attempts) == (RunState.WAITING, 0)
    assert 0 < first.counts["units"] < 1000, "it goes on for ever, but not in this turn"
    assert jobs.work(seconds=0.05) == 1
    assert run().cursor == run().counts["units"] > first.counts["units"]


@pytest.mark.django_db
def test_a_failure_undoes_its_step_is_told_and_tried_again_later() -> None:
    def step(turn: Turn) -> Progress:
        if turn.cursor is None:
            return Progress({"units": 1}, cursor=1)
        leave_a_trace()
        raise RuntimeError("no luck")

    JOBS[:] = [job(step)]
    record()
    jobs.work()
    assert (run().state, run().cursor, run().counts) == (RunState.WAITING, 1, {"units": 1})
    assert "RuntimeError: no luck" in run().error
    assert not IdempotencyKey.objects.exists()
    pause = run().free_at - jobs.database_now()
    assert dt.timedelta(seconds=50) < pause <= dt.timedelta(minutes=1)
    assert jobs.work() == 0


@pytest.mark.django_db
def test_after_five_failures_it_is_failed_and_the_next_period_goes_on(caplog: Any) -> None:
    JOBS[:] = [job(lambda turn: 1 // 0)]  # type: ignore[arg-type, return-value]  # fails first
    record()
    for _attempt in range(MOST_ATTEMPTS):
        assert run().state == RunState.WAITING
        free_now()
        jobs.work()
    assert (run().state, run().attempts) == (RunState.FAILED, MOST_ATTEMPTS)
    assert "ZeroDivisionError" in run().error
    assert "ERROR" in {line.levelname for line in caplog.records}
    JOBS[:] = [job()]
    record(NOW + dt.timedelta(days=1))
    assert jobs.work() == 1
    assert JobRun.objects.get(period="2026-11-23").state == RunState.DONE


@pytest.mark.django_db
def test_a_run_that_kills_its_workers_is_given_up() -> None:
    record()
    for _death in range(MOST_ATTEMPTS):
        assert jobs.claim(jobs=["nightly"])
        free_now()
    assert jobs.work() == 1
    assert run().state == RunState.FAILED
    assert "ended with its worker" in run().error


@pytest.mark.django_db
def test_whoever_was_taken_over_writes_nothing() -> None:
    def step(_turn: Turn) -> Progress:
        leave_a_trace()
        return Progress({"units": 1})

    JOBS[:] = [job(step)]
    record()
    first = jobs.claim(jobs=["nightly"])
    assert first
    free_now()
    second = jobs.claim(jobs=["nightly"])
    assert second
    with pytest.raises(jobs.LeaseLost):
        jobs.advance(lease=first, job=JOBS[0])
    assert not IdempotencyKey.objects.exists(), "what its step wrote is undone"
    assert run().counts == {}
    jobs.advance(lease=second, job=JOBS[0])
    assert (run().state, IdempotencyKey.objects.count()) == (RunState.DONE, 1)


# --- Asked for by an operator ----------------------------------------------------------------


@pytest.mark.django_db
def test_a_rerun_starts_from_the_beginning_and_keeps_how_it_ended_before() -> None:
    JOBS[:] = [job(lambda turn: Progress({"units": 1}, alarm="look"))]
    record()
    jobs.work()
    ended = run().finished_at
    assert ended
    jobs.rerun(run=run().id, requested_by="mei")
    assert (run().state, run().counts, run().alarm, run().finished_at) == ("waiting", {}, "", None)
    JOBS[:] = [job(lambda turn: Progress({"units": 0}))]
    jobs.work()
    assert (run().state, run().counts, run().requested_by) == ("done", {"units": 0}, "mei")
    (before,) = run().earlier
    assert (before["counts"], before["alarm"]) == ({"units": 1}, "look")
    assert before["finished_at"] == ended.isoformat()


@pytest.mark.django_db
def test_a_dry_run_tells_what_would_happen_and_leaves_no_trace() -> None:
    def step(turn: Turn) -> Progress:
        leave_a_trace()
        return Progress(
            {"traces": IdempotencyKey.objects.count()}, cursor=None if turn.cursor else 1
        )

    JOBS[:] = [job(step)]
    record()
    jobs.work()
    assert IdempotencyKey.objects.count() == 2
    kept = run().counts
    trial = jobs.rehearse(run=run().id, requested_by="mei")
    with pytest.raises(RunUnfinished):
        jobs.rehearse(run=run().id, requested_by="mei")
    jobs.work()
    trial.refresh_from_db()
    assert (trial.state, trial.counts, trial.period) == ("done", {"traces": 6}, "2026-11-22")
    assert IdempotencyKey.objects.count() == 2
    assert run().counts == kept
    assert record(NOW + dt.timedelta(days=1))[-1] == "2026-11-23"


@pytest.mark.django_db
def test_only_a_finished_run_of_a_job_there_is_can_be_run_again() -> None:
    record()
    waiting = run().id
    for ask in (jobs.rerun, jobs.rehearse):
        with pytest.raises(RunUnfinished):
            ask(run=waiting, requested_by="mei")
        with pytest.raises(NotFound):
            ask(run=waiting + 1, requested_by="mei")
    jobs.work()
    JOBS.clear()
    for ask in (jobs.rerun, jobs.rehearse):
        with pytest.raises(JobUnknown):
            ask(run=waiting, requested_by="mei")


# --- Looking back ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_runs_are_kept_for_four_hundred_days_and_unfinished_ones_longer() -> None:
    record(NOW - dt.timedelta(days=402))
    jobs.work()
    record(NOW - dt.timedelta(days=401))
    JobRun.objects.filter(period="2025-10-16").update(state=RunState.DONE, finished_at=NOW)
    record(NOW - dt.timedelta(days=399))
    assert JobRun.objects.count() == 4
    assert jobs.purge(now=NOW) == 1
    assert jobs.purge(now=NOW + dt.timedelta(days=900)) == 0
    assert list(JobRun.objects.values_list("state", flat=True)) == ["waiting"] * 3


@pytest.mark.django_db
def test_how_jobs_have_fared_is_told_for_each() -> None:
    JOBS[:] = [
        job(),
        job(name="alarmed", step=lambda turn: Progress({}, alarm="look")),
        job(name="new"),
    ]
    assert {one.job: one.is_well for one in jobs.outcomes()} == dict.fromkeys(
        ("nightly", "alarmed", "new"), True
    )
    jobs.record_due(now=NOW, clock=CLOCK)
    JobRun.objects.filter(job="new").delete()
    jobs.work()
    fared = {one.job: one for one in jobs.outcomes()}
    assert {name: one.is_well for name, one in fared.items()} == {
        "nightly": True,
        "alarmed": False,
        "new": True,
    }
    assert fared["nightly"].succeeded_at
    assert fared["new"].succeeded_at is None


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "lost", "finished_at": NOW}, "job_run_state_is_known"),
        ({"state": "running"}, "job_run_is_held_while_it_runs"),
        ({"lease_token": "0" * 32}, "job_run_is_held_while_it_runs"),
        ({"state": "done"}, "job_run_has_an_end_when_finished"),
        ({"finished_at": NOW}, "job_run_has_an_end_when_finished"),
    ],
)
@pytest.mark.django_db
def test_the_table_refuses_what_cannot_be(changes: dict[str, Any], constraint: str) -> None:
    record()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        JobRun.objects.update(**changes)
    with pytest.raises(IntegrityError, match="job_runs_once_a_period"):
        JobRun.objects.create(job="nightly", period="2026-11-22", due_at=NOW)


def leave_a_trace() -> None:
    """Write a row, any row."""
    number = IdempotencyKey.objects.count()
    IdempotencyKey.objects.create(
        caller="test", route="trace", key=str(number), body_digest=b"", status=200, answer=""
    )
