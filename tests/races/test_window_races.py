"""Windows under load: at the closing instant, with many workers, and with workers that die."""

import datetime as dt
import functools
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

import points.services
from kit import jobs
from kit.models import JobRun
from kit.transactions import durable, take_turns
from members.models import Member
from members.selectors import community
from points.models import Entry, Hold
from rewards import services
from rewards.errors import WindowClosed
from rewards.models import Redemption, RequestState, Reward, Window, WindowRequest, WindowState
from rewards.selectors.replay import seed_of
from rewards.services import Filed
from rewards.services.windows.requests import AT_ONCE, turn_of
from tests.jobs.killing import killed_at_every_step
from tests.points.support import assert_reconciled, at_once, do, fact
from tests.races.test_event_races import waiting_for_locks
from tests.races.test_redemption_races import crowd
from tests.rewards.support import assert_sound, left, reward, rich
from tests.rewards.windows import asleep_until, beat, lead, opened, planned, step

pytestmark = pytest.mark.django_db(transaction=True)

call = functools.partial
file_request = durable(services.file_request)


def filing(window: Window, people: Sequence[Member], what: Reward, **said: Any) -> list[Any]:
    """Return the calls by which these people ask for the reward."""
    item = window.items.get(reward=what).pk
    now = timezone.now()
    return [
        call(file_request, window=window.pk, item=item, member=who.id, now=now, **said)
        for who in people
    ]


def test_requests_across_the_close_are_held_or_refused() -> None:
    mug = reward(stock=50)
    window, people = opened((mug, 50), policy="first_come"), crowd(200)
    calls = filing(window, people, mug)
    calls.insert(100, call(step, window, WindowState.CLOSED))
    told = at_once(calls)
    told.pop(100)
    held = [one for one in told if isinstance(one, Filed)]
    assert {type(one) for one in told} == {Filed, WindowClosed}
    assert WindowRequest.objects.filter(state="held").count() == len(held) == Hold.objects.count()
    lead(window, WindowState.SETTLED)
    assert Redemption.objects.count() == min(50, len(held))
    assert_sound()


def test_requests_across_the_opening_are_held_once() -> None:
    mug = reward(stock=50)
    window, people = planned((mug, 50), policy="first_come"), crowd(60)
    calls = filing(window, people, mug)
    calls.insert(20, call(lead, window, WindowState.OPEN))
    told = at_once(calls)
    told.pop(20)
    assert {type(one) for one in told} == {Filed}
    assert set(WindowRequest.objects.values_list("state", flat=True)) == {"held"}
    assert Hold.objects.count() == 60
    assert_reconciled()


def filed_across(window: Window, state: WindowState, what: Reward, who: Member) -> Any:
    """Have the window take a step while a request waits for its turn; return what became of it."""
    [filing_one] = filing(window, [who], what)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        take_turns(name=turn_of(window=window))
        filed = pool.submit(at_once, [filing_one])
        while not waiting_for_locks():
            assert not filed.done(), filed.result()
        services.take_window_step(key=f"{window.name} {state}", cursor=None, now=timezone.now())
    [told] = filed.result()
    return told


def test_a_request_that_waited_across_the_close_is_refused() -> None:
    mug = reward(stock=50)
    window, ann = opened((mug, 50)), rich()
    assert isinstance(filed_across(window, WindowState.CLOSED, mug, ann), WindowClosed)
    assert not WindowRequest.objects.exists()
    assert not Hold.objects.exists()


def test_a_request_that_waited_across_the_opening_holds_its_points() -> None:
    mug = reward(stock=50)
    window, ann = planned((mug, 50), opens_in=2), rich()
    filed = filed_across(window, WindowState.OPEN, mug, ann)
    assert filed.request.state == "held"
    assert Hold.objects.count() == WindowRequest.objects.count() == 1


def test_one_member_from_many_devices_asks_once() -> None:
    mug = reward(stock=5)
    window, ann = opened((mug, 5)), rich()
    told = at_once(filing(window, [ann] * 24, mug))
    assert sum(isinstance(one, Filed) for one in told) == 1
    assert Hold.objects.count() == WindowRequest.objects.count() == 1


def test_a_request_is_withdrawn_or_settled() -> None:
    mug = reward(points=30, stock=50)
    window, people = opened((mug, 10), policy="first_come"), crowd(20)
    at_once(filing(window, people, mug))
    lead(window, WindowState.PUBLISHED)
    leaving: list[Any] = [
        call(durable(services.withdraw_requests), member=who.id, now=timezone.now())
        for who in people
    ]
    leaving.insert(5, call(lead, window, WindowState.SETTLED))
    told = at_once(leaving)
    assert not [one for one in told if isinstance(one, Exception)]
    rows = WindowRequest.objects.all()
    settled = rows.exclude(settled_at=None)
    assert settled.filter(state=RequestState.WON).count() == Redemption.objects.count()
    assert rows.filter(settled_at=None).exclude(state="withdrawn").count() == 0
    assert Entry.objects.filter(kind="spent").count() == Redemption.objects.count()
    assert left(mug) == 50 - Redemption.objects.count()
    assert_sound()


def test_many_workers_at_once_settle_each_request_once() -> None:
    mug = reward(points=30, stock=50)
    window, people = opened((mug, 10), policy="first_come"), crowd(40)
    at_once(filing(window, people, mug))
    lead(window, WindowState.PUBLISHED)
    told = at_once([call(lead, window, WindowState.SETTLED)] * 6, threads=6)
    assert not [one for one in told if isinstance(one, Exception)]
    assert sum(one.get("won", 0) for one in told) == 10
    assert sum(one.get("released", 0) for one in told) == 30
    assert_settled(window, mug, won=10, lost=30)


def test_two_beats_and_four_workers_lead_a_window_that_was_slept_over() -> None:
    mug = reward(points=30, stock=50)
    window, people = planned((mug, 10), opens_in=2, policy="first_come"), crowd(40)
    at_once(filing(window, people, mug))
    asleep_until(window, opened_ago=dt.timedelta(days=8))
    for _minute in range(7):
        at_once([minute] * 4, threads=4)
    assert_settled(window, mug, won=10, lost=30)
    runs = JobRun.objects.filter(job="window")
    assert list(runs.order_by("id").values_list("period", "state")) == [
        (f"{window.name} {state}", "done") for state in window.instants()
    ]


def minute() -> None:
    """Do what beat and a worker do each minute."""
    jobs.record_due(now=timezone.now(), clock=community().clock)
    jobs.work()
    connection.close()


@pytest.mark.parametrize("policy", ["first_come", "priority", "draw"])
def test_workers_killed_in_every_part_leave_what_an_undisturbed_run_leaves(policy: str) -> None:
    mug = reward(points=30, stock=50)
    window, people = planned((mug, 4), opens_in=2, policy=policy), crowd(10)
    for one in filing(window, people, mug):
        one()
    asleep_until(window, opened_ago=dt.timedelta(days=8))
    # Opening: the quota, 4 parts and the last look. Closing: 1, or 1 and 5. Sharing out: 1, the
    # item and the last look. Publishing: 1. Settling: 4 parts and the last look.
    parts = 6 + (6 if policy == "priority" else 1) + 3 + 1 + 5
    assert killed_at_every_step("window") == 2 * parts
    assert_settled(window, mug, won=4, lost=6)
    ranks = WindowRequest.objects.order_by("rank").values_list("rank", flat=True)
    assert list(ranks) == list(range(1, 11))
    if policy != "draw":
        winners = WindowRequest.objects.filter(state="won").order_by("rank")
        assert list(winners.values_list("member", flat=True)) == [who.id for who in people[:4]]
    beat(2)
    assert_settled(window, mug, won=4, lost=6)


LARGE = int(os.environ.get("WINDOW_REQUESTS", "1000"))
"""`WINDOW_REQUESTS=100000 pytest -k large_window` takes its time."""


def test_a_large_window_whose_workers_die_in_every_part_is_as_if_none_had() -> None:
    """A draw that was slept over, in parts of the service's own size; its order is known before."""
    mug, half = reward(points=30, stock=LARGE), LARGE // 2
    window = planned((mug, half), opens_in=2, policy="draw")
    people = Member.objects.bulk_create(
        [
            Member(external_id=f"many-{number}", joined_at=window.opens_at)
            for number in range(LARGE)
        ],
        batch_size=5_000,
    )
    for start in range(0, LARGE, 5_000):
        facts = [fact(one.id, amount=100) for one in people[start : start + 5_000]]
        do(points.services.award, facts=facts)
    item = window.items.get()
    WindowRequest.objects.bulk_create(
        [
            WindowRequest(window=window, item=item, member=one, points=30, state="intent")
            for one in people
        ],
        batch_size=5_000,
    )
    asleep_until(window, opened_ago=dt.timedelta(days=8))
    # Opening: the quota, the parts and the last look. Closing: 1. Sharing out: 1, its parts of
    # ranking and the last look. Publishing: 1. Settling: the parts and the last look.
    killed = killed_at_every_step("window", at_once=AT_ONCE, seconds=4 * 3_600)
    assert killed > 4 * LARGE // AT_ONCE
    seed = seed_of(drawn=window)
    order = sorted(
        WindowRequest.objects.values_list("id", flat=True),
        key=lambda id_: hashlib.sha256(f"{seed}:{id_}".encode()).digest(),
    )
    rows = WindowRequest.objects.order_by("rank").values_list("id", "rank", "state")
    assert list(rows) == [
        (id_, rank, "won" if rank <= half else "lost") for rank, id_ in enumerate(order, start=1)
    ]
    assert_settled(window, mug, won=half, lost=LARGE - half, stock=LARGE)


def assert_settled(window: Window, what: Reward, *, won: int, lost: int, stock: int = 50) -> None:
    """Each request has become what it should, once, and everything adds up."""
    window.refresh_from_db()
    assert window.state == WindowState.SETTLED
    rows = WindowRequest.objects.filter(window=window).exclude(settled_at=None)
    assert rows.filter(state="won", redemption__isnull=False).count() == won
    assert rows.filter(state="lost", redemption=None).count() == lost
    assert Hold.objects.filter(state="captured").count() == won
    assert Hold.objects.filter(state="released").count() == lost
    assert Entry.objects.filter(kind="spent").count() == won
    assert left(what) == stock - won
    assert_sound()
