"""A month's award from its plan to its prizes."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from activities.services import ActivityIn, intake, reverse_activity
from members.models import Member
from points.models import Entry
from points.services import reverse
from tests.points.support import act, assert_reconciled, do, shown
from tests.voting.support import (
    CALENDAR,
    bring,
    clock,
    earned,
    finished,
    lead,
    load,
    people,
    planned,
    votes_of,
)
from voting import services
from voting.models import (
    STEPS,
    Basis,
    Candidate,
    Cycle,
    CycleState,
    Nomination,
    OptOut,
    Poll,
    Prize,
    StepTaken,
    Voter,
)
from voting.selectors import titles_of

pytestmark = pytest.mark.django_db
OCTOBER, SEPTEMBER = dt.date(2026, 10, 1), dt.date(2026, 9, 1)


def test_a_cycle_goes_from_its_plan_to_its_prizes() -> None:
    load()
    ann, ben, cyn, dan = people(4)
    earned(OCTOBER, {ann: 30, ben: 20, cyn: 10, dan: 5})
    cycle = planned(OCTOBER)
    assert (cycle.state, cycle.poll.state) == ("scheduled", "waiting")
    lead(cycle, CycleState.VOTING)
    assert [str(one) for one in Candidate.objects.order_by("option__position")] == [
        *("M 1", "M 2", "M 3"),
    ]
    assert Voter.objects.filter(poll=cycle.pk).count() == 4
    bring(cycle, {ann: [ben], ben: [cyn, ann], cyn: [ben], dan: [ben, ann]})
    finished(cycle)
    assert (cycle.state, cycle.basis) == ("rewarded", "votes")
    assert votes_of(cycle) == {"M 1": (2, 0), "M 2": (3, 0), "M 3": (1, 0)}
    prizes = Prize.objects.order_by("place").values_list("place", "member", "points", "reference")
    assert list(prizes) == [
        (1, ben.id, 500, f"award:cycle:{cycle.pk}:place:1"),
        (2, ann.id, 200, f"award:cycle:{cycle.pk}:place:2"),
        (3, cyn.id, 100, f"award:cycle:{cycle.pk}:place:3"),
    ]
    assert [shown(one.id).net for one in (ann, ben, cyn, dan)] == [230, 520, 110, 5]
    # A gift: neither the level's score nor next month's board knows of it.
    assert shown(ben.id).lifetime == 20
    assert Entry.objects.get(reference=f"award:cycle:{cycle.pk}:place:1").reason == (
        "Best helper 2026-10: place 1"
    )
    assert titles_of(member=ben.id) == ("Helper of the month",)
    taken = StepTaken.objects.order_by("id").values_list("step", "taken_at")
    assert [step for step, _at in taken] == list(STEPS)
    assert all(at >= cycle.instants()[CycleState(step)] for step, at in taken)
    assert_reconciled()


def test_every_step_again_changes_nothing() -> None:
    load()
    ann, ben = people(2)
    earned(OCTOBER, {ann: 30, ben: 20})
    cycle = planned(OCTOBER)
    lead(cycle, CycleState.VOTING)
    bring(cycle, {ann: [ben]})
    finished(cycle)
    entries = Entry.objects.count()
    for step in STEPS:
        assert lead(cycle, step, now=cycle.reward_at + dt.timedelta(days=40)).steps == 0
    assert (Entry.objects.count(), cycle.state) == (entries, "rewarded")


@pytest.mark.parametrize("table", ["voting_cycle", "voting_poll"])
def test_nothing_reopens_whoever_asks(table: str) -> None:
    load()
    cycle = finished(planned(OCTOBER))
    model: Any = Cycle if table == "voting_cycle" else Poll
    for state in set(model._meta.get_field("state").choices) - {(cycle.state, "")}:
        if state[0] in {"rewarded", "published"}:
            continue
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            model.objects.update(state=state[0])


def test_a_step_before_its_instant_is_not_taken() -> None:
    load()
    cycle = planned(OCTOBER)
    early = cycle.poll.closes_at - dt.timedelta(microseconds=1)
    assert lead(cycle, CycleState.REWARDED, now=early).steps == 3
    assert cycle.state == "voting"


# --- Who stands -----------------------------------------------------------------------------------


def test_eligibility_is_seen_at_the_opening() -> None:
    levels = [{"code": "new", "threshold": 0}, {"code": "known", "threshold": 10}]
    load(levels=levels, level="known", category={"shortlist": 9})
    opening = clock().start_of(dt.date(2026, 11, 1))
    names = ("ok", "new", "staff", "hidden", "paused", "out", "low", "late")
    who = dict(zip(names, people(len(names)), strict=True))
    who["new"].joined_at = opening - dt.timedelta(days=30) + dt.timedelta(microseconds=1)
    who["ok"].joined_at = opening - dt.timedelta(days=30)
    who["staff"].is_staff = who["hidden"].is_hidden = True
    who["paused"].state = "paused"
    for member in who.values():
        member.save()
    do_not_stand(who["out"].id)
    earned(OCTOBER, {member: 10 if name != "low" else 9 for name, member in who.items()})
    cycle = planned(OCTOBER)
    # However late the step runs, its instant decides.
    lead(cycle, CycleState.VOTING, now=cycle.poll.opens_at + dt.timedelta(days=3))
    standing = set(Candidate.objects.values_list("member", flat=True))
    assert standing == {who["ok"].id, who["late"].id}
    voters = set(Voter.objects.values_list("member", flat=True))
    assert voters == {member.id for name, member in who.items() if name != "paused"}


def do_not_stand(member: int) -> None:
    OptOut.objects.create(member_id=member)


def test_voters_were_here_for_two_weeks_and_did_something_that_month() -> None:
    load()
    opening = clock().start_of(dt.date(2026, 11, 2))
    [old] = people(1)
    [just] = people(1, joined_at=opening - dt.timedelta(days=14), name="just")
    [new] = people(1, joined_at=opening - dt.timedelta(days=14, seconds=-1), name="new")
    [idle] = people(1, name="idle")
    earned(OCTOBER, [old, just, new], "chat")
    earned(SEPTEMBER, [idle], "chat")
    cycle = planned(OCTOBER)
    lead(cycle, CycleState.VOTING)
    assert set(Voter.objects.values_list("member", flat=True)) == {old.id, just.id}


def test_winners_rest_for_two_cycles() -> None:
    load(category={"shortlist": 1})
    ann, ben = people(2)
    months = [dt.date(2026, month, 1) for month in (7, 8, 9, 10)]
    won: list[int] = []
    for month in months:
        earned(month, {ann: 20, ben: 10})
        cycle = planned(month)
        lead(cycle, CycleState.VOTING)
        [one] = Candidate.objects.filter(cycle=cycle)
        other = ben if one.member_id == ann.id else ann
        bring(cycle, {other: [one.member]})
        finished(cycle)
        won += Prize.objects.filter(cycle=cycle).values_list("member", flat=True)
        if month == months[1]:
            # Of those who won only one may stand, and then none: nobody does in the third month.
            break
    assert won == [ann.id, ben.id]
    earned(months[2], {ann: 20, ben: 10})
    third = planned(months[2])
    assert "nobody stands" in lead(third, CycleState.SHORTLIST).alarm
    finished(third)
    earned(months[3], {ann: 20, ben: 10})
    fourth = planned(months[3])
    lead(fourth, CycleState.SHORTLIST)
    assert [one.member_id for one in Candidate.objects.filter(cycle=fourth)] == [ann.id]


def test_what_was_reversed_does_not_count() -> None:
    load(category={"shortlist": 1})
    ann, ben = people(2)
    earned(OCTOBER, {ann: 30, ben: 20})
    do(reverse, references=[Entry.objects.get(member=ann).reference])
    cycle = planned(OCTOBER)
    lead(cycle, CycleState.SHORTLIST)
    assert [one.member_id for one in Candidate.objects.all()] == [ben.id]


def test_two_different_members_put_one_on_the_shortlist() -> None:
    load(category={"shortlist": 1})
    ann, ben, cyn, dan = people(4)
    earned(OCTOBER, {ann: 30})
    earned(OCTOBER, {cyn: 4})
    cycle = planned(OCTOBER)
    for nominator, nominee in ((ann, ben), (dan, ben), (ann, cyn), (ben, dan), (cyn, dan)):
        Nomination.objects.create(
            cycle=cycle, nominator=nominator, nominee=nominee, reason="so helpful"
        )
    do_not_stand(dan.id)
    lead(cycle, CycleState.SHORTLIST)
    rows = Candidate.objects.order_by("option__position")
    found = [(one.member_id, one.points, one.nominators, one.is_top) for one in rows]
    assert found == [(ann.id, 30, 0, True), (ben.id, 0, 2, False)]


# --- Quorum, ties, titles -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missed", "basis", "winners"),
    [("no_award", Basis.NOTHING, []), ("points_only", Basis.POINTS, [1, 2])],
)
def test_a_missed_quorum_is_as_the_program_says(
    missed: str, basis: Basis, winners: list[int]
) -> None:
    load(category={"quorum": 2, "quorum_missed": missed})
    ann, ben = people(2)
    earned(OCTOBER, {ann: 30, ben: 20})
    cycle = planned(OCTOBER)
    lead(cycle, CycleState.VOTING)
    bring(cycle, {ann: [ben]})
    finished(cycle)
    assert cycle.basis == basis
    assert list(Prize.objects.order_by("place").values_list("place", flat=True)) == winners
    if winners:
        assert Prize.objects.get(place=1).member == ann


def helped(whom: Member, by: str, month: dt.date, *, at: int, points: int) -> None:
    """Have a member be reported to have helped another, at that minute of the month's tenth."""
    noon = clock().start_of(month.replace(day=10)) + dt.timedelta(minutes=at)
    data = {"amount": points, "by": by}
    name = f"{whom.external_id}-{by}-{at}"
    [result] = intake(
        items=[ActivityIn(name, "help", whom.external_id, noon, data)],
        now=timezone.now(),
        any_age=True,
    )
    assert result.status == "accepted"


def test_ties_go_by_points_then_members_helped_then_time_and_are_shared_at_last() -> None:
    load(
        category={
            "shortlist": 5,
            "prizes": [{"place": n, "points": 100, "title": f"No. {n}"} for n in (1, 2, 3, 4, 5)],
        }
    )
    few, two, early, late, same = people(5)
    voter = people(1, name="voter")[0]
    helped(few, "x", OCTOBER, at=1, points=10)  # fewer points
    for other, points in (("x", 10), ("y", 10)):
        helped(two, other, OCTOBER, at=9, points=points)
    helped(early, "x", OCTOBER, at=1, points=10)  # the same one twice, and oneself, are one
    helped(early, "x", OCTOBER, at=2, points=5)
    helped(early, early.external_id, OCTOBER, at=3, points=5)
    for one in (late, same):
        helped(one, "x", OCTOBER, at=4, points=20)
    taken_back = f"{late.external_id}-y-2"
    helped(late, "y", OCTOBER, at=2, points=5)
    reverse_activity(id=taken_back, reason="a mistake", now=timezone.now())
    earned(OCTOBER, [voter], "chat")
    cycle = planned(OCTOBER)
    lead(cycle, CycleState.VOTING)
    bring(cycle, {voter: [few, two, early], few: [late, same]})
    finished(cycle)
    told = dict(Candidate.objects.values_list("member", "helped"))
    assert told == {few.id: 1, two.id: 2, early.id: 1, late.id: 1, same.id: 1}
    places = [
        (prize.member, prize.place, prize.points, prize.reference[-2:])
        for prize in Prize.objects.order_by("place", "member")
    ]
    assert places == [
        (two, 1, 100, ":1"),
        (early, 2, 100, ":2"),
        (late, 3, 100, ".1"),
        (same, 3, 100, ".2"),
        (few, 5, 100, ":5"),
    ]
    assert_reconciled()


def test_a_title_is_held_until_the_next_publication() -> None:
    load()
    ann, ben = people(2)
    for month, best in ((SEPTEMBER, ann), (OCTOBER, ben)):
        earned(month, {best: 30})
        earned(month, [ann, ben], "chat")
    first = planned(SEPTEMBER)
    lead(first, CycleState.VOTING)
    bring(first, {ben: [ann]})
    finished(first)
    second = planned(OCTOBER)
    lead(second, CycleState.VOTING)
    bring(second, {ann: [ben]})
    lead(second, CycleState.REVIEW)
    assert (titles_of(member=ann.id), titles_of(member=ben.id)) == (("Helper of the month",), ())
    lead(second, CycleState.PUBLISHED)
    assert (titles_of(member=ann.id), titles_of(member=ben.id)) == ((), ("Helper of the month",))


# --- The plan -------------------------------------------------------------------------------------


def test_cycles_are_planned_ahead_and_follow_the_program_until_they_begin() -> None:
    load()
    planned(OCTOBER)
    months = Cycle.objects.order_by("starts_on").values_list("starts_on", flat=True)
    assert list(months) == [OCTOBER, dt.date(2026, 11, 1)]
    begun = Cycle.objects.get(starts_on=OCTOBER)
    lead(begun, CycleState.NOMINATIONS)
    again = clock().start_of(dt.date(2026, 10, 28))
    assert do(services.plan_cycles, now=again) == 0
    load(category={"shortlist": 9, "calendar": CALENDAR | {"reward": 9}})
    assert do(services.plan_cycles, now=again) == 1
    begun.refresh_from_db()
    coming = Cycle.objects.get(starts_on=dt.date(2026, 11, 1))
    assert (begun.terms["shortlist"], coming.terms["shortlist"]) == (3, 9)
    assert clock().local_date(coming.reward_at) == dt.date(2026, 12, 10)
    load(categories=[])
    assert do(services.plan_cycles, now=again) == 0
    assert Cycle.objects.get().starts_on == OCTOBER


@pytest.mark.parametrize(
    ("zone", "month", "shortlist_at"),
    [
        ("Asia/Shanghai", "2027-12-01", "2027-12-31T16:00:00+00:00"),
        ("Asia/Shanghai", "2028-02-01", "2028-02-29T16:00:00+00:00"),
        ("America/New_York", "2026-03-01", "2026-04-01T04:00:00+00:00"),
        ("America/New_York", "2026-10-01", "2026-11-01T04:00:00+00:00"),
        ("America/New_York", "2026-11-01", "2026-12-01T05:00:00+00:00"),
    ],
)
def test_steps_fall_on_the_communitys_own_days(zone: str, month: str, shortlist_at: str) -> None:
    load(community={"time_zone": zone})
    ann, ben = people(2)
    first = dt.date.fromisoformat(month)
    cycle = planned(first)
    assert cycle.shortlist_at == dt.datetime.fromisoformat(shortlist_at)
    hours = {name: at.astimezone(clock().zone).hour for name, at in cycle.instants().items()}
    assert set(hours.values()) == {0}
    # The month's last microsecond counts, and the next month's first does not.
    edge = cycle.shortlist_at
    for member, at in ((ann, edge - dt.timedelta(microseconds=1)), (ben, edge)):
        earned_at(member.id, at)
    lead(cycle, CycleState.SHORTLIST)
    assert [one.member_id for one in Candidate.objects.all()] == [ann.id]


def earned_at(member: int, at: dt.datetime) -> None:
    act(member, "help", at=at, amount=10)
