"""I9: caps, with everybody asking at once."""

import functools
from typing import Any

import pytest

from points.models import CapUsage
from points.services import Decision
from tests.points.support import act, assert_reconciled, at_once, load, member, shown

call = functools.partial


def vote(caps: list[dict[str, Any]], points: int = 10) -> None:
    load(
        rules=[
            {"code": "up", "action": "vote", "points": points, "caps": [c["code"] for c in caps]},
            {"code": "first", "action": "first", "points": 5, "caps": [c["code"] for c in caps]},
        ],
        caps=caps,
    )


def all_vote(of: int) -> list[Decision]:
    results = at_once([call(act, of, "vote", id=f"vote-{of}-{number}") for number in range(64)])
    assert not [one for one in results if isinstance(one, Exception)], results
    return [decision for (decision,) in results]


DAILY = {"code": "daily", "limit": 103, "period": "day", "over": "partial"}


@pytest.mark.parametrize(("over", "paid"), [("partial", [10] * 9 + [8]), ("none", [10] * 9)])
def test_sixty_four_just_below_the_cap(over: str, paid: list[int]) -> None:
    vote([DAILY | {"over": over}])
    who = member()
    act(who, "first")
    decisions = all_vote(who)
    assert sorted((one.points for one in decisions if one.points), reverse=True) == paid
    refused = [one.story for one in decisions if not one.points]
    assert {story["refused"] for story in refused} == {"cap_reached"}
    assert CapUsage.objects.get().used == shown(who).available == 5 + sum(paid)
    assert_reconciled()


@pytest.mark.parametrize(
    ("order", "paid"),
    [
        # After five tens 55 are used: the one that pays the rest leaves 3 for the strict one.
        (["daily", "ever", "weekly"], [10] * 5 + [3]),
        (["daily", "weekly", "ever"], [10] * 5),
    ],
)
def test_a_grant_passes_through_several_caps_in_their_order(
    order: list[str], paid: list[int]
) -> None:
    caps = [
        DAILY,
        {"code": "weekly", "limit": 60, "period": "week", "over": "none"},
        {"code": "ever", "limit": 58, "period": "lifetime", "over": "partial"},
    ]
    vote(sorted(caps, key=lambda cap: order.index(str(cap["code"]))))
    who = member()
    act(who, "first")
    decisions = all_vote(who)
    assert sorted((one.points for one in decisions if one.points), reverse=True) == paid
    assert {usage.used for usage in CapUsage.objects.all()} == {5 + sum(paid)}
    assert {one.story["cap"] for one in decisions if not one.points} <= {"weekly", "ever"}
    assert_reconciled()


def test_a_cap_is_a_members_own() -> None:
    vote([DAILY | {"limit": 10}])
    people = [member() for _ in range(8)]
    results = at_once([call(act, who, "vote") for who in people * 4])
    assert sum(decision.points for (decision,) in results) == 80
    assert_reconciled()
