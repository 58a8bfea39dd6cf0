"""The release sweep with real workers: one dies in the middle, and each award is released once."""

import datetime as dt
import signal

import psutil
from django.utils import timezone

from kit.models import JobRun, RunState
from points import services
from points.models import Entry, PendingAward
from tests.jobs.conftest import Crew, send
from tests.jobs.watched import AWARDS_AT_ONCE
from tests.points.support import assert_reconciled, do, fact, load, member
from tests.waiting import until

PARTS = 6


def awards_due() -> None:
    """Have awards wait whose day has come."""
    slow = {"code": "slow", "action": "slow", "points": 1, "release": {"days": 1}}
    load(rules=[slow])
    people = [member() for _ in range(4)]
    facts = [fact(people[number % 4], "slow") for number in range(PARTS * AWARDS_AT_ONCE - 1)]
    do(services.award, facts=facts)
    PendingAward.objects.update(release_at=timezone.now() - dt.timedelta(minutes=1))


def released() -> int:
    return PendingAward.objects.filter(state="released").count()


def test_a_sweep_whose_worker_is_killed_releases_each_award_once(crew: Crew) -> None:
    awards_due()
    crew.watched = "RELEASE"
    first = crew.worker()
    crew.beat()
    file = crew.var / "release.3"
    until(lambda: file.exists() and file.read_text())
    assert psutil.pid_exists(int(file.read_text()))
    send(first, signal.SIGKILL)
    # What was under way is undone, what was kept stays.
    assert released() == Entry.objects.count() == 2 * AWARDS_AT_ONCE
    assert JobRun.objects.get(job="release").state == RunState.RUNNING
    crew.worker()
    until(lambda: JobRun.objects.get(job="release").state == RunState.DONE)
    awards = PARTS * AWARDS_AT_ONCE - 1
    assert released() == Entry.objects.count() == awards
    assert Entry.objects.values("reference").distinct().count() == awards
    assert JobRun.objects.get(job="release").counts == {"awards": awards}
    assert_reconciled()
