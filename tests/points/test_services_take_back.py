"""I3, I7: reversals, clawbacks and debts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points import services
from points.errors import RefundTooLarge
from points.models import Allocation, CapUsage, Entry, EntryKind, Lot, Standing
from tests.points.support import (
    act,
    assert_reconciled,
    do,
    earn,
    load,
    member,
    pass_days,
    shown,
)
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db


@once_a_module
def _program() -> None:
    load()


def test_a_clawback_beyond_the_balance_becomes_debt_and_the_next_earnings_repay_it() -> None:
    who = member()
    granted = earn(who, 100)
    do(services.spend, member=who, points=70, reference="s")
    (back,) = do(services.reverse, references=[granted.reference])
    assert (back.points, back.debt_moved, back.net_after) == (-100, 70, -70)
    assert (shown(who).available, shown(who).debt) == (0, 70)
    assert earn(who, 50).debt_moved == -50
    assert (shown(who).available, shown(who).debt) == (0, 20)
    assert earn(who, 50).debt_moved == -20
    assert (shown(who).available, shown(who).debt, shown(who).lifetime) == (30, 0, 100)
    assert_reconciled()


def test_a_clawback_stops_at_zero_where_the_program_says_so() -> None:
    load(overdraft="floor")
    who = member()
    granted = earn(who, 100)
    do(services.spend, member=who, points=70, reference="s")
    do(services.reverse, references=[granted.reference])
    assert (shown(who).available, shown(who).debt, shown(who).lifetime) == (0, 0, 0)
    forgiven = Entry.objects.get(kind=EntryKind.FORGIVEN)
    assert forgiven.points == 70
    assert_reconciled()


def test_a_clawback_takes_from_its_own_lot_first() -> None:
    load(expiry={"days": 5})
    who = member()
    first = earn(who, 40)
    pass_days(2, of=who)
    second = earn(who, 40)
    do(services.reverse, references=[second.reference])
    lots = {lot.expires_at: lot.remaining for lot in Lot.objects.filter(member=who)}
    second.refresh_from_db()
    first.refresh_from_db()
    assert lots == {first.expires_at: 40, second.expires_at: 0}


def test_a_reversal_happens_once() -> None:
    who = member()
    granted = earn(who, 100)
    first = do(services.reverse, references=[granted.reference])
    again = do(services.reverse, references=[granted.reference])
    assert first == again
    assert do(services.reverse, references=[first[0].reference]) == []
    assert shown(who).net == 0
    assert_reconciled()


def test_standings_caps_and_level_move_back_with_a_reversal() -> None:
    load(
        rules=[{"code": "vote", "action": "vote", "points": 60, "caps": ["daily"]}],
        caps=[{"code": "daily", "limit": 100, "period": "day", "over": "partial"}],
        levels=[{"code": "base", "threshold": 0}, {"code": "silver", "threshold": 80}],
    )
    who = member()
    act(who, "vote", id="one")
    act(who, "vote", id="two")
    assert (shown(who).lifetime, shown(who).level) == (100, "silver")
    do(services.reverse, references=["award:vote:one"])
    assert (shown(who).lifetime, shown(who).level) == (40, "base")
    assert CapUsage.objects.get().used == 40
    assert set(Standing.objects.values_list("points", flat=True)) == {40}
    assert act(who, "vote", id="three")[0].points == 60
    assert_reconciled()


def test_a_reversed_spend_gives_back_only_what_has_not_come_back_yet() -> None:
    who = member()
    earn(who, 100)
    do(services.spend, member=who, points=40, reference="s")
    do(services.refund, spent="s", points=25, reference="r")
    (back,) = do(services.reverse, references=["s"])
    assert back.points == 15
    assert shown(who).available == 100
    with pytest.raises(RefundTooLarge):
        do(services.refund, spent="s", reference="r2")
    assert_reconciled()


def test_a_spend_that_was_refunded_whole_has_nothing_to_reverse() -> None:
    who = member()
    earn(who, 100)
    do(services.spend, member=who, points=40, reference="s")
    do(services.refund, spent="s", reference="r")
    assert do(services.reverse, references=["s"]) == []
    assert shown(who).available == 100


def test_a_deduction_that_became_debt_comes_back_whole() -> None:
    who = member()
    earn(who, 10)
    act(who, "fine", id="f", amount=30)
    assert shown(who).debt == 20
    earn(who, 25)
    assert shown(who).available == 5
    do(services.reverse, references=["award:fine:f"])
    assert (shown(who).available, shown(who).debt) == (35, 0)
    assert_reconciled()


def test_a_release_repays_debt_first_and_reconciles() -> None:
    who = member()
    earn(who, 50)
    do(services.hold, member=who, points=50, reference="h")
    act(who, "fine", amount=10)
    assert (shown(who).available, shown(who).held, shown(who).debt) == (0, 50, 10)
    do(services.release, reference="h")
    assert (shown(who).available, shown(who).held, shown(who).debt) == (40, 0, 0)
    assert_reconciled()
    act(who, "fine", amount=50)
    assert (shown(who).available, shown(who).debt) == (0, 10)
    assert_reconciled()


def test_a_release_repays_debt_across_lots_and_reconciles() -> None:
    load(expiry={"days": 5})
    who = member()
    earn(who, 30)
    pass_days(2, of=who)
    earn(who, 30)
    do(services.hold, member=who, points=60, reference="h")
    act(who, "fine", amount=45)
    do(services.release, reference="h")
    assert (shown(who).available, shown(who).debt) == (15, 0)
    assert_reconciled()


def test_a_partial_refund_returns_to_the_newest_allocation_first() -> None:
    load(expiry={"days": 5})
    who = member()
    earn(who, 30)
    pass_days(2, of=who)
    earn(who, 30)
    do(services.spend, member=who, points=40, reference="s")
    do(services.refund, spent="s", points=15, reference="r")
    returned = list(Allocation.objects.order_by("id").values_list("points", "returned"))
    assert returned == [(30, 5), (10, 10)]
    remaining = Lot.objects.order_by("expires_at").values_list("remaining", flat=True)
    assert list(remaining) == [5, 30]
    assert_reconciled()


def test_a_reversal_of_many_entries_asks_as_often_as_of_one() -> None:
    counts = []
    for size in (1, 100):
        who = member()
        granted = [earn(who, 5).reference for _ in range(size)]
        with CaptureQueriesContext(connection) as asked:
            do(services.reverse, references=granted)
        counts.append(len(asked))
        assert shown(who).net == 0
    assert counts[0] == counts[1]


def test_a_lapsed_grant_that_is_reversed_leaves_no_debt() -> None:
    load(expiry={"days": 5})
    who = member()
    granted = earn(who, 50)
    pass_days(10, of=who)
    do(services.reverse, references=[granted.reference])
    assert (shown(who).available, shown(who).debt, shown(who).lifetime) == (0, 0, 0)
    assert_reconciled()


def test_of_a_lapsed_grant_only_what_was_spent_becomes_debt() -> None:
    load(expiry={"days": 5})
    who = member()
    granted = earn(who, 50)
    do(services.spend, member=who, points=20, reference="tea")
    pass_days(10, of=who)
    earn(who, 5)
    do(services.reverse, references=[granted.reference])
    assert (shown(who).available, shown(who).debt) == (0, 15)
    assert_reconciled()


def test_standings_follow_a_fiscal_year_that_starts_in_another_month() -> None:
    load()
    who = member()
    first, second = earn(who, 50), earn(who, 7)
    do(services.reverse, references=[first.reference])
    load(fiscal_year_starts=3)
    assert_reconciled()
    do(services.reverse, references=[second.reference])
    assert_reconciled()
