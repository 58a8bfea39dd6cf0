"""I5, I6: which lot pays, and what lapses."""

import datetime as dt

import pytest
from django.utils import timezone

from points import services
from points.errors import InsufficientPoints
from points.models import Account, Allocation, Entry, EntryKind, Lot
from tests.points.support import (
    FINE,
    GIFT,
    act,
    assert_reconciled,
    do,
    earn,
    fact,
    load,
    member,
    pass_days,
    shown,
)
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db


@once_a_module
def _program() -> None:
    load(expiry={"days": 5})


def free(of: int) -> list[int]:
    lots = Lot.objects.filter(member=of).order_by("expires_at")
    return [lot.remaining - lot.held for lot in lots]


def test_the_earliest_expiry_pays_first_and_what_never_lapses_last() -> None:
    who = member()
    load(expiry={"policy": "never"})
    earn(who, 10)
    load(expiry={"days": 9})
    earn(who, 10)
    load(expiry={"days": 5})
    earn(who, 10)
    do(services.spend, member=who, points=25, reference="s")
    paid = Allocation.objects.order_by("id").values_list("lot__expires_at", "points")
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    days = [(at and (at - today).days, points) for at, points in paid]
    assert days == [(6, 10), (10, 10), (None, 5)]
    assert_reconciled()


def test_a_hold_takes_the_earliest_expiry_too() -> None:
    who = member()
    earn(who, 10)
    pass_days(1, of=who)
    earn(who, 10)
    do(services.hold, member=who, points=15, reference="h")
    assert list(Lot.objects.order_by("expires_at").values_list("held", flat=True)) == [10, 5]


def test_a_lapsed_lot_is_neither_shown_nor_spent_before_any_entry_says_so() -> None:
    who = member()
    earn(who, 30)
    pass_days(1, of=who)
    earn(who, 20)
    pass_days(5, of=who)
    assert shown(who).available == 20
    assert Account.objects.get(member=who).available == 50
    assert not Entry.objects.filter(kind=EntryKind.EXPIRED).exists()
    with pytest.raises(InsufficientPoints):
        do(services.spend, member=who, points=21, reference="too much")
    with pytest.raises(InsufficientPoints):
        do(services.hold, member=who, points=21, reference="too much")
    do(services.spend, member=who, points=20, reference="all")
    assert Entry.objects.get(kind=EntryKind.EXPIRED).points == -30
    assert (shown(who).available, Account.objects.get(member=who).available) == (0, 0)
    assert_reconciled()


def test_a_lapse_is_written_once_however_many_postings_meet_it() -> None:
    who = member()
    earn(who, 30)
    pass_days(6, of=who)
    earn(who, 20)
    for number in range(3):
        do(services.spend, member=who, points=1, reference=f"s{number}")
        act(who, "fine", amount=1)
    assert Entry.objects.filter(kind=EntryKind.EXPIRED).count() == 1
    assert_reconciled()


def test_points_granted_to_a_lot_that_was_written_off_are_written_off_too() -> None:
    # A posting that waited across the instant computed its expiry before it.
    who = member()
    earn(who, 30)
    pass_days(10, of=who)
    act(who, "fine", amount=1)
    before = timezone.now() - dt.timedelta(days=10)
    for amount in (7, 3):
        do(services.award, facts=[fact(who, amount=amount)], now=before)
        assert shown(who).available == 0
        earn(who, 20)
        do(services.spend, member=who, points=20, reference=f"after {amount}")
    expired = Entry.objects.filter(kind=EntryKind.EXPIRED).order_by("id")
    # 1 of the first 7 had repaid the fine's debt.
    assert [entry.points for entry in expired] == [-30, -6, -3]
    assert_reconciled()


def test_points_granted_to_a_lapsed_lot_within_a_batch_do_not_block_it() -> None:
    who = member()
    earn(who, 30)
    pass_days(10, of=who)
    before = timezone.now() - dt.timedelta(days=10)
    facts = [fact(who, "fine", amount=1), fact(who, amount=9), fact(who, "fine", amount=1)]
    do(services.award, facts=facts, now=before)
    assert (shown(who).available, shown(who).debt) == (0, 1)
    assert_reconciled()


def test_held_points_do_not_lapse() -> None:
    who = member()
    earn(who, 30)
    do(services.hold, member=who, points=20, reference="h")
    pass_days(10, of=who)
    assert (shown(who).available, shown(who).held) == (0, 20)
    earn(who, 5)
    do(services.spend, member=who, points=5, reference="s")
    assert Entry.objects.get(kind=EntryKind.EXPIRED).points == -10
    do(services.capture, reference="h")
    assert (shown(who).held, shown(who).net) == (0, 0)
    assert_reconciled()


def test_what_a_lapsed_lot_paid_revives_for_some_days() -> None:
    who = member()
    earn(who, 30)
    do(services.spend, member=who, points=10, reference="s")
    do(services.hold, member=who, points=10, reference="h")
    pass_days(10, of=who)
    do(services.refund, spent="s", reference="r")
    do(services.release, reference="h")
    assert shown(who).available == 20
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert Lot.objects.get(granted=20).expires_at == today + dt.timedelta(days=8)
    pass_days(8, of=who)
    assert shown(who).available == 0
    assert_reconciled()


def test_what_a_lapsed_lot_paid_is_forfeited_where_the_program_says_so() -> None:
    load(expiry={"days": 5, "revive_days": 0})
    who = member()
    earn(who, 30)
    do(services.spend, member=who, points=10, reference="s")
    do(services.hold, member=who, points=10, reference="h")
    pass_days(10, of=who)
    do(services.refund, spent="s", points=4, reference="r1")
    do(services.refund, spent="s", points=6, reference="r2")
    do(services.release, reference="h")
    assert (shown(who).available, shown(who).held, shown(who).net) == (0, 0, 0)
    # The first also writes off the ten that were never used.
    expired = Entry.objects.filter(kind=EntryKind.EXPIRED).order_by("id")
    assert [entry.points for entry in expired] == [-14, -6, -10]
    assert_reconciled()


def test_a_lapsed_lot_pays_no_deduction() -> None:
    load(expiry={"days": 5}, rules=[GIFT, FINE], overdraft="floor")
    who = member()
    earn(who, 30)
    pass_days(10, of=who)
    (decision,) = act(who, "fine", amount=5)
    assert (decision.points, decision.story["refused"]) == (0, "balance_is_zero")
    assert_reconciled()
