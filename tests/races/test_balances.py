"""I1, I3, I8: many hands on one account."""

import functools
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from activities.services import ActivityIn, intake, reverse_activity
from members.models import Member
from points import selectors, services
from points.errors import ReferenceReused
from points.models import Account, Entry, EntryKind, Hold, Standing
from tests.points.support import (
    NOON,
    act,
    assert_reconciled,
    at_once,
    dice,
    do,
    earn,
    fact,
    load,
    member,
    shown,
)

T = TypeVar("T")

call = functools.partial


def late(what: Callable[[], T], *, by: float) -> T:
    time.sleep(by)
    return what()


def outcomes(results: Sequence[object]) -> Counter[str]:
    return Counter(type(one).__name__ for one in results)


def test_fifty_spends_of_ten_against_a_hundred_let_ten_win() -> None:
    who = member()
    earn(who, 100)
    results = at_once(
        [
            call(do, services.spend, member=who, points=10, reference=f"s{number}")
            for number in range(50)
        ]
    )
    assert outcomes(results) == {"Entry": 10, "InsufficientPoints": 40}
    assert (shown(who).available, shown(who).debt) == (0, 0)
    assert_reconciled()


def test_holds_and_spends_share_what_there_is() -> None:
    who = member()
    earn(who, 100)
    results = at_once(
        [
            call(do, service, member=who, points=10, reference=f"{number}")
            for number in range(20)
            for service in (services.spend, services.hold)
        ]
    )
    assert outcomes(results)["InsufficientPoints"] == 30
    assert shown(who).net == 100 - 10 * outcomes(results)["Entry"]
    assert shown(who).available == 0
    assert_reconciled()


def test_five_hundred_credits_and_four_hundred_spends_add_up() -> None:
    people = [member() for _ in range(5)]
    chance = dice(7)
    calls = [
        call(act, chance.choice(people), id=f"gift-{number}", amount=chance.randint(1, 20))
        for number in range(500)
    ] + [
        call(
            do,
            services.spend,
            member=chance.choice(people),
            points=chance.randint(1, 20),
            reference=f"s{number}",
        )
        for number in range(400)
    ]
    chance.shuffle(calls)
    told = outcomes(at_once(calls))
    assert set(told) <= {"list", "Entry", "InsufficientPoints"}
    assert Entry.objects.filter(kind=EntryKind.EARNED).count() == 500 == told["list"]
    assert Entry.objects.filter(kind=EntryKind.SPENT).count() == told["Entry"]
    assert_reconciled()
    for who in people:
        nets = Entry.objects.filter(member=who).order_by("id").values_list("points", "net_after")
        net = 0
        for points, net_after in nets:
            net += points
            assert net_after == net


def test_each_activity_three_times_in_any_order_counts_once() -> None:
    load(
        rules=[
            {"code": "gift", "action": "gift", "points": {"field": "amount"}, "caps": ["daily"]},
            {"code": "fine", "action": "fine", "points": -3},
        ],
        caps=[{"code": "daily", "limit": 60, "period": "day", "over": "partial"}],
    )
    chance = dice(11)
    once = [member() for _ in range(4)]
    names = [Member.objects.get(id=who).external_id for who in once]
    items = [
        ActivityIn(
            f"a{n}", chance.choice(["gift", "gift", "fine"]), names[n % 4], NOON, {"amount": n}
        )
        for n in range(1, 61)
    ]
    thrice = items * 3
    chance.shuffle(thrice)
    batches = [thrice[start : start + 15] for start in range(0, len(thrice), 15)]
    results = at_once([call(intake, items=batch, now=NOON) for batch in batches], threads=8)
    assert not [one for one in results if isinstance(one, Exception)]
    statuses = Counter(item.status for one in results for item in one)
    assert statuses == {"accepted": 60, "duplicate": 120}
    gifts = Counter[str]()
    fines = Counter[str]()
    for item in items:
        if item.action == "gift":
            gifts[item.member] += item.data["amount"]
        else:
            fines[item.member] += 3
    for who, name in zip(once, names, strict=True):
        assert shown(who).net == min(gifts[name], 60) - fines[name]
    assert_reconciled()


def test_one_spend_sent_many_times_at_once_is_one_spend() -> None:
    who = member()
    earn(who, 100)
    results = at_once([call(do, services.spend, member=who, points=10, reference="s")] * 32)
    assert {one.pk for one in results} == {Entry.objects.get(reference="s").pk}
    assert outcomes(results) == {"Entry": 32}
    assert shown(who).available == 90


def test_one_reference_for_two_members_at_once_serves_one_of_them() -> None:
    for number in range(10):
        first, second = member(), member()
        for who in (first, second):
            earn(who, 10)
        for service in (services.spend, services.hold):
            name = f"{service.__name__}{number}"
            results = at_once(
                [
                    call(do, service, member=who, points=5, reference=name)
                    for who in (first, second, first, second)
                ]
            )
            told = outcomes(results)
            assert told["ReferenceReused"] == 2, told
            assert sum(told.values()) == 4
            assert set(told) <= {"ReferenceReused", "Entry", "Hold"}
    assert_reconciled()
    assert ReferenceReused.status == 409


def test_new_accounts_made_by_many_at_once_are_one_each() -> None:
    people = [member() for _ in range(30)]
    chance = dice(3)

    def batch(number: int) -> list[list[services.Decision]]:
        some = chance.sample(people, 20)
        facts = [fact(who, id=f"{number}-{who}", amount=1) for who in some]
        return do(services.award, facts=facts)

    results = at_once([call(batch, number) for number in range(24)], threads=8)
    assert outcomes(results) == {"list": 24}
    assert sum(Account.objects.values_list("available", flat=True)) == 24 * 20
    assert_reconciled()


# --- Twice at once (I7) ---------------------------------------------------------------------------


def test_a_hold_is_captured_or_released_never_both() -> None:
    for number in range(15):
        who = member()
        earn(who, 10)
        do(services.hold, member=who, points=10, reference=f"h{number}")
        results = at_once(
            [
                call(do, services.capture, reference=f"h{number}"),
                call(do, services.release, reference=f"h{number}"),
            ]
        )
        told = outcomes(results)
        assert told["HoldResolved"] == 1, results
        state = Hold.objects.get(reference=f"h{number}").state
        assert (shown(who).available, shown(who).held) == (
            (0, 0) if state == "captured" else (10, 0)
        )
    assert_reconciled()


def test_each_resolution_sent_four_times_at_once_happens_once() -> None:
    for number in range(5):
        who = member()
        earn(who, 30)
        granted = earn(who, 5)
        for name in ("c", "r"):
            do(services.hold, member=who, points=10, reference=f"{name}{number}")
        do(services.spend, member=who, points=10, reference=f"s{number}")
        calls: list[Callable[[], object]] = [
            call(do, services.capture, reference=f"c{number}"),
            call(do, services.release, reference=f"r{number}"),
            call(do, services.reverse, references=[granted.reference]),
            call(do, services.refund, spent=f"s{number}", points=4, reference=f"b{number}"),
        ]
        results = at_once(calls * 4)
        assert not [one for one in results if isinstance(one, Exception)], results
        assert (shown(who).available, shown(who).held, shown(who).debt) == (14, 0, 0)
    assert_reconciled()


def test_refunds_at_once_never_exceed_the_spend() -> None:
    for number in range(5):
        who = member()
        earn(who, 100)
        do(services.spend, member=who, points=100, reference=f"s{number}")
        results = at_once(
            [
                call(do, services.refund, spent=f"s{number}", points=30, reference=f"r{number}-{n}")
                for n in range(8)
            ]
        )
        assert outcomes(results) == {"Entry": 3, "RefundTooLarge": 5}
        assert shown(who).available == 90
    assert_reconciled()


def test_a_reversal_of_a_spend_and_its_refund_at_once_give_it_back_once() -> None:
    for number in range(10):
        who = member()
        earn(who, 100)
        do(services.spend, member=who, points=100, reference=f"s{number}")
        at_once(
            [
                call(do, services.reverse, references=[f"s{number}"]),
                call(do, services.refund, spent=f"s{number}", points=60, reference=f"r{number}"),
            ]
        )
        assert shown(who).available == 100
    assert_reconciled()


def test_a_reversal_and_a_spend_at_once_leave_points_or_debt_but_never_both() -> None:
    for number in range(10):
        who = member()
        granted = earn(who, 10)
        results = at_once(
            [
                call(do, services.reverse, references=[granted.reference]),
                call(do, services.spend, member=who, points=10, reference=f"s{number}"),
            ]
        )
        spent = outcomes(results)["Entry"]
        assert spent or outcomes(results)["InsufficientPoints"]
        assert (shown(who).available, shown(who).debt) == (0, 10 * spent)
    assert_reconciled()


def test_an_activity_and_its_reversal_in_any_order_net_to_zero() -> None:
    load(
        rules=[
            {"code": "gift", "action": "gift", "points": {"field": "amount"}, "caps": ["daily"]},
            {"code": "bonus", "action": "gift", "points": 2},
        ],
        caps=[{"code": "daily", "limit": 10_000, "period": "day", "over": "partial"}],
    )
    who = member()
    name = Member.objects.get(id=who).external_id
    parked = 0
    for number in range(24):
        item = ActivityIn(f"a{number}", "gift", name, NOON, {"amount": 7})
        intaking = call(intake, items=[item], now=NOON)
        reversing = call(reverse_activity, id=item.id, reason="", now=NOON)
        # Now one begins a little before the other, now the other.
        results = at_once(
            [
                call(late, intaking, by=number % 4 * 0.003),
                call(late, reversing, by=(number // 4) % 4 * 0.003),
                reversing if number % 2 else intaking,
            ]
        )
        assert not [one for one in results if isinstance(one, Exception)], results
        parked += results[1].state == "parked"
        assert shown(who).net == 0
    assert shown(who).lifetime == 0
    assert not Standing.objects.exclude(points=0).exists()
    assert_reconciled()
    assert 0 < parked < 24, "both orders should have been met"
    assert selectors.reconcile().entries % 4 == 0
