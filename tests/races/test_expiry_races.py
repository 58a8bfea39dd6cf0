"""The sweep beside whatever else moves the points that lapse, at the same instant."""

import datetime as dt
import functools
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from points import services
from points.errors import InsufficientPoints
from points.models import Entry, EntryKind, ExpiryNotice, Lot
from tests.points.support import (
    assert_reconciled,
    at_once,
    dice,
    do,
    earn,
    fact,
    load,
    member,
    pass_days,
    shown,
)

call = functools.partial
ROUNDS = 200


def no_errors(results: list[Any]) -> list[Any]:
    assert not [one for one in results if isinstance(one, Exception)], results
    return results


def spend_as_it_lapses(of: int, later: float) -> bool:
    """Have the member's points lapse in a moment, and spend them so many seconds from now."""
    lapses_at = timezone.now() + dt.timedelta(milliseconds=40)
    Lot.objects.filter(member=of).update(expires_at=lapses_at)
    time.sleep(later)
    try:
        do(services.spend, member=of, points=10, reference=f"s{of}")
    except InsufficientPoints:
        return False
    return True


def sweep_until(over: Callable[[], bool], limit: int = 3) -> int:
    """Sweep again and again until then, and once after it; return how many lots lapsed."""
    lots = 0
    is_last = False
    while not is_last:
        is_last = over()
        lots += do(services.lapse_due, limit=ROUNDS if is_last else limit).lots
    return lots


def test_a_spend_and_the_sweep_at_the_same_instant_are_never_both() -> None:
    load(expiry={"days": 5})
    chance = dice(16)
    people = [member() for _ in range(ROUNDS)]
    for who in people:
        earn(who, 10)
    spent: dict[int, bool] = {}

    def spend(who: int, later: float) -> None:
        spent[who] = spend_as_it_lapses(who, later)

    sweeps = [call(sweep_until, lambda: len(spent) == ROUNDS)] * 2
    spends = [call(spend, who, chance.uniform(0, 0.06)) for who in people]
    swept, swept_too, *_nothing = no_errors(at_once([*sweeps, *spends], threads=8))
    swept += do(services.lapse_due).lots
    told: Counter[str] = Counter()
    for who in people:
        moved = list(Entry.objects.filter(member=who).exclude(kind=EntryKind.EARNED))
        assert [one.points for one in moved] == [-10]
        assert (moved[0].kind == EntryKind.SPENT) == spent[who]
        told[moved[0].kind] += 1
        assert shown(who).net == 0
    assert min(told[EntryKind.SPENT], told[EntryKind.EXPIRED]) > 0
    # A refused spend writes nothing, not even what it found lapsed: all of it is the sweeps'.
    assert swept + swept_too == told[EntryKind.EXPIRED]
    assert_reconciled()


def test_sweeps_at_once_write_off_each_lot_once() -> None:
    load(expiry={"days": 5})
    people = [member() for _ in range(60)]
    for who in people:
        earn(who, 10)
        pass_days(6, of=who)
    calls = [call(do, services.lapse_due, limit=limit) for limit in (7, 11, 3, 60) * 6]
    swept = no_errors(at_once(calls, threads=8))
    assert sum(one.lots for one in swept) == len(people)
    assert Entry.objects.filter(kind=EntryKind.EXPIRED).count() == len(people)
    assert_reconciled()


def test_what_is_granted_to_a_lapsing_lot_beside_the_sweep_lapses_once() -> None:
    load(expiry={"days": 5})
    people = [member() for _ in range(4)]
    last_week = timezone.now() - dt.timedelta(days=7)
    calls: list[Callable[[], object]] = []
    for _ in range(10):
        calls += [
            call(do, services.award, facts=[fact(who, amount=3)], now=last_week) for who in people
        ]
        calls += [call(do, services.lapse_due, limit=2)] * 2
    no_errors(at_once(calls, threads=8))
    do(services.lapse_due)
    sums = dict(Entry.objects.values_list("kind").annotate(Sum("points")))
    assert sums == {EntryKind.EARNED: 120, EntryKind.EXPIRED: -120}
    assert all(lot.remaining == 0 for lot in Lot.objects.all())
    assert_reconciled()


@pytest.mark.parametrize("revive_days", [7, 0])
def test_a_hold_released_beside_the_sweep_revives_or_lapses_but_never_both(
    revive_days: int,
) -> None:
    load(expiry={"days": 5, "revive_days": revive_days})
    people = [member() for _ in range(20)]
    for who in people:
        earn(who, 10)
        do(services.hold, member=who, points=4, reference=f"h{who}")
        pass_days(6, of=who)
    calls: list[Callable[[], object]] = []
    for who in people:
        calls += [
            call(do, services.release, reference=f"h{who}"),
            call(do, services.lapse_due, limit=7),
        ]
    no_errors(at_once(calls, threads=8))
    do(services.lapse_due)
    for who in people:
        lapsed = Entry.objects.filter(member=who, kind=EntryKind.EXPIRED)
        assert lapsed.aggregate(sum=Sum("points"))["sum"] == (-6 if revive_days else -10)
        assert shown(who).available == (4 if revive_days else 0)
    assert_reconciled()


def test_notices_made_at_once_are_made_once() -> None:
    load(expiry={"days": 6})
    people = [member() for _ in range(40)]
    for who in people:
        earn(who, 10)
    no_errors(at_once([call(do, services.tell_what_lapses)] * 6))
    assert ExpiryNotice.objects.count() == len(people)
