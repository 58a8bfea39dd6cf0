"""The sweep: what has lapsed is written off, an entry a lot, once."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kit import jobs
from kit.models import JobRun
from members.models import Member
from members.selectors import community
from points import services
from points.models import Account, Allocation, Entry, EntryKind, Lot
from points.selectors.expiry import LAPSED
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import (
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


def sweep(limit: int = 1_000) -> list[services.Swept]:
    """Sweep to the end, a batch a transaction, and return what each batch did."""
    batches = [do(services.lapse_due, limit=limit)]
    while batches[-1].place:
        batches.append(do(services.lapse_due, limit=limit, after=batches[-1].place))
    return batches


def written_off() -> list[tuple[int, int]]:
    """Return member and points of the entries of what lapsed, oldest first."""
    entries = Entry.objects.filter(kind=EntryKind.EXPIRED).order_by("id")
    return list(entries.values_list("member", "points"))


def lapse_now(*members: int) -> None:
    """Have the members' lots lapse at this instant of the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE points_lot SET expires_at = clock_timestamp() WHERE member_id = ANY(%s)",
            [list(members)],
        )


def test_one_entry_says_what_lapsed_and_from_which_lot() -> None:
    who = member()
    earn(who, 30)
    earn(who, 12)
    pass_days(6, of=who)
    lot = Lot.objects.get()
    assert sweep() == [services.Swept(lots=1, points=42, place=None)]
    entry = Entry.objects.get(kind=EntryKind.EXPIRED)
    assert (entry.member_id, entry.points, entry.net_after) == (who, -42, 0)
    assert (entry.expires_at, entry.reference) == (lot.expires_at, f"expiry:{lot.id}:42")
    paid = Allocation.objects.get(entry=entry)
    assert (paid.lot_id, paid.points, paid.returned) == (lot.id, 42, 0)
    assert Account.objects.get(member=who).available == shown(who).available == 0
    assert shown(who).lifetime == 42
    assert_reconciled()


def test_the_second_sweep_finds_nothing() -> None:
    for _ in range(3):
        who = member()
        earn(who, 10)
        pass_days(6, of=who)
    assert sum(batch.lots for batch in sweep()) == 3
    assert sweep() == [services.Swept(0, 0, None)]
    assert len(written_off()) == 3


def test_points_lapse_at_their_instant_and_not_before() -> None:
    soon, gone, never = member(), member(), member()
    for who in (soon, gone):
        earn(who, 10)
    load(expiry={"policy": "never"})
    earn(never, 10)
    in_an_hour = timezone.now() + dt.timedelta(hours=1)
    Lot.objects.filter(member=soon).update(expires_at=in_an_hour)
    lapse_now(gone)
    sweep()
    assert written_off() == [(gone, -10)]


def test_held_points_do_not_lapse() -> None:
    partly, wholly = member(), member()
    for who, held in ((partly, 4), (wholly, 10)):
        earn(who, 10)
        do(services.hold, member=who, points=held, reference=f"h{who}")
        pass_days(6, of=who)
    sweep()
    assert written_off() == [(partly, -6)]
    assert [shown(who).held for who in (partly, wholly)] == [4, 10]
    do(services.capture, reference=f"h{wholly}")
    assert sweep()[0].lots == 0
    assert_reconciled()


def test_a_released_hold_revives_and_lapses_in_its_turn() -> None:
    who = member()
    earn(who, 10)
    do(services.hold, member=who, points=10, reference="h")
    pass_days(6, of=who)
    sweep()
    do(services.release, reference="h")
    assert sweep()[0].lots == 0
    assert shown(who).available == 10
    pass_days(8, of=who)
    assert sweep()[0].points == 10
    assert_reconciled()


def test_what_a_late_posting_granted_to_a_lapsed_lot_is_written_off_too() -> None:
    who = member()
    last_week = timezone.now() - dt.timedelta(days=7)
    for amount in (10, 15):  # the second one waited for the account
        do(services.award, facts=[fact(who, amount=amount)], now=last_week)
        sweep()
    assert written_off() == [(who, -10), (who, -15)]
    assert Lot.objects.get().remaining == 0
    assert_reconciled()


def test_a_spend_that_came_first_leaves_the_rest_to_the_sweep() -> None:
    who = member()
    earn(who, 10)
    do(services.spend, member=who, points=7, reference="s")
    pass_days(6, of=who)
    sweep()
    assert written_off() == [(who, -3)]
    assert_reconciled()


def test_a_refund_after_the_sweep_revives() -> None:
    who = member()
    earn(who, 10)
    do(services.spend, member=who, points=7, reference="s")
    pass_days(6, of=who)
    sweep()
    do(services.refund, spent="s", reference="r")
    assert sweep()[0].lots == 0
    assert shown(who).available == 7
    assert_reconciled()


# --- Batches ------------------------------------------------------------------------------------


def lapsed(members: int, days: int = 1) -> list[int]:
    """Return members whose lots of so many days have lapsed."""
    found = [member() for _ in range(members)]
    for _day in range(days):
        for who in found:
            earn(who, 10)
            pass_days(1, of=who)
    for who in found:
        pass_days(6, of=who)
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8, 9, 100])
def test_batches_of_any_size_write_off_each_lot_once(limit: int) -> None:
    people = lapsed(4, days=2)
    batches = sweep(limit)
    assert sum(batch.lots for batch in batches) == 8
    # With a member's lot go the earlier ones, and those that lapsed at the batch's last instant.
    assert all(batch.lots < 2 * limit for batch in batches)
    assert sum(batch.points for batch in batches) == 80
    assert sorted(written_off()) == sorted([(who, -10) for who in people] * 2)
    assert_reconciled()


def test_a_batch_stays_small_where_members_have_many_lapsed_lots() -> None:
    lapsed(2, days=6)
    assert [batch.lots for batch in sweep(2)] == [2] * 6 + [0]


def test_a_sweep_goes_on_after_any_batch() -> None:
    lapsed(5)
    first = do(services.lapse_due, limit=2)
    assert len(written_off()) == 2
    # From where it stood, or from the beginning: the same lots are left.
    assert do(services.lapse_due, limit=2, after=first.place).lots == 2
    assert sum(batch.lots for batch in sweep(2)) == 1
    assert len(written_off()) == 5


def test_the_statements_of_a_batch_do_not_grow(django_assert_num_queries: Any) -> None:
    for size in (1, 5, 20):
        lapsed(size)
        with django_assert_num_queries(7):  # the transaction's two; find, lock, read, write, pay
            assert do(services.lapse_due).lots == size


def test_the_next_lots_are_found_by_their_index() -> None:
    with connection.cursor() as cursor:
        for other in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(f"EXPLAIN {LAPSED}", [timezone.now(), 1, 1_000])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "using lots_as_they_lapse" in plan
    assert "Index Cond: ((expires_at <= statement_timestamp()) AND (ROW" in plan
    assert "Sort" not in plan


# --- The job ------------------------------------------------------------------------------------


def night() -> None:
    jobs.record_due(now=timezone.now(), clock=community().clock)
    jobs.work()


def test_the_job_tells_how_many_lots_and_points() -> None:
    lapsed(3)
    night()
    run = JobRun.objects.get(job="expiry")
    assert (run.state, run.counts) == ("done", {"lots": 3, "points": 30})
    assert_reconciled()


def test_a_rehearsal_writes_nothing_off() -> None:
    night()
    lapsed(3)
    jobs.rehearse(run=JobRun.objects.get(job="expiry").id, requested_by="mei")
    jobs.work()
    rehearsed = JobRun.objects.get(job="expiry", is_dry_run=True)
    assert rehearsed.counts == {"lots": 3, "points": 30}
    assert written_off() == []


# --- Local midnights ----------------------------------------------------------------------------

NIGHTS = [
    # Granted at noon, with a day to live, lapses at the start of the day after the next.
    ("Asia/Shanghai", "00:00", "2026-03-10T04:00Z", "2026-03-11T16:00Z"),
    ("Asia/Shanghai", "04:00", "2026-03-10T04:00Z", "2026-03-11T20:00Z"),
    ("America/New_York", "00:00", "2026-03-06T17:00Z", "2026-03-08T05:00Z"),
    # The day in between has 23 hours, then 25.
    ("America/New_York", "00:00", "2026-03-07T17:00Z", "2026-03-09T04:00Z"),
    ("America/New_York", "00:00", "2026-10-31T16:00Z", "2026-11-02T05:00Z"),
    # A start of day that the spring skips: the first instant after the gap.
    ("America/New_York", "02:30", "2026-03-06T17:00Z", "2026-03-08T07:00Z"),
]


@pytest.mark.parametrize(("zone", "day_starts_at", "granted_at", "lapses_at"), NIGHTS)
def test_points_lapse_as_a_local_day_begins(
    zone: str, day_starts_at: str, granted_at: str, lapses_at: str
) -> None:
    load(
        expiry={"days": 1},
        time_zone=zone,
        day_starts_at=dt.time.fromisoformat(day_starts_at),
    )
    who = member()
    do(services.award, facts=[fact(who, amount=10)], now=dt.datetime.fromisoformat(granted_at))
    lot = Lot.objects.get()
    assert lot.expires_at == dt.datetime.fromisoformat(lapses_at)
    sweep()
    assert len(written_off()) == (lot.expires_at <= timezone.now())


# --- What the member sees -----------------------------------------------------------------------


@pytest.fixture
def ann() -> Member:
    found: Member = MemberFactory.create(external_id="ann")
    return found


def explained(client: Client, entry: Entry) -> Any:
    return client.get(f"/api/v1/me/entries/{entry.id}/").json()


def test_an_entry_names_the_date_on_which_its_lot_lapsed(ann: Member) -> None:
    load(expiry={"days": 5}, time_zone="Asia/Shanghai")
    earn(ann.id, 30)
    pass_days(9, of=ann.id)
    sweep()
    entry = Entry.objects.get(kind=EntryKind.EXPIRED)
    day = community().clock.local_date(Lot.objects.get().expires_at or timezone.now())
    told = explained(signed_in(ann), entry)["explanation"]
    assert told["sentence"] == f"30 points lapsed on {day}"
    assert told["lots"] == [{"points": 30, "expires_at": told["lots"][0]["expires_at"]}]
    assert dt.datetime.fromisoformat(told["lots"][0]["expires_at"]) == entry.expires_at
    answer = signed_in(ann).get(
        f"/api/v1/me/entries/{entry.id}/", headers={"Accept-Language": "zh-CN"}
    )
    assert answer.json()["explanation"]["sentence"] == f"30 积分已于 {day} 过期"


def test_the_account_shows_the_same_before_and_after_the_sweep(ann: Member) -> None:
    earn(ann.id, 30)
    pass_days(6, of=ann.id)
    earn(ann.id, 20)
    before = signed_in(ann).get("/api/v1/me/account/").json()
    assert (before["available"], before["expiring"][0]["points"]) == (20, 20)
    sweep()
    assert signed_in(ann).get("/api/v1/me/account/").json() == before
