"""Small calls of the intake that come at once share a transaction, and nothing else."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from activities.models import Activity
from activities.services import ActivityIn, ItemResult, Refused, intake_together, together
from activities.services import intake as plain_intake
from kit.together import Together
from members.models import Member
from points import selectors
from tests.factories import MemberFactory
from tests.points.support import at_once, load
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
Intake = Callable[..., list[ItemResult]]


def one(name: str, *, member: str = "ada") -> ActivityIn:
    """An activity that grants five points."""
    return ActivityIn(name, "gift", member, NOW, {"amount": 5})


@pytest.fixture
def ada() -> Member:
    load()
    return MemberFactory.create(external_id="ada")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[list[str | None]]:
    """The ids of the items of each transaction; an item called "bad" breaks its own.

    The first waits until the seven others are there.
    """
    seen: list[list[str | None]] = []
    intake: Intake = plain_intake

    def watched(*, items: Sequence[ActivityIn | Refused], now: dt.datetime) -> list[ItemResult]:
        seen.append([item.id for item in items])
        if len(seen) == 1:
            until(lambda: together.calls.there == 8)
        if any(item.id == "bad" for item in items):
            raise ZeroDivisionError
        return intake(items=items, now=now)

    monkeypatch.setattr(together, "intake", watched)
    # Expects nobody, whatever came before.
    alone = Together(together.calls.answer, most=together.MOST_TOGETHER)
    monkeypatch.setattr(together, "calls", alone)
    return seen


def take(name: str, member: str = "ada") -> Callable[[], Any]:
    """A call of one activity, from a thread of its own."""

    def call() -> list[ItemResult]:
        try:
            return intake_together(items=[one(name, member=member)], now=NOW)
        finally:
            connection.close()

    return call


def test_calls_that_wait_go_together_and_each_gets_its_own_result(
    ada: Member, taken: list[list[str | None]]
) -> None:
    names = [f"a-{number}" for number in range(8)]
    results = at_once([take(name) for name in names], threads=8)
    assert [[result.id for result in made] for made in results] == [[name] for name in names]
    assert [len(batch) for batch in taken] == [1, 7]
    shown = selectors.account(member=ada.id)
    assert shown is not None
    assert shown.net == 40
    assert selectors.reconcile().is_clean


def test_a_call_that_fails_fails_alone(ada: Member, taken: list[list[str | None]]) -> None:
    names = [f"a-{number}" for number in range(7)]
    results = at_once([take(name) for name in [*names, "bad"]], threads=8)
    assert isinstance(results.pop(), ZeroDivisionError)
    assert [made[0].status for made in results] == ["accepted"] * 7
    assert set(Activity.objects.values_list("id", flat=True)) == set(names)
    assert max(map(len, taken)) == 7
    assert together.calls.there == 0


def test_a_large_call_goes_by_itself(ada: Member) -> None:
    items = [one(f"l-{number}") for number in range(together.SMALL + 1)]
    assert len(intake_together(items=items, now=NOW)) == len(items)
    assert together.calls.there == 0
