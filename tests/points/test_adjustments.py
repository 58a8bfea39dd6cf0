"""Adjustments by operators: two pairs of eyes, one decision, and rows that say who made it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, ProgrammingError, transaction

from kit.errors import Invalid
from kit.fields import POINTS_LIMIT
from points import services
from points.errors import (
    AdjustmentDecided,
    AdjustmentLapsed,
    InsufficientPoints,
    NoSuchAdjustment,
    ReferenceReused,
    SecondPersonNeeded,
)
from points.models import Adjustment, AdjustmentState, Entry
from points.program_file.shape import AdjustmentsSection
from points.selectors import program_file
from tests.points.support import assert_reconciled, earn, load, member, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
TOO_LATE = NOW + dt.timedelta(hours=48)


@once_a_module
def _program() -> None:
    load()


@pytest.fixture
def olga() -> int:
    return User.objects.create_user("olga").id


@pytest.fixture
def paul() -> int:
    return User.objects.create_user("paul").id


def ask(by: int, points: int = 5_000, **more: Any) -> Adjustment:
    said: dict[str, Any] = {"reason": "Lost", "reference": "ticket-7", "now": NOW}
    if "member" not in more:
        more["member"] = member()
    return services.request_adjustment(points=points, by=by, **said | more)


def test_a_small_one_is_posted_at_once_and_decided_by_nobody(olga: int) -> None:
    made = ask(olga, 1_000)
    assert (made.state, made.requested_by_id, made.decided_by_id) == ("posted", olga, None)
    assert (made.decided_at, made.limit) == (NOW, 1_000)
    assert made.entry is not None
    assert (made.entry.points, made.entry.reason) == (1_000, "Lost")


def test_a_large_one_is_posted_by_another_with_its_reason(olga: int, paul: int) -> None:
    waiting = ask(olga)
    assert (waiting.state, waiting.expires_at) == ("waiting", TOO_LATE)
    assert not Entry.objects.exists()
    done = services.approve(adjustment=waiting.id, by=paul, now=LATER)
    done.refresh_from_db()
    assert (done.state, done.decided_by_id, done.decided_at) == ("posted", paul, LATER)
    assert done.entry == Entry.objects.get(points=5_000, reason="Lost")
    assert shown(done.member_id).available == 5_000
    assert_reconciled()


def test_the_limit_is_the_programs(olga: int) -> None:
    source = program_file().model_copy(update={"adjustments": AdjustmentsSection(approval_above=9)})
    services.load_program(source=source, dry_run=False)
    assert ask(olga, 9, reference="at").state == "posted"
    assert ask(olga, -10, reference="above").state == "waiting"


def test_who_asks_does_not_approve(olga: int, paul: int) -> None:
    waiting = ask(olga)
    with pytest.raises(SecondPersonNeeded):
        services.approve(adjustment=waiting.id, by=olga, now=LATER)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    entry = earn(member(), 5)
    with pytest.raises(IntegrityError, match="adjustment_is_approved_by_another"):
        Adjustment.objects.filter(id=waiting.id).update(
            state="posted", decided_by=olga, decided_at=NOW, entry=entry
        )


def test_a_rejection_says_who_and_why_and_moves_nothing(olga: int, paul: int) -> None:
    waiting = ask(olga)
    services.reject(adjustment=waiting.id, by=paul, reason="Too much", now=LATER)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by_id, waiting.rejection) == (
        "rejected",
        paul,
        "Too much",
    )
    assert not Entry.objects.exists()


def test_who_asks_may_take_it_back(olga: int) -> None:
    taken = services.reject(adjustment=ask(olga).id, by=olga, reason="Mistyped", now=LATER)
    assert taken.state == "rejected"


@pytest.mark.parametrize("first", ["approve", "reject", "lapse"])
@pytest.mark.parametrize("second", ["approve", "reject"])
def test_what_is_decided_stays(olga: int, paul: int, first: str, second: str) -> None:
    waiting = ask(olga)
    decide: dict[str, Callable[[], object]] = {
        "approve": lambda: services.approve(adjustment=waiting.id, by=paul, now=LATER),
        "reject": lambda: services.reject(adjustment=waiting.id, by=paul, reason="", now=LATER),
        "lapse": lambda: services.lapse_adjustments(now=TOO_LATE),
    }
    decide[first]()
    waiting.refresh_from_db()
    with pytest.raises(AdjustmentDecided) as refused:
        decide[second]()
    assert refused.value.extra == {"state": waiting.state}
    assert Entry.objects.count() == (first == "approve")
    for change in ({"state": "waiting"}, {"rejection": "x"}, {"points": 6_000}):
        with pytest.raises(ProgrammingError, match="update or delete"), transaction.atomic():
            Adjustment.objects.filter(id=waiting.id).update(**change)
    with pytest.raises(ProgrammingError, match="update or delete"), transaction.atomic():
        waiting.delete()


@pytest.mark.parametrize("decide", [services.approve, services.reject])
def test_after_two_days_it_is_too_late(
    olga: int, paul: int, decide: Callable[..., Adjustment]
) -> None:
    waiting = ask(olga)
    more = {"reason": ""} if decide is services.reject else {}
    with pytest.raises(AdjustmentLapsed):
        decide(adjustment=waiting.id, by=paul, now=TOO_LATE, **more)
    just_before = TOO_LATE - dt.timedelta(microseconds=1)
    assert decide(adjustment=waiting.id, by=paul, now=just_before, **more).decided_at == just_before


def test_the_sweep_closes_what_nobody_decided_a_batch_at_a_time(olga: int, paul: int) -> None:
    old = [ask(olga, reference=f"old-{number}") for number in range(3)]
    young = ask(olga, reference="young", now=LATER)
    small = ask(olga, 5, reference="small")
    before = TOO_LATE - dt.timedelta(microseconds=1)
    assert services.lapse_adjustments(now=before) == 0
    assert services.lapse_adjustments(now=TOO_LATE, limit=2) == 2
    assert services.lapse_adjustments(now=TOO_LATE, limit=2) == 1
    assert services.lapse_adjustments(now=TOO_LATE, limit=2) == 0
    states = dict(Adjustment.objects.values_list("reference", "state"))
    assert states == {
        **{one.reference: "lapsed" for one in old},
        young.reference: "waiting",
        small.reference: "posted",
    }
    for lapsed in Adjustment.objects.filter(state="lapsed"):
        assert (lapsed.decided_by, lapsed.decided_at) == (None, TOO_LATE)


def test_what_cannot_be_taken_still_waits(olga: int, paul: int) -> None:
    load(overdraft="floor")
    waiting = ask(olga, -5_000)
    with pytest.raises(InsufficientPoints):
        services.approve(adjustment=waiting.id, by=paul, now=LATER)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    earn(waiting.member_id, 6_000)
    services.approve(adjustment=waiting.id, by=paul, now=LATER)
    assert shown(waiting.member_id).available == 1_000


def test_a_reference_is_one_adjustment(olga: int, paul: int) -> None:
    who = member()
    first = ask(olga, member=who)
    assert ask(paul, member=who) == first
    for other in ({"points": 5_001}, {"reason": "x"}, {"member": member()}):
        with pytest.raises(ReferenceReused):
            ask(olga, **{"member": who} | other)
    assert Adjustment.objects.get().requested_by_id == olga


@pytest.mark.parametrize(
    "bad",
    [
        {"points": 0},
        {"points": True},
        {"points": POINTS_LIMIT + 1},
        {"reason": ""},
        {"reason": " \0 "},
        {"reason": "x" * 501},
        {"reference": ""},
        {"reference": "x" * 129},
        {"reference": "a\nb"},
    ],
    ids=str,
)
def test_a_request_says_how_much_and_why(olga: int, bad: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ask(olga, **bad)
    assert not Adjustment.objects.exists()


def test_an_adjustment_that_is_not_there_is_not_found(olga: int) -> None:
    with pytest.raises(NoSuchAdjustment) as refused:
        services.approve(adjustment=1, by=olga, now=NOW)
    assert refused.value.status == 404
    with pytest.raises(NoSuchAdjustment):
        services.reject(adjustment=1, by=olga, reason="", now=NOW)


def row(**more: Any) -> Adjustment:
    said = {"member_id": member(), "points": 5, "limit": 5, "reason": "r", "reference": "a"}
    said |= {"requested_by_key": "key:1", "expires_at": NOW}
    return Adjustment(**said | more)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("adjustment_points_bounded_and_not_zero", {"points": 0}),
        ("adjustment_points_bounded_and_not_zero", {"points": POINTS_LIMIT + 1}),
        ("adjustment_has_a_reason", {"reason": ""}),
        ("adjustment_state_is_known", {"state": "x", "decided_at": NOW}),
        ("adjustment_is_asked_for_by_somebody", {"requested_by_key": ""}),
        ("adjustment_is_asked_for_by_somebody", {"requested_by": 0}),
        ("adjustment_is_posted_with_its_entry", {"state": "posted", "decided_at": NOW}),
        ("adjustment_is_posted_with_its_entry", {"entry": 0}),
        ("adjustment_waits_or_is_decided", {"decided_at": NOW}),
        ("adjustment_waits_or_is_decided", {"decided_by": 0}),
        ("adjustment_waits_or_is_decided", {"state": "lapsed"}),
        (
            "adjustment_above_the_limit_is_approved",
            {"state": "posted", "decided_at": NOW, "entry": 0, "points": 6},
        ),
        (
            "adjustment_above_the_limit_is_approved",
            {"state": "posted", "decided_at": NOW, "entry": 0, "points": -6},
        ),
        ("adjustment_is_rejected_by_somebody", {"state": "rejected", "decided_at": NOW}),
    ],
    ids=str,
)
def test_the_database_holds_it_too(olga: int, name: str, wrong: dict[str, Any]) -> None:
    people = {"requested_by": User.objects.get(), "decided_by": User.objects.get()}
    things = people | {"entry": earn(member(), 5)}
    wrong = {key: things.get(key, value) for key, value in wrong.items()}
    with pytest.raises(IntegrityError, match=name):
        row(**wrong).save()


def test_the_states_are_four(olga: int) -> None:
    assert set(AdjustmentState.values) == {"waiting", "posted", "rejected", "lapsed"}
    assert str(row()) == "+5 (a)"
