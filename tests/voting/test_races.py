"""Everybody at once: at the closing instant, at the close itself, at the till."""

import datetime as dt
import itertools
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DataError
from django.db.models.functions import Now
from django.utils import timezone

from kit import jobs
from kit.errors import DomainError, Invalid
from kit.models import JobRun
from members.selectors import community
from points.models import Entry
from tests.points.support import assert_reconciled, at_once, do, shown
from tests.voting.support import (
    bring,
    earned,
    last_month,
    lead,
    load,
    options_of,
    people,
    planned,
    votes_of,
    voting_now,
)
from voting import selectors, services
from voting.errors import BallotsDecided, NotAVoter, OwnPick, VotingClosed
from voting.models import (
    STEPS,
    Ballot,
    BallotVersion,
    Cycle,
    CycleState,
    Option,
    Pick,
    Poll,
    Prize,
    StepTaken,
)
from voting.services import CastBallot
from voting.services.casting import Wish
from voting.services.together import calls

pytestmark = pytest.mark.django_db(transaction=True)


def step(cycle: Any, name: CycleState) -> Any:
    return do(
        services.take_step,
        category=cycle.category,
        month=cycle.starts_on,
        step=name,
        now=cycle.instants()[name],
    )


def test_a_thousand_ballots_across_the_close_are_counted_or_refused() -> None:
    cycle, _standing, voters = voting_now(1_000)
    options = sorted(options_of(cycle).values())
    calls: list[Any] = [
        partial(
            services.cast,
            poll=cycle.pk,
            kind="award",
            voter=voter.id,
            picks=[options[number % 3], options[(number + 1) % 3]][: 1 + number % 2],
        )
        for number, voter in enumerate(voters)
    ]
    calls.insert(500, partial(step, cycle, CycleState.FROZEN))
    told = at_once(calls)
    assert told.pop(500).steps == 1
    cast = [one for one in told if isinstance(one, CastBallot)]
    assert {type(one) for one in told} == {CastBallot, VotingClosed}
    assert Ballot.objects.count() == len(cast)
    lead(cycle, CycleState.PUBLISHED)
    cycle.poll.refresh_from_db()
    assert cycle.poll.counted == len(cast)
    sums = {option: sum(option in one.picks for one in cast) for option in options}
    assert dict(Option.objects.filter(poll=cycle.pk).values_list("id", "votes")) == sums
    assert not selectors.recount(poll=cycle.pk).differences


def test_the_closing_instant_itself_ends_the_vote_under_load() -> None:
    """No step runs: the clock alone passes the end, while sixteen voters change their minds."""
    cycle, _standing, voters = voting_now(16)
    options = sorted(options_of(cycle).values())
    poll = Poll.objects.filter(id=cycle.pk)

    def keep_voting(number: int) -> int:
        voter = voters[number].id
        for time in itertools.count():
            picks = [options[(number + time) % 3]]
            try:
                services.cast(poll=cycle.pk, kind="award", voter=voter, picks=picks)
            except VotingClosed:
                return time
            if (number, time) == (0, 2):  # some ballots are in
                poll.update(closes_at=Now() + dt.timedelta(milliseconds=300))
        raise AssertionError

    cast = at_once([partial(keep_voting, number) for number in range(16)])
    assert all(isinstance(times, int) for times in cast), cast
    closes_at = poll.get().closes_at
    assert not Ballot.objects.filter(cast_at__gte=closes_at).exists()
    assert not BallotVersion.objects.filter(cast_at__gte=closes_at).exists()
    assert Ballot.objects.count() == sum(times > 0 for times in cast)
    assert BallotVersion.objects.count() == sum(times - 1 for times in cast if times)
    last = {
        voters[number].id: options[(number + times - 1) % 3] for number, times in enumerate(cast)
    }
    kept = Pick.objects.values_list("ballot__voter", "option")
    assert dict(kept) == {voter: last[voter] for voter, _option in kept}
    lead(cycle, CycleState.PUBLISHED)
    cycle.poll.refresh_from_db()
    assert cycle.poll.counted == Ballot.objects.count()
    assert not selectors.recount(poll=cycle.pk).differences


def test_beats_and_workers_all_at_once_lead_a_missed_cycle_once() -> None:
    load()
    ann, ben = people(2)
    month = last_month(timezone.now() - dt.timedelta(days=40))
    earned(month, {ann: 30, ben: 20})
    cycle = planned(month)
    Cycle.objects.exclude(pk=cycle.pk).delete()

    def minute() -> None:
        jobs.record_due(now=timezone.now(), clock=community().clock)
        jobs.work()

    for _minute in range(len(STEPS)):
        assert at_once([minute] * 4, threads=4) == [None] * 4
    cycle.refresh_from_db()
    assert cycle.state == "rewarded"
    steps = StepTaken.objects.filter(cycle=cycle).order_by("id")
    assert list(steps.values_list("step", flat=True)) == list(STEPS)
    runs = JobRun.objects.filter(job="award", period__startswith=cycle.month)
    assert list(runs.order_by("id").values_list("state", flat=True)) == ["done"] * len(STEPS)


def test_closing_eight_times_at_once_closes_once_and_so_does_the_rest() -> None:
    cycle, (ann, *_rest), voters = voting_now()
    bring(cycle, {voters[0]: [ann]})
    for name in (CycleState.FROZEN, CycleState.REWARDED):
        told = at_once([partial(step, cycle, name)] * 8, threads=8)
        assert sorted(one.steps for one in told) == [0] * 7 + [3 if name == "rewarded" else 1]
    assert StepTaken.objects.filter(cycle=cycle).count() == 7
    assert Entry.objects.filter(reference__startswith="award:cycle:").count() == 1
    assert_reconciled()


def test_ballots_that_go_together_are_judged_one_by_one() -> None:
    cycle, standing, voters = voting_now(60)
    options = options_of(cycle)
    first = min(options.values())
    bad: list[tuple[int, list[int], type[DomainError]]] = [
        (standing[0].id, [options[standing[0].id]], OwnPick),
        (2**40, [first], NotAVoter),
        (standing[1].id, [first, 2**40], Invalid),
        (standing[2].id, [first, first], Invalid),
    ]
    said = [(voter.id, [first]) for voter in voters]
    said[10:10] = [(voter, picks) for voter, picks, _refusal in bad]
    told = at_once(
        [
            partial(services.cast, poll=cycle.pk, kind="award", voter=voter, picks=picks)
            for voter, picks in said
        ]
    )
    assert [type(one) for one in told[10:14]] == [refusal for _who, _picks, refusal in bad]
    assert {type(one) for one in told[:10] + told[14:]} == {CastBallot}
    assert (Ballot.objects.count(), Pick.objects.count()) == (60, 60)


def test_a_ballot_that_is_in_is_told_so_whatever_befalls_those_beside_it() -> None:
    cycle, _standing, (voter, other, *_others) = voting_now()
    option = min(options_of(cycle).values())
    told = calls.answer(
        [
            (cycle.pk, "award", Wish(voter.id, (option,))),
            (cycle.pk, "award", Wish(2**70, (option,))),  # no id: the statement of all fails
            (cycle.pk + 1, "award", Wish(2**70, (option,))),
            (cycle.pk, "award", Wish(other.id, (option,))),
        ]
    )
    assert [type(one) for one in told] == [CastBallot, DataError, DataError, CastBallot]
    assert Ballot.objects.count() == 2


def test_one_voter_from_eight_devices_has_one_ballot() -> None:
    cycle, _standing, (voter, *_others) = voting_now()
    options = sorted(options_of(cycle).values())
    told = at_once(
        [
            partial(
                services.cast,
                poll=cycle.pk,
                kind="award",
                voter=voter.id,
                picks=[options[number % 3]],
            )
            for number in range(12)
        ],
        threads=8,
    )
    assert {type(one) for one in told} == {CastBallot}
    ballot = Ballot.objects.get()
    assert Pick.objects.count() == 1
    versions = BallotVersion.objects.order_by("number").values_list("number", flat=True)
    assert list(versions) == list(range(1, ballot.number))


@pytest.mark.parametrize("first", [0, 1])
def test_a_prize_is_paid_and_revoked_or_never_paid(first: int) -> None:
    cycle, (ann, *_rest), voters = voting_now()
    bring(cycle, {voters[0]: [ann]})
    lead(cycle, CycleState.PUBLISHED)
    by = User.objects.create_user("mei").id
    revoke = partial(
        services.revoke_prize,
        prize=Prize.objects.get().id,
        reason="bought",
        by=by,
        now=timezone.now(),
    )
    calls: list[Any] = [partial(step, cycle, CycleState.REWARDED), revoke]
    for _twice in range(2):
        at_once(calls[first:] + calls[:first])
    assert shown(ann.id).net == 50
    assert_reconciled()


def test_a_decision_beside_the_publication_counts_or_is_refused() -> None:
    cycle, (ann, *_rest), voters = voting_now(
        6, fairness={"cluster": 0, "burst_ballots": 3, "burst_seconds": 60}
    )
    bring(cycle, {voter: [ann] for voter in voters}, spread=1)
    lead(cycle, CycleState.REVIEW)
    odd = list(Ballot.objects.filter(state="quarantined").values_list("id", flat=True))
    by = User.objects.create_user("mei").id
    decide = partial(services.decide_ballots, counts=True, reason="fine", by=by, now=timezone.now())
    calls: list[Any] = [partial(decide, ballots=[ballot]) for ballot in odd]
    calls.insert(3, partial(step, cycle, CycleState.PUBLISHED))
    told = at_once(calls, threads=4)
    refused = [one for one in told if isinstance(one, DomainError)]
    assert {type(one) for one in refused} <= {BallotsDecided}
    assert votes_of(cycle)["Cand 1"] == (6 - len(refused), len(refused))
    assert not selectors.recount(poll=cycle.pk).differences
