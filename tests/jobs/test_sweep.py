"""The expiry sweep, its worker killed in the middle."""

import signal

import psutil

from kit.models import JobRun, RunState
from points.models import Entry, EntryKind
from tests.jobs.conftest import Crew, send
from tests.points.support import assert_reconciled, earn, load, member, pass_days
from tests.waiting import until


def at_the_third_batch(crew: Crew, people: list[int]) -> psutil.Process:
    """Wait for somebody to be in the middle of the third batch, and return who it is."""
    file = crew.var / f"sweep.{people[8]}"
    until(lambda: file.exists() and file.read_text())
    return psutil.Process(int(file.read_text()))


def written_off() -> list[int]:
    """Return the members with an entry of what lapsed, an entry each."""
    entries = Entry.objects.filter(kind=EntryKind.EXPIRED).order_by("id")
    return list(entries.values_list("member", flat=True))


def test_a_sweep_whose_worker_is_killed_goes_on_and_writes_off_each_lot_once(crew: Crew) -> None:
    load(expiry={"days": 5})
    people = [member() for _ in range(16)]
    for who in people:
        earn(who, 10)
        pass_days(6, of=who)
    crew.watched = "SWEEP"
    first = crew.worker()
    crew.beat()
    at_the_third_batch(crew, people)
    send(first, signal.SIGKILL)
    assert written_off() == people[:6]
    assert JobRun.objects.get(job="sweep").state == RunState.RUNNING
    assert_reconciled()
    crew.worker()
    until(lambda: JobRun.objects.get(job="sweep").state == RunState.DONE)
    assert written_off() == people
    assert JobRun.objects.get(job="sweep").counts == {"lots": len(people)}
    assert_reconciled()
