"""Operators see what ran, and have it run again, or dry."""

import datetime as dt
import html
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from kit import admin as pages
from kit import jobs
from kit.models import JobRun, RunState
from tests.admin.conftest import limited

RUNS = "/admin/kit/jobrun/"
NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a worker was woken: no message leaves the test."""
    woken: list[int] = []
    monkeypatch.setattr(pages, "nudge", lambda: woken.append(1))
    return woken


def made(**changes: Any) -> JobRun:
    words = {
        "job": "reconcile",
        "period": "2026-11-22",
        "due_at": NOW,
        "state": RunState.DONE,
        "started_at": NOW,
        "finished_at": NOW + dt.timedelta(seconds=2.5),
        "counts": {"accounts": 1234, "differences": 0},
    }
    return JobRun.objects.create(**words | changes)


@pytest.fixture
def done(db: None) -> JobRun:
    return made()


def text(client: Client, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200
    return html.unescape(page.content.decode())


def test_the_list_tells_what_ran_and_how_it_went(operator: Client, done: JobRun) -> None:
    made(period="2026-11-21", state=RunState.FAILED, error="Traceback\nValueError: no luck")
    made(period="2026-11-20", alarm="net points: member 7: kept 1\nlots: member 7: kept 1")
    page = text(operator, RUNS)
    for said in ("Prove the totals", "2026-11-22", "accounts 1,234, differences 0", "2.5 s"):
        assert said in page
    for said in ("ValueError: no luck", "done, to be looked at", "net points: member 7: kept 1"):
        assert said in page
    assert "lots: member 7" not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("state__exact=failed", {"2026-11-21"}),
        ("job=purge", {"2026-11-20"}),
        ("is_dry_run__exact=1", {"2026-11-19"}),
        ("q=2026-11-22", {"2026-11-22"}),
    ],
)
def test_the_list_is_filtered_and_searched(
    operator: Client, done: JobRun, query: str, shown: set[str]
) -> None:
    made(period="2026-11-21", state=RunState.FAILED)
    made(period="2026-11-20", job="purge")
    made(period="2026-11-19", is_dry_run=True)
    page = operator.get(f"{RUNS}?{query}")
    assert {run.period for run in page.context["cl"].result_list} == shown


def test_a_page_shows_trouble_in_full_and_how_it_ended_before(operator: Client) -> None:
    run = made(state=RunState.FAILED, error="Traceback <1>\nValueError: no luck")
    jobs.rerun(run=run.pk, requested_by="mei")
    JobRun.objects.update(alarm="first line\nsecond line", state=RunState.DONE, finished_at=NOW)
    page = text(operator, f"{RUNS}{run.pk}/change/")
    assert "first line\nsecond line" in page
    assert "Earlier outcomes" in page
    assert "ValueError: no luck" in page


def test_a_run_of_a_job_that_is_gone_is_shown_by_its_name(operator: Client) -> None:
    run = made(job="retired", counts={"things": 3})
    page = text(operator, f"{RUNS}{run.pk}/change/")
    assert "retired" in page
    assert "things 3" in page


@pytest.mark.parametrize("path", ["run-again", "dry-run"])
def test_asking_changes_nothing_before_it_is_confirmed(
    operator: Client, done: JobRun, nudges: list[int], path: str
) -> None:
    assert "csrfmiddlewaretoken" in text(operator, f"{RUNS}{done.pk}/{path}/")
    done.refresh_from_db()
    assert (done.state, JobRun.objects.count(), nudges) == (RunState.DONE, 1, [])


def test_a_run_is_run_again(operator: Client, done: JobRun, nudges: list[int]) -> None:
    page = operator.post(f"{RUNS}{done.pk}/run-again/", follow=True)
    assert "A worker will run it again" in page.content.decode()
    done.refresh_from_db()
    assert (done.state, done.requested_by, nudges) == (RunState.WAITING, "operator", [1])
    assert LogEntry.objects.get().object_id == str(done.pk)
    page = operator.post(f"{RUNS}{done.pk}/run-again/", follow=True)
    assert "This run has not finished yet." in page.content.decode()
    assert (len(nudges), LogEntry.objects.count()) == (1, 1)


def test_a_dry_run_is_a_run_of_its_own(operator: Client, done: JobRun, nudges: list[int]) -> None:
    answer = operator.post(f"{RUNS}{done.pk}/dry-run/")
    trial = JobRun.objects.get(is_dry_run=True)
    assert answer["Location"] == f"{RUNS}{trial.pk}/change/"
    assert (trial.state, trial.requested_by, nudges) == (RunState.WAITING, "operator", [1])
    jobs.work()
    assert "dry run" in text(operator, answer["Location"])
    done.refresh_from_db()
    assert done.state == RunState.DONE


@pytest.mark.parametrize("path", ["run-again", "dry-run"])
def test_who_may_only_look_is_refused(done: JobRun, path: str) -> None:
    client = limited("kit.view_jobrun")
    assert f"/{path}/" not in text(client, f"{RUNS}{done.pk}/change/")
    assert client.get(f"{RUNS}{done.pk}/{path}/").status_code == 403
    assert client.post(f"{RUNS}{done.pk}/{path}/").status_code == 403
    done.refresh_from_db()
    assert (done.state, JobRun.objects.count()) == (RunState.DONE, 1)


@pytest.mark.parametrize("path", ["run-again", "dry-run"])
def test_a_run_that_is_not_there_cannot_be_run(operator: Client, path: str) -> None:
    for key in ("7", "seven"):
        assert operator.post(f"{RUNS}{key}/{path}/").status_code == 404


def test_nobody_writes_runs_by_hand(operator: Client, done: JobRun) -> None:
    assert operator.get(f"{RUNS}add/").status_code == 403
    assert operator.post(f"{RUNS}{done.pk}/change/", {"state": "failed"}).status_code == 403
    assert operator.post(f"{RUNS}{done.pk}/delete/").status_code == 403
    assert JobRun.objects.get().state == RunState.DONE
