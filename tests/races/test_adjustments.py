"""Adjustments, with everybody deciding at once."""

import functools
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from points import services
from points.errors import AdjustmentDecided
from points.models import Adjustment, Entry
from points.services.adjustments import WAITS
from tests.depth import examples
from tests.points.support import assert_reconciled, at_once, member, numbers, shown

call = functools.partial
ROUNDS = examples(20)


@pytest.fixture
def people() -> list[int]:
    return [User.objects.create_user(f"operator-{number}").id for number in range(4)]


def ask(by: int, of: int, points: int = 5_000, reference: str = "") -> Adjustment:
    return services.request_adjustment(
        member=of,
        points=points,
        reason="Lost",
        reference=reference or f"ticket-{next(numbers)}",
        by=by,
        now=timezone.now(),
    )


def outcomes(results: list[Any]) -> Counter[str]:
    return Counter(
        type(one).__name__ if isinstance(one, Exception) else one.state for one in results
    )


def test_two_approvals_at_once_post_once(people: list[int]) -> None:
    maker, *others = people
    who = member()
    for _round in range(ROUNDS):
        waiting = ask(maker, who)
        results = at_once(
            [
                call(services.approve, adjustment=waiting.id, by=by, now=timezone.now())
                for by in others
            ]
        )
        assert outcomes(results) == {"posted": 1, AdjustmentDecided.__name__: 2}
    assert Entry.objects.count() == ROUNDS
    assert shown(who).available == ROUNDS * 5_000
    assert_reconciled()


def test_an_approval_and_a_rejection_at_once_are_one_decision(people: list[int]) -> None:
    maker, yes, no, _other = people
    who = member()
    for _round in range(ROUNDS):
        waiting = ask(maker, who)
        now = timezone.now()
        results = at_once(
            [
                call(services.approve, adjustment=waiting.id, by=yes, now=now),
                call(services.reject, adjustment=waiting.id, by=no, reason="", now=now),
            ]
        )
        waiting.refresh_from_db()
        assert outcomes(results) == {waiting.state: 1, AdjustmentDecided.__name__: 1}
        assert waiting.decided_by_id == (yes if waiting.state == "posted" else no)
        assert (waiting.entry is not None) == (waiting.state == "posted")
    posted = Adjustment.objects.filter(state="posted").count()
    assert Entry.objects.count() == posted
    assert shown(who).available == posted * 5_000


def test_an_approval_and_the_sweep_at_once_are_one_decision(people: list[int]) -> None:
    maker, yes, *_others = people
    who = member()
    for _round in range(ROUNDS):
        waiting = ask(maker, who)
        lapsed_at = waiting.expires_at
        approved, swept = at_once(
            [
                call(services.approve, adjustment=waiting.id, by=yes, now=lapsed_at - WAITS),
                call(services.lapse_adjustments, now=lapsed_at),
            ]
        )
        waiting.refresh_from_db()
        assert outcomes([approved]) == {AdjustmentDecided.__name__ if swept else "posted": 1}, swept
        assert (swept, waiting.state) in {(0, "posted"), (1, "lapsed")}
        assert (waiting.entry is not None) == (waiting.state == "posted")
    assert Entry.objects.count() == Adjustment.objects.filter(state="posted").count()


@pytest.mark.parametrize("points", [50, 5_000])
def test_one_reference_asked_for_at_once_is_one_adjustment(people: list[int], points: int) -> None:
    who = member()
    for number in range(ROUNDS):
        results = at_once([call(ask, by, who, points, f"one-{number}") for by in people])
        assert outcomes(results) == {"posted" if points == 50 else "waiting": 4}
        assert len({one.id for one in results}) == 1
    assert Adjustment.objects.count() == ROUNDS
    assert Entry.objects.count() == (ROUNDS if points == 50 else 0)
    assert_reconciled()
