"""Pending points and cases, with everybody deciding at once: each award once, one way."""

import datetime as dt
import functools
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from points.errors import CaseDecided
from points.models import BrakeCase, BrakeUsage, Entry, PendingAward
from points.services import (
    drop_awards,
    release_awards,
    release_case,
    release_due,
    reverse,
    reverse_case,
    spend,
)
from tests.depth import examples
from tests.points.support import act, assert_reconciled, at_once, do, load, member, shown

call = functools.partial
GIFT = {"code": "gift", "action": "gift", "points": 10}
SLOW = {"code": "slow", "action": "slow", "points": 10, "release": {"days": 1}}
CAP = {"code": "weekly", "limit": 100_000, "period": "week", "over": "partial"}
FAST: dict[str, Any] = {"code": "fast", "counts": "activities", "limit": 20, "period": "day"}
FIRST = {"code": "first", "counts": "points", "limit": 205, "period": "day"}


@pytest.fixture(autouse=True)
def _slow(_program: None) -> None:
    load(rules=[GIFT, SLOW | {"caps": ["weekly"]}], caps=[CAP])


@pytest.fixture
def operator(transactional_db: None) -> int:
    return User.objects.create_superuser("operator").pk


def later() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=2)


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in results)


def waits(of: int, number: int = 1) -> list[PendingAward]:
    for _ in range(number):
        act(of, "slow")
    return list(PendingAward.objects.filter(member=of, state="waiting").order_by("id"))


def test_two_sweeps_at_once_release_each_award_once() -> None:
    people = [member() for _ in range(10)]
    for who in people:
        waits(who, 4)
    now = later()
    swept = at_once([call(do, release_due, now=now) for _ in range(4)])
    assert not [one for one in swept if isinstance(one, Exception)], swept
    assert sum(one.released for one in swept) == 40
    assert Entry.objects.count() == 40
    assert {(shown(who).available, shown(who).pending) for who in people} == {(40, 0)}
    assert_reconciled()


def test_a_sweep_and_a_reversal_end_in_one_of_the_two_orders() -> None:
    seen: Counter[str] = Counter()
    for _round in range(examples(25)):
        who = member()
        [award] = waits(who)
        results = at_once(
            [
                call(do, release_due, now=later()),
                call(do, reverse, references=[award.reference]),
            ]
        )
        assert not [one for one in results if isinstance(one, Exception)], results
        award.refresh_from_db()
        entries = [entry.points for entry in Entry.objects.filter(member=who).order_by("id")]
        assert (award.state, entries) in [("dropped", []), ("released", [10, -10])]
        assert (shown(who).net, shown(who).pending, shown(who).lifetime) == (0, 0, 0)
        seen[award.state] += 1
    assert_reconciled()


def test_release_drop_sweep_and_reversal_at_once_settle_an_award_once(operator: int) -> None:
    for _round in range(examples(15)):
        who = member()
        [award] = waits(who)
        said: dict[str, Any] = {"awards": [award.id], "by": operator, "now": timezone.now()}
        results = at_once(
            [
                call(release_awards, **said),
                call(drop_awards, reason="no", **said),
                call(release_awards, **said),
                call(drop_awards, reason="no", **said),
                call(do, release_due, now=later()),
            ]
        )
        wins = [one for one in results if one == 1 or getattr(one, "released", 0)]
        assert len(wins) == 1, results
        assert kinds(results)["AwardDecided"] in {3, 4}, results
        award.refresh_from_db()
        released = award.state == "released"
        assert shown(who).available == (10 if released else 0)
        assert Entry.objects.filter(member=who).count() == released
    assert_reconciled()


def test_spends_and_grants_go_on_while_awards_are_released() -> None:
    who = member()
    act(who)
    waits(who, 20)
    results = at_once(
        [
            *(call(do, spend, member=who, points=5, reference=f"s{n}") for n in range(10)),
            *(call(act, who) for _ in range(10)),
            *(call(do, release_due, now=later(), limit=7) for _ in range(6)),
        ]
    )
    wrong = [one for one in results if isinstance(one, Exception)]
    assert {type(one).__name__ for one in wrong} <= {"InsufficientPoints"}
    spent = 5 * sum(1 for one in results[:10] if isinstance(one, Entry))
    do(release_due, now=later())
    assert (shown(who).net, shown(who).pending) == (10 + 200 + 100 - spent, 0)
    assert_reconciled()


# --- Brakes and cases -----------------------------------------------------------------------------


@pytest.mark.parametrize(("brake", "passed"), [(FAST, 20), (FIRST, 20)], ids=["count", "points"])
def test_sixty_four_activities_at_a_brakes_limit(brake: dict[str, Any], passed: int) -> None:
    load(rules=[GIFT], brakes=[brake])
    who = member()
    results = at_once([call(act, who, id=f"a{number}") for number in range(64)])
    assert not [one for one in results if isinstance(one, Exception)], results
    held = [one for (one,) in results if "pending" in one.story]
    assert len(held) == 64 - passed
    assert (shown(who).available, shown(who).pending) == (10 * passed, 10 * (64 - passed))
    assert BrakeUsage.objects.get().used <= brake["limit"]
    assert BrakeCase.objects.get().awards.count() == 64 - passed
    assert_reconciled()


def braked(limit: int = 0) -> int:
    load(rules=[GIFT], brakes=[FAST | {"limit": limit}])
    return member()


def test_a_case_decided_by_several_operators_at_once_is_decided_once(operator: int) -> None:
    who = braked()
    for _round in range(examples(10)):
        for _ in range(3):
            act(who)
        before = shown(who).available
        case = BrakeCase.objects.get(state="open").id
        said: dict[str, Any] = {"case": case, "by": operator, "now": timezone.now()}
        results = at_once([call(release_case, **said), call(reverse_case, reason="no", **said)] * 3)
        assert kinds(results) == {"BrakeCase": 1, CaseDecided.__name__: 5}, results
        decided = BrakeCase.objects.get(id=case)
        gained = 30 if decided.state == "released" else 0
        assert (shown(who).available, shown(who).pending) == (before + gained, 0)
    assert_reconciled()


def test_what_comes_while_a_case_is_decided_is_decided_with_it_or_opens_another(
    operator: int,
) -> None:
    who = braked()
    act(who, id="first")
    for number in range(15):
        case = BrakeCase.objects.get(state="open").id
        said: dict[str, Any] = {"case": case, "by": operator, "now": timezone.now()}
        decide = (
            call(release_case, **said) if number % 2 else call(reverse_case, reason="n", **said)
        )
        results = at_once([decide, *(call(act, who, id=f"r{number}-{n}") for n in range(3))])
        assert not [one for one in results if isinstance(one, Exception)], results
        waiting = PendingAward.objects.filter(state="waiting")
        assert {award.case_id for award in waiting} == set(
            BrakeCase.objects.filter(state="open").values_list("id", flat=True)
        )
        act(who, id=f"next-{number}")
    assert PendingAward.objects.count() == 1 + 15 * 4
    assert_reconciled()


def test_a_reversal_while_the_case_is_decided_leaves_nothing_behind(operator: int) -> None:
    who = braked()
    for number in range(15):
        name = f"a{number}"
        act(who, id=name)
        case = BrakeCase.objects.get(state="open").id
        said: dict[str, Any] = {"case": case, "by": operator, "now": timezone.now()}
        results = at_once(
            [
                call(release_case, **said),
                call(do, reverse, references=[f"award:gift:{name}"]),
            ]
        )
        assert not [one for one in results if isinstance(one, Exception)], results
        assert (shown(who).net, shown(who).pending) == (0, 0)
    assert_reconciled()
