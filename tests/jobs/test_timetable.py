"""The jobs there are: what they find, what they drop, and how that is seen from outside."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activities.models import Post
from kit import jobs
from kit.jobs import Planned
from kit.models import IdempotencyKey, JobRun
from members.models import Session
from members.selectors import community
from points.models import Account, PendingAward
from rewards.models import Window
from tests.activities import posting
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import act, earn, load, member, shown
from tests.rewards.support import reward
from tests.rewards.windows import asleep_until, opened
from tests.voting.support import last_month, planned
from tests.voting.support import load as load_awards

pytestmark = pytest.mark.django_db


def night() -> None:
    """Record what is due and do it."""
    jobs.record_due(now=timezone.now(), clock=community().clock)
    jobs.work()


def run(job: str) -> JobRun:
    return JobRun.objects.get(job=job, is_dry_run=False)


def test_the_nightly_proof_counts_what_it_checked() -> None:
    load()
    earn(member(), 10)
    night()
    counts = run("reconcile").counts
    assert (counts["accounts"], counts["entries"], counts["differences"]) == (1, 1, 0)
    assert counts["checks"] > 5
    assert (run("reconcile").state, run("reconcile").alarm) == ("done", "")


def test_a_difference_raises_an_alarm_and_is_not_repaired(caplog: Any) -> None:
    load()
    who = member()
    earn(who, 10)
    Account.objects.filter(member=who).update(available=11)
    night()
    proof = run("reconcile")
    assert (proof.state, proof.counts["differences"]) == ("done", 2)
    assert f"member {who}: kept 11, the entries give 10" in proof.alarm
    assert Account.objects.get(member=who).available == 11
    errors = [line.getMessage() for line in caplog.records if line.levelname == "ERROR"]
    assert len(errors) == 1
    assert "kept 11" in errors[0]


def key(name: str, *, age: dt.timedelta) -> None:
    IdempotencyKey.objects.create(
        caller="c", route="r", key=name, body_digest=b"", status=200, answer=""
    )
    IdempotencyKey.objects.filter(key=name).update(created_at=timezone.now() - age)


def outdated() -> None:
    """Leave a key, a session and a run that are out of date, and one of each that is not."""
    key("old", age=dt.timedelta(days=7, minutes=1))
    key("new", age=dt.timedelta(days=6))
    for months in (0, 2):
        signed_in(MemberFactory.create())
        latest = Session.objects.latest("id")
        Session.objects.filter(id=latest.id).update(
            refresh_expires_at=timezone.now() - dt.timedelta(days=31 * months)
        )
    for days in (401, 399):
        at = timezone.now() - dt.timedelta(days=days)
        JobRun.objects.create(job="gone", period=str(days), due_at=at, state="done", finished_at=at)


def left() -> tuple[int, int, int]:
    gone = JobRun.objects.filter(job="gone")
    return IdempotencyKey.objects.count(), Session.objects.count(), gone.count()


PURGED = {
    "idempotency_keys": 1,
    "sessions": 1,
    "erased": 0,
    "brake_counters": 0,
    "notices": 0,
    "job_runs": 1,
}


def test_the_nightly_sweep_drops_what_is_out_of_date() -> None:
    outdated()
    night()
    assert (run("purge").state, run("purge").counts) == ("done", PURGED)
    assert left() == (1, 1, 1)


def test_a_dry_run_of_the_sweep_drops_nothing() -> None:
    night()
    outdated()
    jobs.rehearse(run=run("purge").id, requested_by="mei")
    jobs.work()
    assert JobRun.objects.get(is_dry_run=True).counts == PURGED
    assert left() == (2, 2, 2)


def test_pending_points_are_released_by_the_timetable() -> None:
    load(rules=[{"code": "slow", "action": "slow", "points": 5, "release": {"days": 1}}])
    who = member()
    act(who, "slow")
    night()
    assert (run("release").state, run("release").counts) == ("done", {"awards": 0})
    PendingAward.objects.update(release_at=timezone.now())
    jobs.rehearse(run=run("release").id, requested_by="mei")
    jobs.work()
    assert JobRun.objects.get(is_dry_run=True).counts == {"awards": 1}
    assert shown(who).available == 0
    jobs.rerun(run=run("release").id, requested_by="mei")
    jobs.work()
    assert run("release").counts == {"awards": 1}
    assert (shown(who).available, shown(who).pending) == (5, 0)


def test_every_job_has_its_words_and_can_be_run_again_to_no_effect() -> None:
    opened((reward(), 1))  # and so its close is planned
    asleep_until(Window.objects.order_by("starts_on")[0], opened_ago=dt.timedelta(days=4))
    load_awards()
    planned(last_month())
    night()
    for name, job in jobs.timetable().items():
        if isinstance(job.schedule, Planned):
            assert JobRun.objects.filter(job=name).exists()
            continue
        before = run(name)
        assert str(job.title)
        assert before.state == "done", before.error
        assert set(before.counts) <= set(job.says)
        jobs.rerun(run=before.id, requested_by="mei")
        jobs.work()
        assert run(name).state == "done"
        assert all(count == 0 for name, count in run(name).counts.items() if name != "checks")


def scraped(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line.startswith("pointsvc_job_"))
    return {name: float(value) for name, value in pairs}


def test_what_prometheus_reads_comes_from_the_rows(client: Client) -> None:
    load()
    who = member()
    earn(who, 10)
    well, since = (
        'pointsvc_job_is_well{job="reconcile"}',
        'pointsvc_job_last_success_timestamp_seconds{job="reconcile"}',
    )
    assert scraped(client)[well] == 1
    assert since not in scraped(client)
    night()
    finished = run("reconcile").finished_at
    assert finished
    assert scraped(client)[since] == pytest.approx(finished.timestamp(), abs=0.01)
    Account.objects.filter(member=who).update(available=11)
    jobs.rerun(run=run("reconcile").id, requested_by="mei")
    jobs.work()
    assert scraped(client)[well] == 0


def test_a_post_that_nobody_decides_is_decided_once_by_the_program() -> None:
    posting.load("{undecided: approve}")
    post = posting.write(MemberFactory.create())
    night()
    assert run("posts").counts["approved"] == 0
    long_ago = timezone.now() - dt.timedelta(hours=73)
    Post.objects.update(submitted_at=long_ago)
    jobs.rerun(run=run("posts").id, requested_by="mei")
    jobs.work()
    jobs.rerun(run=run("posts").id, requested_by="mei")
    jobs.work()
    assert run("posts").earlier[-1]["counts"]["approved"] == 1
    assert Post.objects.get().state == "approved"
    assert post.reviews.count() == 1


def test_posts_that_go_on_waiting_raise_an_alarm() -> None:
    posting.load()
    posting.write(MemberFactory.create())
    Post.objects.update(submitted_at=timezone.now() - dt.timedelta(hours=73))
    night()
    assert run("posts").alarm == "1 posts have waited for too long."
