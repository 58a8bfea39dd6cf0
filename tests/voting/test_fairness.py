"""Odd ballots are set aside for a person, never deleted."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from kit.errors import Invalid
from members.models import Member
from tests.points.support import assert_reconciled, shown
from tests.voting.support import bring, lead, people, votes_of, voting_now
from voting import services
from voting.errors import BallotsDecided, NothingMarked, PrizeRevoked
from voting.models import Ballot, CycleState, Prize, Voter
from voting.rules import Cast, Gift, Watch, marks, ranked, shares, shuffled
from voting.selectors import titles_of

NOON = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
OLD = NOON - dt.timedelta(days=400)
WATCH = Watch(
    new_since=NOON - dt.timedelta(days=30),
    cluster=3,
    burst_ballots=4,
    burst_seconds=60,
    mutual_pairs=True,
)


def cast(voter: int, *picks: int, at: float = 0, joined: dt.datetime = OLD, **said: object) -> Cast:
    return Cast(
        ballot=uuid.UUID(int=voter),
        voter=voter,
        picks=frozenset(picks),
        cast_at=NOON + dt.timedelta(seconds=at),
        joined_at=joined,
        **({"is_one_time": False} | said),  # type: ignore[arg-type]
    )


def marked(*casts: Cast, watch: Watch = WATCH) -> dict[int, list[str]]:
    return {ballot.int: names for ballot, names in marks(casts=casts, watch=watch).items()}


def test_new_accounts_that_say_the_same_are_marked_together() -> None:
    new = NOON - dt.timedelta(days=5)
    three = [cast(n, 1, 2, at=n * 900, joined=new) for n in (1, 2, 3)]
    others = [cast(4, 1, 3, joined=new), cast(5, 1, 2, at=9000), cast(6, 2, 3, joined=new)]
    assert marked(*three, *others) == {n: ["new_accounts"] for n in (1, 2, 3)}
    assert marked(*three[:2], *others) == {}


def test_those_who_came_once_for_one_name_are_marked() -> None:
    once = [cast(n, 1, at=n * 900, is_one_time=True) for n in (1, 2, 3)]
    assert marked(*once, cast(4, 1), cast(5, 1, 2, is_one_time=True)) == {
        n: ["one_time_voters"] for n in (1, 2, 3)
    }


def test_a_burst_is_marked_to_its_last_ballot_and_not_beyond() -> None:
    burst = [cast(n, 1, at=n * 10) for n in range(1, 7)]
    slow = [cast(n, 1, at=1000 + n * 20) for n in range(10, 16)]
    rush = [cast(n, n % 5 + 10, at=n / 10) for n in range(20, 35)]  # many, of different minds
    assert set(marked(*burst, *slow, *rush)) == set(range(1, 7))
    edge = [cast(n, 1, at=n * 20) for n in range(1, 5)]  # 60 seconds from first to last
    assert marked(*edge) == {}


def test_two_who_pick_each_other_are_marked_where_one_names_nobody_else() -> None:
    pair = [cast(1, 20, 30, own=10), cast(2, 10, own=20)]
    friends = [cast(3, 40, 50, own=30), cast(4, 30, 50, own=40)]
    assert marked(*pair, *friends, cast(5, 10)) == {1: ["mutual_pair"], 2: ["mutual_pair"]}


def test_marks_can_be_turned_off() -> None:
    off = Watch(NOON, cluster=0, burst_ballots=0, burst_seconds=60, mutual_pairs=False)
    assert marked(*[cast(n, 1, joined=NOON, is_one_time=True) for n in range(9)], watch=off) == {}


def test_places_are_shared_and_so_are_their_points() -> None:
    assert ranked({1: (5, 1), 2: (5, 1), 3: (6, 0), 4: (1, 9)}) == {3: 1, 1: 2, 2: 2, 4: 4}
    won = shares(
        ranks={3: 1, 1: 2, 2: 2, 4: 4}, prizes=[Gift(100, "a"), Gift(51, "b"), Gift(20, "c")]
    )
    assert [(one.winner, one.place, one.part, one.points, one.title) for one in won] == [
        *((3, 1, 0, 100, "a"), (1, 2, 1, 35, "b"), (2, 2, 2, 35, "b")),
    ]


def test_every_option_comes_first_for_as_many_voters() -> None:
    firsts = [shuffled(seed="s", voter=voter, options=range(5))[0] for voter in range(2_000)]
    assert all(320 < firsts.count(option) < 480 for option in range(5))


def alike(voters: list[Member], pick: Member) -> dict[Member, list[Member]]:
    return {voter: [pick] for voter in voters}


# --- The quarantine -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_operator_decides_and_the_results_tell_both_counts() -> None:
    cycle, (ann, ben, _cyn), voters = voting_now(
        9, fairness={"cluster": 0, "burst_ballots": 4, "burst_seconds": 60}
    )
    bring(cycle, {**alike(voters[:4], ben), voters[4]: [ann], voters[5]: [ann]}, spread=9)
    assert "4 ballots wait" in lead(cycle, CycleState.REVIEW).alarm
    odd = list(Ballot.objects.filter(state="quarantined").values_list("id", flat=True))
    assert Ballot.objects.get(id=odd[0]).marks == ["burst"]
    by = User.objects.create_user("mei").id
    now = timezone.now()
    with pytest.raises(Invalid):
        services.decide_ballots(ballots=odd, counts=False, reason=" ", by=by, now=now)
    plain = list(Ballot.objects.filter(marks=[]).values_list("id", flat=True))
    with pytest.raises(NothingMarked):
        services.decide_ballots(ballots=plain, counts=False, reason="no", by=by, now=now)
    said: dict[str, Any] = {"by": by, "now": now}
    services.decide_ballots(ballots=odd[:1], counts=True, reason="knows her", **said)
    services.decide_ballots(ballots=odd[1:3], counts=False, reason="one hand", **said)
    alarm = lead(cycle, CycleState.PUBLISHED).alarm
    assert "1 ballots that nobody had decided" in alarm
    assert votes_of(cycle) == {"Cand 1": (2, 0), "Cand 2": (1, 3), "Cand 3": (0, 0)}
    assert Ballot.objects.count() == 6
    with pytest.raises(BallotsDecided):
        services.decide_ballots(ballots=odd, counts=True, reason="late", **said)
    cycle.poll.refresh_from_db()
    assert (cycle.poll.counted, cycle.poll.quarantined) == (3, 3)


@pytest.mark.django_db
def test_new_accounts_are_told_from_those_who_were_here() -> None:
    cycle, (ann, *_rest), voters = voting_now(
        4, fairness={"cluster": 3, "burst_ballots": 0, "mutual_pairs": False}
    )
    new = people(3, joined_at=cycle.poll.opens_at - dt.timedelta(days=20), name="new")
    Voter.objects.bulk_create(Voter(poll=cycle.poll, member=member) for member in new)
    bring(cycle, alike([*new, *voters], ann), spread=600)
    lead(cycle, CycleState.REVIEW)
    found = {ballot.voter_id: ballot.marks for ballot in Ballot.objects.all()}
    assert {found[member.id][0] for member in new} == {"new_accounts"}
    # These did one thing in the month and never voted: the four of them name one person.
    assert {tuple(found[member.id]) for member in voters} == {("one_time_voters",)}


@pytest.mark.django_db
def test_revoking_takes_points_title_and_place_together_and_once() -> None:
    cycle, (ann, ben, _cyn), voters = voting_now()
    bring(cycle, {voters[0]: [ann], voters[1]: [ann, ben], voters[2]: [ann]})
    lead(cycle, CycleState.PUBLISHED)
    unpaid, paid = Prize.objects.get(member=ben), Prize.objects.get(member=ann)
    by: dict[str, Any] = {"by": User.objects.create_user("mei").id, "now": timezone.now()}
    services.revoke_prize(prize=unpaid.id, reason="copied", **by)
    lead(cycle, CycleState.REWARDED)
    assert (shown(ann.id).net, shown(ben.id).net) == (550, 40)
    services.revoke_prize(prize=paid.id, reason="bought votes", **by)
    assert shown(ann.id).net == 50
    assert titles_of(member=ann.id) == ()
    with pytest.raises(PrizeRevoked):
        services.revoke_prize(prize=paid.id, reason="again", **by)
    assert shown(ann.id).net == 50
    assert_reconciled()
