"""Workers die, beats double, and the service sleeps for weeks."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from kit import jobs
from kit.models import JobRun
from members.selectors import community
from points.models import Entry
from rewards.models import Redemption
from tests.flows.histories import manage
from tests.jobs.killing import killed_at_every_step
from tests.points.support import assert_reconciled, do
from tests.rewards.support import assert_sound, left, reward
from tests.voting.support import (
    bring,
    earned,
    finished,
    last_month,
    lead,
    load,
    people,
    planned,
    voting_now,
)
from voting import services
from voting.models import STEPS, Ballot, Cycle, CycleState, Prize, StepTaken


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_step_leaves_nothing_undone_or_done_twice() -> None:
    load()
    ann, ben = people(2)
    month = last_month(timezone.now() - dt.timedelta(days=40))
    earned(month, {ann: 30, ben: 20})
    cycle = planned(month)
    Cycle.objects.exclude(pk=cycle.pk).delete()
    lead(cycle, CycleState.VOTING)
    bring(cycle, {ann: [ben]})
    # The first three steps are taken: their runs find them done, and are killed all the same.
    assert killed_at_every_step("award") == 2 * len(STEPS)
    cycle.refresh_from_db()
    assert cycle.state == "rewarded"
    assert StepTaken.objects.count() == len(STEPS)
    assert Entry.objects.filter(reference__startswith="award:cycle:").count() == 1
    assert Prize.objects.get().member == ben
    runs = JobRun.objects.order_by("due_at", "id").values_list("period", "state")
    assert list(runs) == [(f"{cycle.month} helper {step}", "done") for step in STEPS]
    assert_reconciled()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_from_the_first_step_on_gives_each_prize_once() -> None:
    """Everything is due after a downtime, nobody voted, and the points alone decide."""
    mug = reward(stock=3)
    prizes = [{"place": 1, "points": 500, "title": "Best", "reward": mug.code}]
    load(category={"quorum": 1, "quorum_missed": "points_only", "prizes": prizes})
    ann, ben = people(2)
    month = last_month(timezone.now() - dt.timedelta(days=40))
    earned(month, {ann: 30, ben: 20})
    cycle = planned(month)
    Cycle.objects.exclude(pk=cycle.pk).delete()
    assert killed_at_every_step("award") == 2 * len(STEPS)
    cycle.refresh_from_db()
    assert (cycle.state, cycle.basis) == ("rewarded", "points")
    taken = StepTaken.objects.order_by("id").values_list("step", flat=True)
    assert list(taken) == list(STEPS)
    assert Entry.objects.filter(reference__startswith="award:cycle:").count() == 1
    assert Prize.objects.get().member == ann
    assert Redemption.objects.get().member == ann
    assert left(mug) == 2
    assert_sound()


@pytest.mark.django_db
def test_after_weeks_of_downtime_each_missed_step_runs_late_once_and_in_order() -> None:
    """Five weeks and more: a whole cycle was missed, and the next was never planned."""
    now = timezone.now()
    load()
    voters = people(3)
    down_since = now - dt.timedelta(days=75)
    first = down_since.date().replace(day=1)
    for months in range(4):
        month = first
        for _month in range(months):
            month = (month + dt.timedelta(days=32)).replace(day=1)
        earned(month, dict(zip(voters, (30, 20, 10), strict=True)))
    assert do(services.plan_cycles, now=down_since) == 2
    for _beat in range(2):  # two at once see the same rows
        jobs.record_due(now=now, clock=community().clock)
    jobs.work()
    for _next_minute in range(3):
        jobs.record_due(now=now, clock=community().clock)
        jobs.work()
    cycles = list(Cycle.objects.order_by("starts_on").select_related("poll"))
    assert len(cycles) >= 3
    for cycle in cycles:
        due = [step for step, due_at in cycle.instants().items() if due_at <= now]
        taken = StepTaken.objects.filter(cycle=cycle).order_by("id")
        assert list(taken.values_list("step", flat=True)) == due
        assert cycle.state == (due[-1] if due else "scheduled")
        assert cycle.starts_on != first or cycle.state == "rewarded"
    runs = JobRun.objects.filter(job="award", is_dry_run=False)
    assert set(runs.values_list("state", flat=True)) == {"done"}
    assert runs.count() == StepTaken.objects.count()
    done = list(runs.order_by("finished_at", "id").values_list("due_at", flat=True))
    assert done[: len(STEPS)] == sorted(done[: len(STEPS)])


@pytest.mark.django_db
def test_the_recount_command_says_whether_it_differs() -> None:
    cycle, (ann, *_rest), voters = voting_now()
    bring(cycle, {voter: [ann] for voter in voters})
    with pytest.raises(CommandError, match="not published"):
        call_command("recount", str(cycle.pk))
    finished(cycle)
    said = manage("recount", cycle.pk)
    assert "Cand 1: votes: published 6, counted again 6" in said
    assert "The recount equals the result." in said
    Ballot.objects.filter(voter=voters[0]).update(state="quarantined", marks=["burst"])
    with pytest.raises(CommandError, match="4 of 8 lines differ"):
        call_command("recount", str(cycle.pk))
