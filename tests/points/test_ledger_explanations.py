"""I10: every grant, deduction and refusal says what it rests on."""

from typing import Any

import pytest
from django.utils import timezone

from points import services
from points.models import Cap, Entry, RuleVersion
from tests.points.support import NOON, act, do, earn, fact, load, member

pytestmark = pytest.mark.django_db


def only(of: int, action: str = "do", **data: Any) -> dict[str, Any]:
    (decision,) = act(of, action, **data)
    assert decision.story["rule"] == decision.rule
    assert decision.story["points"] == decision.points
    return decision.story


def test_an_entry_names_rule_version_inputs_level_and_caps() -> None:
    said = {"code": "talk", "action": "talk", "points": {"field": "words"}, "caps": ["daily"]}
    program: dict[str, Any] = {
        "caps": [{"code": "daily", "limit": 100, "period": "day", "over": "partial"}],
        "levels": [{"code": "base", "threshold": 0, "multiplier": "1.5"}],
    }
    load(rules=[said], **program)
    load(rules=[said | {"points": {"field": "words", "times": 2}}], **program)
    who = member()
    act(who, "talk", id="one", words=20)
    act(who, "talk", id="two", words=20)
    second = Entry.objects.get(reference="award:talk:two")
    assert second.rule_version == RuleVersion.objects.get(number=2)
    assert second.explanation == {
        "rule": "talk",
        "version": 2,
        "points": 40,
        "base": 40,
        "multiplier": "1.5",
        "level": "base",
        "inputs": {"words": 20},
        "caps": [
            {
                "cap": "daily",
                "id": Cap.objects.get().id,
                "limit": 100,
                "used": 60,
                "from": "2026-03-10",
            }
        ],
    }
    assert (second.activity, second.occurred_at) == ("two", NOON)
    assert second.points == 40


def test_every_entry_that_a_rule_made_explains_itself() -> None:
    load()
    who = member()
    earn(who, 5)
    act(who, "fine", amount=7)
    for entry in Entry.objects.all():
        told = entry.explanation
        version = entry.rule_version
        assert version is not None
        assert (told["rule"], told["version"]) == (version.rule.code, version.number)
        assert told["points"] == entry.points
        assert told["inputs"] == {"amount": abs(entry.points)}


def rule(**more: Any) -> dict[str, Any]:
    return {"code": "do", "action": "do", "points": 5, **more}


def test_refused_before_and_after_the_rule_is_in_force() -> None:
    load(rules=[rule(starts_at="2026-03-11T00:00:00Z", ends_at="2026-03-12T00:00:00Z")])
    story = only(member())
    assert story["refused"] == "not_in_force"
    assert story["from"] == "2026-03-11T00:00:00+00:00"
    assert story["to"] == "2026-03-12T00:00:00+00:00"


def test_refused_for_the_condition_that_failed() -> None:
    load(rules=[rule(when={"all": [{"field": "words", "gte": 120}]})])
    story = only(member(), words=119)
    assert story["refused"] == "condition_failed"
    assert story["failed"] == {"field": "words", "gte": 120, "value": 119}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "field_missing"),
        ({"words": None}, "field_missing"),
        ({"words": "7"}, "field_not_whole_number"),
        ({"words": True}, "field_not_whole_number"),
        ({"words": 7.0}, "field_not_whole_number"),
        ({"words": 10**12 + 1}, "field_out_of_range"),
        ({"words": 0}, "no_points"),
    ],
)
def test_refused_for_the_field_that_should_hold_the_amount(
    data: dict[str, Any], reason: str
) -> None:
    load(rules=[rule(points={"field": "words"})])
    assert only(member(), **data)["refused"] == reason


def test_refused_for_points_that_the_multiplier_rounds_away() -> None:
    load(
        rules=[rule(points=1)],
        levels=[{"code": "base", "threshold": 0, "multiplier": "0.5"}],
    )
    assert only(member())["refused"] == "no_points"


def test_refused_for_a_cap_and_told_when_there_is_room_again() -> None:
    load(
        rules=[rule(caps=["daily", "weekly"])],
        caps=[
            {"code": "daily", "limit": 100, "period": "day", "over": "partial"},
            {"code": "weekly", "limit": 8, "period": "week", "over": "none"},
        ],
    )
    who = member()
    assert "refused" not in only(who)
    story = only(who)
    assert (story["refused"], story["cap"]) == ("cap_reached", "weekly")
    assert story["next_at"] == "2026-03-16T00:00:00+00:00"
    assert [(cap["cap"], cap["used"], cap["limit"]) for cap in story["caps"]] == [
        ("daily", 5, 100),
        ("weekly", 5, 8),
    ]


def test_refused_for_a_lifetime_cap_that_never_has_room_again() -> None:
    load(
        rules=[rule(caps=["ever"])],
        caps=[{"code": "ever", "limit": 5, "period": "lifetime", "over": "partial"}],
    )
    who = member()
    only(who)
    assert only(who)["next_at"] is None


def test_refused_for_a_balance_of_zero() -> None:
    load(rules=[rule(points=-5)], overdraft="floor")
    assert only(member())["refused"] == "balance_is_zero"


def test_an_action_without_rules_decides_nothing() -> None:
    load()
    assert do(services.award, facts=[fact(member(), "unheard of")]) == [[]]


def test_the_same_activity_again_is_told_as_repeated() -> None:
    load()
    who = member()
    for known in (False, True):
        (decision,) = act(who, id="once", amount=5)
        assert decision.points == 5
        assert decision.story.get("repeated", False) is known


def test_what_is_done_by_hand_keeps_its_reason() -> None:
    load()
    who = member()
    entry = do(services.adjust, member=who, points=5, reference="a", reason="lost in the move")
    assert entry.reason == "lost in the move"
    (back,) = do(services.reverse, references=["a"], reason="found again", now=timezone.now())
    assert (back.reverses_id, back.reason) == (entry.id, "found again")


def test_a_field_below_zero_takes_points_and_passes_no_cap() -> None:
    load(
        rules=[rule(points={"field": "words"}, caps=["daily"])],
        caps=[{"code": "daily", "limit": 3, "period": "day", "over": "none"}],
    )
    story = only(member(), words=-9)
    assert story["points"] == -9
    assert "caps" not in story
