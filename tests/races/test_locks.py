"""Deadlocks, locks held too long, and a load of the program beside postings."""

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client
from django.utils import timezone
from psycopg import Connection, connect, errors

from kit.transactions import durable
from members.models import Member
from points import services
from points.models import Account, Entry
from tests.factories import ApiKeyFactory, key_of
from tests.points.support import (
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

call = functools.partial


@contextmanager
def operator() -> Iterator[Connection]:
    """Yield a session beside the service's own."""
    parameters = connection.get_connection_params()
    known = {"dbname", "user", "password", "host", "port"}
    session = connect(**{key: value for key, value in parameters.items() if key in known})
    try:
        yield session
    finally:
        session.close()


def lock(session: Connection, of: int) -> None:
    session.execute("SELECT FROM points_account WHERE member_id = %s FOR UPDATE", [of])


def test_a_deadlock_with_the_opposite_order_is_retried() -> None:
    low, high = sorted([member(), member()])
    for who in (low, high):
        earn(who, 10)
    runs: list[int] = []

    @durable
    def give_both() -> None:
        runs.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '500ms'")
        services.award(
            facts=[fact(low, id="a", amount=1), fact(high, id="b", amount=1)],
            now=timezone.now(),
        )

    with operator() as session:
        session.execute("SET deadlock_timeout = '20s'")
        lock(session, high)
        waiting = threading.Thread(target=close_after(give_both))
        waiting.start()
        until_somebody_waits(session)
        lock(session, low)  # closes the circle; the service's own check finds it
        session.commit()
        waiting.join()
    assert len(runs) == 2
    assert (shown(low).available, shown(high).available) == (11, 11)
    assert_reconciled()


def test_batches_over_the_same_members_in_any_order_do_not_deadlock() -> None:
    people = [member() for _ in range(12)]
    chance = dice(1)
    runs: list[int] = []

    @durable
    def batch(number: int) -> None:
        runs.append(number)
        some = chance.sample(people, 8)
        services.award(
            facts=[fact(who, id=f"{number}-{who}", amount=1) for who in some], now=timezone.now()
        )

    results = at_once([call(batch, number) for number in range(60)], threads=8)
    assert results == [None] * 60
    assert len(runs) == 60, "none had to start over"
    assert sum(Account.objects.values_list("available", flat=True)) == 60 * 8


def test_who_waits_for_an_account_to_be_made_holds_no_other() -> None:
    low, high = sorted([member(), member()])
    earn(high, 10)
    batch = call(do, services.award, facts=[fact(low, amount=1), fact(high, amount=1)])
    with operator() as session:
        session.execute(
            "INSERT INTO points_account (member_id, available, pending, held, debt, lifetime) "
            "VALUES (%s, 0, 0, 0, 0, 0)",
            [low],
        )
        waiting = threading.Thread(target=close_after(batch))
        waiting.start()
        until_somebody_waits(session)
        session.execute("SET lock_timeout = '200ms'")
        lock(session, high)
        session.commit()
        waiting.join()
    assert (shown(low).available, shown(high).available) == (1, 11)


def test_an_account_locked_too_long_is_a_503_and_nothing_is_half_done() -> None:
    people = [member() for _ in range(3)]
    for who in people:
        earn(who, 10)
    key = key_of(ApiKeyFactory.create())
    client = Client(headers={"authorization": f"Api-Key {key}"})
    body = {
        "activities": [
            {
                "id": f"late-{who}",
                "action": "gift",
                "member": Member.objects.get(id=who).external_id,
                "occurred_at": "2026-03-10T12:00:00Z",
                "data": {"amount": 5},
            }
            for who in people
        ]
    }
    post = call(client.post, "/api/v1/activities/", body, content_type="application/json")
    before = Entry.objects.count()
    with operator() as session, connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
        lock(session, people[1])
        refused = post()
        session.rollback()
        assert refused.status_code == 503
        assert refused["Content-Type"] == "application/problem+json"
        assert refused["Retry-After"] == "1"
        assert refused.json()["code"] == "unavailable"
        assert Entry.objects.count() == before
        assert [shown(who).available for who in people] == [10] * 3
        taken = post()
        cursor.execute("RESET lock_timeout")
    assert taken.status_code == 200
    assert [shown(who).available for who in people] == [15] * 3
    assert_reconciled()


@pytest.mark.parametrize("move", ["spend", "hold", "capture", "release", "refund", "reverse"])
def test_no_service_waits_longer_than_lock_timeout(move: str) -> None:
    who = member()
    granted = earn(who, 100)
    do(services.spend, member=who, points=10, reference="s")
    do(services.hold, member=who, points=10, reference="h")
    before = shown(who)
    calls: dict[str, Callable[[], object]] = {
        "spend": call(do, services.spend, member=who, points=1, reference="new"),
        "hold": call(do, services.hold, member=who, points=1, reference="new"),
        "capture": call(do, services.capture, reference="h"),
        "release": call(do, services.release, reference="h"),
        "refund": call(do, services.refund, spent="s", reference="new"),
        "reverse": call(do, services.reverse, references=[granted.reference]),
    }
    with operator() as session, connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        lock(session, who)
        with pytest.raises(OperationalError) as refused:
            calls[move]()
        assert isinstance(refused.value.__cause__, errors.LockNotAvailable)
        cursor.execute("RESET lock_timeout")
    assert shown(who) == before


def test_a_load_of_the_program_beside_postings_leaves_no_level_behind() -> None:
    people = [member() for _ in range(6)]
    chance = dice(2)

    def reload(number: int) -> None:
        least = chance.randint(1, 150)
        load(
            levels=[
                {"code": "base", "threshold": 0},
                {"code": f"step-{number % 3}", "threshold": least, "multiplier": "1.5"},
                {"code": "top", "threshold": least + 50},
            ]
        )

    reload(0)
    # Every tenth call loads another ladder; members join meanwhile.
    newcomers = [member() for _ in range(20)]
    calls = [
        call(reload, number)
        if number % 10 == 0
        else call(act, chance.choice(people + newcomers), amount=chance.randint(1, 20))
        for number in range(200)
    ]
    results = at_once(calls, threads=8)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert_reconciled()


def close_after(what: Callable[[], object]) -> Callable[[], None]:
    """Give the thread's connection back when it ends."""

    def run() -> None:
        try:
            what()
        finally:
            connections.close_all()

    return run


def until_somebody_waits(session: Connection) -> None:
    for _ in range(200):
        session.execute("SELECT pg_stat_clear_snapshot()")
        row = session.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchone()
        if row and row[0]:
            return
        time.sleep(0.01)
    pytest.fail("nobody came to wait")
