"""I12, and the promises of the services' docstrings that a careless caller tries."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.errors import DomainError, Invalid
from kit.fields import POINTS_LIMIT
from points import services
from points.errors import (
    HoldResolved,
    InsufficientPoints,
    NoSuchEntry,
    ReferenceReused,
    RefundTooLarge,
)
from points.models import Account, Entry, Hold
from tests.points.support import NOON, act, assert_reconciled, do, earn, load, member, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

NOT_POINTS = [0, -1, -(2**31), 2**63, POINTS_LIMIT + 1, True, 1.0, "7", None]


@once_a_module
def _program() -> None:
    load()


@pytest.mark.parametrize("points", NOT_POINTS)
def test_a_spend_takes_whole_points_within_bounds(points: Any) -> None:
    who = member()
    earn(who, 50)
    with pytest.raises(Invalid):
        do(services.spend, member=who, points=points, reference="basket")
    assert shown(who).available == 50
    assert not Entry.objects.filter(reference="basket").exists()


@pytest.mark.parametrize("points", NOT_POINTS)
def test_a_hold_takes_whole_points_within_bounds(points: Any) -> None:
    who = member()
    earn(who, 50)
    with pytest.raises(Invalid):
        do(services.hold, member=who, points=points, reference="basket")
    assert (shown(who).available, shown(who).held) == (50, 0)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("points", [one for one in NOT_POINTS if one is not None])
def test_a_refund_takes_whole_points_within_bounds(points: Any) -> None:
    who = member()
    earn(who, 50)
    do(services.spend, member=who, points=40, reference="basket")
    with pytest.raises(Invalid):
        do(services.refund, spent="basket", points=points, reference="back")
    assert shown(who).available == 10


@pytest.mark.parametrize(
    "points", [0, 2**63, -(2**63), POINTS_LIMIT + 1, -POINTS_LIMIT - 1, True, 1.0, "7", None]
)
def test_an_adjustment_takes_whole_points_within_bounds(points: Any) -> None:
    who = member()
    with pytest.raises(Invalid):
        do(services.adjust, member=who, points=points, reference="by hand", reason="")
    assert not Entry.objects.filter(member=who).exists()


@pytest.mark.parametrize("points", [1, 2**31, POINTS_LIMIT])
def test_the_bounds_themselves_are_points(points: int) -> None:
    who = member()
    do(services.adjust, member=who, points=points, reference="in", reason="")
    do(services.hold, member=who, points=points, reference="aside")
    do(services.release, reference="aside")
    do(services.spend, member=who, points=points, reference="out")
    do(services.refund, spent="out", points=points, reference="back")
    do(services.adjust, member=who, points=-points, reference="gone", reason="")
    assert shown(who).net == 0
    assert_reconciled()


@pytest.mark.parametrize("reference", ["", " padded", "a\x1fb", "\x1e", "a\0b", "x" * 201])
@pytest.mark.parametrize(
    "move",
    [
        lambda who, name: do(services.spend, member=who, points=1, reference=name),
        lambda who, name: do(services.hold, member=who, points=1, reference=name),
        lambda who, name: do(services.refund, spent="basket", reference=name),
        lambda who, name: do(services.adjust, member=who, points=1, reference=name, reason=""),
    ],
    ids=["spend", "hold", "refund", "adjust"],
)
def test_a_reference_is_a_name(move: Callable[[int, Any], Any], reference: Any) -> None:
    who = member()
    earn(who, 50)
    do(services.spend, member=who, points=10, reference="basket")
    with pytest.raises(Invalid):
        move(who, reference)
    assert shown(who).available == 40


def test_the_longest_reference_goes_all_the_way() -> None:
    load(expiry={"revive_days": 0})
    who = member()
    name = "x" * 200
    earn(who, 50)
    do(services.hold, member=who, points=10, reference=name)
    do(services.capture, reference=name)
    do(services.refund, spent=f"hold:{name}", reference=name)
    assert shown(who).available == 50


@pytest.mark.parametrize("reason", ["two\nlines", "a\x1fb", "\x1e", "\x1f", "a\0b", "é 分"])
def test_a_reason_may_hold_any_character(reason: str) -> None:
    who = member()
    granted = earn(who, 50)
    taken = do(services.adjust, member=who, points=-5, reference="a", reason=reason)
    (back,) = do(services.reverse, references=[granted.reference], reason=reason)
    kept = reason.translate(dict.fromkeys([0, 0x1E, 0x1F], " "))
    assert (taken.reason, back.reason) == (kept, kept)
    assert_reconciled()


@pytest.mark.parametrize("amount", [2**63, 10**30, POINTS_LIMIT + 1, -POINTS_LIMIT - 1])
def test_an_activity_cannot_name_more_than_the_ledger_holds(amount: int) -> None:
    who = member()
    (decision,) = act(who, amount=amount)
    assert (decision.points, decision.story["refused"]) == (0, "field_out_of_range")


def test_a_multiplier_cannot_lift_a_grant_above_what_the_ledger_holds() -> None:
    load(levels=[{"code": "base", "threshold": 0, "multiplier": "2"}])
    who = member()
    facts = [
        services.Fact("large", "gift", who, NOON, {"amount": POINTS_LIMIT}),
        services.Fact("small", "gift", who, NOON, {"amount": 5}),
    ]
    (large,), (small,) = do(services.award, facts=facts)
    assert large.story["refused"] == "points_out_of_range"
    assert small.points == 10


# --- The same reference (I8) --------------------------------------------------------------------


def test_a_reference_repeated_moves_nothing_and_yields_its_entry() -> None:
    who = member()
    earn(who, 100)
    spent = [do(services.spend, member=who, points=30, reference="s") for _ in range(3)]
    held = [do(services.hold, member=who, points=20, reference="h") for _ in range(3)]
    captured = [do(services.capture, reference="h") for _ in range(3)]
    back = [do(services.refund, spent="s", points=10, reference="r") for _ in range(3)]
    more = [do(services.adjust, member=who, points=5, reference="a", reason="") for _ in range(3)]
    for made in (spent, held, captured, back, more):
        assert len({one.pk for one in made}) == 1
    assert shown(who).available == 100 - 30 - 20 + 10 + 5
    assert_reconciled()


def test_a_reference_names_one_kind_of_movement_only() -> None:
    who, other = member(), member()
    earn(who, 100)
    earn(other, 100)
    do(services.spend, member=who, points=10, reference="taken")
    do(services.spend, member=who, points=10, reference="second")
    do(services.adjust, member=who, points=-10, reference="by hand", reason="")
    do(services.refund, spent="second", points=10, reference="back")
    attempts: list[Callable[[], Any]] = [
        lambda: do(services.spend, member=who, points=11, reference="taken"),
        lambda: do(services.spend, member=other, points=10, reference="taken"),
        lambda: do(services.spend, member=who, points=10, reference="by hand"),
        lambda: do(services.adjust, member=who, points=-10, reference="taken", reason=""),
        lambda: do(services.adjust, member=who, points=-11, reference="by hand", reason=""),
        lambda: do(services.adjust, member=who, points=10, reference="by hand", reason=""),
        lambda: do(services.adjust, member=who, points=10, reference="back", reason=""),
        lambda: do(services.refund, spent="taken", points=10, reference="back"),
        lambda: do(services.refund, spent="taken", reference="by hand"),
    ]
    before = shown(who)
    for attempt in attempts:
        with pytest.raises(ReferenceReused):
            attempt()
    assert shown(who) == before


def test_a_hold_may_share_its_reference_with_a_spend_but_not_with_another_hold() -> None:
    who = member()
    earn(who, 100)
    do(services.spend, member=who, points=10, reference="one")
    do(services.hold, member=who, points=10, reference="one")
    with pytest.raises(ReferenceReused):
        do(services.hold, member=who, points=11, reference="one")


def test_an_adjustment_that_stopped_at_zero_is_found_again_by_its_reference() -> None:
    load(overdraft="floor")
    who = member()
    earn(who, 7)
    first = do(services.adjust, member=who, points=-10, reference="a", reason="")
    assert first.points == -7
    assert do(services.adjust, member=who, points=-10, reference="a", reason="") == first


# --- What there is not enough of ----------------------------------------------------------------


def test_a_refusal_tells_what_there_is_and_what_is_missing() -> None:
    who = member()
    earn(who, 30)
    with pytest.raises(InsufficientPoints) as refused:
        do(services.spend, member=who, points=50, reference="s")
    assert refused.value.extra == {"available": 30, "missing": 20}
    with pytest.raises(InsufficientPoints):
        do(services.hold, member=who, points=31, reference="h")


def test_what_does_not_exist_is_not_found() -> None:
    for call in (
        lambda: do(services.capture, reference="nothing"),
        lambda: do(services.release, reference="nothing"),
        lambda: do(services.refund, spent="nothing", reference="r"),
    ):
        with pytest.raises(NoSuchEntry):
            call()
    assert do(services.reverse, references=["nothing"]) == []


def test_only_a_spend_is_refunded() -> None:
    who = member()
    granted = earn(who, 30)
    with pytest.raises(NoSuchEntry):
        do(services.refund, spent=granted.reference, reference="r")


def test_a_hold_is_resolved_one_way_only() -> None:
    who = member()
    earn(who, 30)
    do(services.hold, member=who, points=10, reference="a")
    do(services.hold, member=who, points=10, reference="b")
    do(services.capture, reference="a")
    do(services.release, reference="b")
    with pytest.raises(HoldResolved):
        do(services.release, reference="a")
    with pytest.raises(HoldResolved):
        do(services.capture, reference="b")
    assert (shown(who).available, shown(who).held) == (20, 0)
    assert_reconciled()


def test_refunds_never_exceed_what_was_spent() -> None:
    who = member()
    earn(who, 30)
    do(services.spend, member=who, points=20, reference="s")
    do(services.refund, spent="s", points=15, reference="r1")
    with pytest.raises(RefundTooLarge):
        do(services.refund, spent="s", points=6, reference="r2")
    do(services.refund, spent="s", reference="r3")
    with pytest.raises(RefundTooLarge):
        do(services.refund, spent="s", reference="r4")
    assert shown(who).available == 30
    assert_reconciled()


def test_a_refusal_leaves_no_trace() -> None:
    who = member()
    with pytest.raises(DomainError):
        do(services.spend, member=who, points=1, reference="s")
    assert not Account.objects.filter(member=who).exists()
