"""Members are told before their points lapse: 30, 7 and 1 days, once each, and of what is left."""

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
from points.models import ExpiryNotice, Lot
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import do, earn, fact, load, member
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db
MINE = "/api/v1/me/notices/"
TODAY = dt.date(2026, 3, 10)
MOMENT = dt.timedelta(microseconds=1)


@once_a_module
def _program() -> None:
    load(expiry={"days": 60})


def lot(of: int, *, lapses_at: dt.datetime, points: int = 10) -> Lot:
    """Have the member earn points that lapse then."""
    entry = earn(of, points)
    Lot.objects.filter(member=of, expires_at=entry.expires_at).update(expires_at=lapses_at)
    return Lot.objects.get(member=of, expires_at=lapses_at)


def start_of(day: dt.date) -> dt.datetime:
    return community().clock.start_of(day)


def in_days(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


def tell(now: dt.datetime, limit: int = 5_000) -> int:
    """Make the notices due, a stretch a transaction, and return how many there were."""
    told = do(services.tell_what_lapses, now=now, limit=limit)
    made = told.notices
    while told.place:
        told = do(services.tell_what_lapses, now=now, limit=limit, after=told.place)
        made += told.notices
    return made


def steps(of: int) -> list[int]:
    notices = ExpiryNotice.objects.filter(member=of).order_by("id")
    return list(notices.values_list("step_days", flat=True))


# --- When ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_left", "step"),
    [
        *((0, None), (1, 1), (2, 7), (6, 7), (7, 7), (8, 30), (29, 30), (30, 30), (31, None)),
        *((400, None), (-1, None)),
    ],
)
def test_the_step_is_the_last_one_that_has_come(days_left: int, step: int | None) -> None:
    who = member()
    lot(who, lapses_at=start_of(in_days(days_left)))
    tell(start_of(TODAY))
    assert steps(who) == ([step] if step else [])


@pytest.mark.parametrize(
    ("zone", "day_starts_at", "lapses_on"),
    [
        ("UTC", dt.time(0), dt.date(2026, 4, 1)),
        ("Asia/Shanghai", dt.time(0), dt.date(2026, 4, 1)),
        ("Asia/Shanghai", dt.time(4), dt.date(2026, 4, 1)),
        # The last day has 23 hours, the first after one; then 25.
        ("America/New_York", dt.time(0), dt.date(2026, 3, 9)),
        ("America/New_York", dt.time(0), dt.date(2026, 3, 15)),
        ("America/New_York", dt.time(2, 30), dt.date(2026, 3, 8)),
        ("America/New_York", dt.time(0), dt.date(2026, 11, 2)),
        ("America/New_York", dt.time(0), dt.date(2026, 11, 8)),
    ],
)
def test_each_step_begins_with_its_local_day(
    zone: str, day_starts_at: dt.time, lapses_on: dt.date
) -> None:
    load(expiry={"days": 600}, time_zone=zone, day_starts_at=day_starts_at)
    who = member()
    lot(who, lapses_at=start_of(lapses_on))
    seen = []
    for days in (30, 7, 1):
        begins = start_of(lapses_on - dt.timedelta(days=days))
        tell(begins - MOMENT)
        seen.append(steps(who))
        tell(begins)
        seen.append(steps(who))
    tell(start_of(lapses_on))
    assert seen == [[], [30], [30], [30, 7], [30, 7], [30, 7, 1]]
    assert steps(who) == [30, 7, 1]
    assert set(ExpiryNotice.objects.values_list("expires_on", flat=True)) == {lapses_on}


def test_day_by_day_each_step_is_told_once() -> None:
    who = member()
    lot(who, lapses_at=start_of(in_days(40)))
    for day in range(45):
        for _twice in range(2):
            tell(start_of(in_days(day)) + dt.timedelta(hours=9))
    assert steps(who) == [30, 7, 1]


def test_a_late_run_tells_late_and_not_twice() -> None:
    who = member()
    lot(who, lapses_at=start_of(in_days(40)))
    tell(start_of(in_days(36)))  # four days are left; nothing ran for a month
    assert steps(who) == [7]
    tell(start_of(in_days(37)))
    assert steps(who) == [7]


def test_points_that_come_within_a_step_bring_its_notice() -> None:
    who = member()
    tell(start_of(TODAY))
    lot(who, lapses_at=start_of(in_days(6)))
    tell(start_of(in_days(1)))
    assert steps(who) == [7]
    # More points for the same date: the notice is there, and counts them.
    lot(who, lapses_at=start_of(in_days(6)) + dt.timedelta(hours=1))
    assert tell(start_of(in_days(1))) == 0


def test_there_is_one_notice_a_member_date_and_step() -> None:
    ann, ben = member(), member()
    for who in (ann, ben):
        lot(who, lapses_at=start_of(in_days(7)))
        lot(who, lapses_at=start_of(in_days(7)) + dt.timedelta(hours=8))  # as another zone had it
        lot(who, lapses_at=start_of(in_days(8)))
    assert tell(start_of(TODAY)) == 4
    assert steps(ann) == steps(ben) == [7, 30]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
def test_stretches_of_any_size_miss_nobody(limit: int) -> None:
    people = [member() for _ in range(3)]
    for who in people:
        for days in (7, 30):
            lot(who, lapses_at=start_of(in_days(days)))
    assert tell(start_of(TODAY), limit) == 6
    assert tell(start_of(TODAY), limit) == 0
    assert [steps(who) for who in people] == [[7, 30]] * 3


@pytest.mark.parametrize("plan", ["enable_hashagg", "enable_sort"])
def test_notices_are_made_in_the_order_of_their_dates_by_any_plan(plan: str) -> None:
    for _ in range(9):
        who = member()
        for days in (30, 7, 1):
            lot(who, lapses_at=start_of(in_days(days)))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {plan} = off")
    assert tell(start_of(TODAY)) == 27
    made = list(ExpiryNotice.objects.order_by("id").values_list("expires_on", "member"))
    assert made == sorted(made)


def test_nobody_is_told_of_what_cannot_lapse() -> None:
    holds, spends, gone = member(), member(), member()
    for who in (holds, spends, gone):
        lot(who, lapses_at=start_of(timezone.now().date() + dt.timedelta(days=7)))
    do(services.hold, member=holds, points=10, reference="h")
    do(services.spend, member=spends, points=10, reference="s")
    Member.objects.filter(id=gone).update(erased_at=timezone.now())
    assert tell(timezone.now()) == 0


# --- The program says which steps ---------------------------------------------------------------


def test_the_program_file_names_the_steps() -> None:
    load(expiry={"days": 60, "notice_days": [3, 14]})
    who = member()
    lot(who, lapses_at=start_of(in_days(20)))
    for day in range(20):
        tell(start_of(in_days(day)))
    assert steps(who) == [14, 3]


def test_no_steps_are_no_notices() -> None:
    load(expiry={"days": 60, "notice_days": []})
    lot(member(), lapses_at=start_of(in_days(1)))
    assert tell(start_of(TODAY)) == 0


# --- The job ------------------------------------------------------------------------------------


def morning() -> JobRun:
    jobs.record_due(now=timezone.now(), clock=community().clock)
    jobs.work()
    return JobRun.objects.get(job="notices", is_dry_run=False)


def test_the_job_is_due_as_the_local_day_begins_and_counts() -> None:
    load(expiry={"days": 5}, time_zone="Asia/Shanghai")
    for _ in range(3):
        do(services.award, facts=[fact(member(), amount=5)])
    run = morning()
    assert (run.state, run.counts) == ("done", {"notices": 3})
    assert run.due_at == start_of(community().clock.local_date(timezone.now()))


def test_old_notices_are_dropped_in_the_night() -> None:
    who, today = member(), timezone.now().date()
    for days in (91, 92, 10, -5):
        ExpiryNotice.objects.create(
            member_id=who, expires_on=today - dt.timedelta(days=days), step_days=7
        )
    morning()
    assert JobRun.objects.get(job="purge").counts["notices"] == 2
    assert ExpiryNotice.objects.count() == 2


# --- What the member reads ----------------------------------------------------------------------


@pytest.fixture
def ann() -> Member:
    """Ann has 10 points that lapse in 7 days, and has been told so."""
    found: Member = MemberFactory.create(external_id="ann")
    lot(found.id, lapses_at=soon())
    tell(timezone.now())
    return found


def soon(days: int = 7) -> dt.datetime:
    return start_of(community().clock.local_date(timezone.now()) + dt.timedelta(days=days))


def read(client: Client, query: str = "", **headers: str) -> Any:
    answer = client.get(MINE + query, headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_member_reads_what_lapses_soon(ann: Member) -> None:
    (notice,) = read(signed_in(ann))["results"]
    row = ExpiryNotice.objects.get()
    assert dt.datetime.fromisoformat(notice.pop("created_at")) == row.created_at
    assert dt.datetime.fromisoformat(notice.pop("expires_at")) == soon()
    assert notice == {
        "id": row.id,
        "kind": "points_expiring",
        "step_days": 7,
        "points": 10,
        "detail": f"10 points lapse on {row.expires_on}.",
    }


def test_a_notice_is_told_in_the_readers_language(ann: Member) -> None:
    (notice,) = read(signed_in(ann), **{"Accept-Language": "zh_CN"})["results"]
    assert notice["detail"] == f"10 积分将于 {ExpiryNotice.objects.get().expires_on} 过期。"


def test_the_points_are_counted_when_they_are_read(ann: Member) -> None:
    client = signed_in(ann)
    do(services.spend, member=ann.id, points=3, reference="s")
    assert read(client)["results"][0]["points"] == 7
    do(services.hold, member=ann.id, points=6, reference="h")
    assert read(client)["results"][0]["detail"].startswith("1 point lapses on ")
    do(services.spend, member=ann.id, points=1, reference="all")
    assert read(client)["results"] == []
    do(services.release, reference="h")
    assert read(client)["results"][0]["points"] == 6


def test_what_lapses_on_one_date_is_told_together(ann: Member) -> None:
    lot(ann.id, lapses_at=soon() + dt.timedelta(hours=3), points=5)
    (notice,) = read(signed_in(ann))["results"]
    assert notice["points"] == 15
    assert dt.datetime.fromisoformat(notice["expires_at"]) == soon()


def test_a_notice_is_gone_when_its_date_has_come(ann: Member) -> None:
    Lot.objects.update(expires_at=timezone.now())
    assert read(signed_in(ann))["results"] == []


def test_notices_come_in_pages_newest_first(ann: Member) -> None:
    for days in (1, 20, 25):
        lot(ann.id, lapses_at=soon(days))
    tell(timezone.now())
    client, query, found = signed_in(ann), "?limit=3", []
    while query:
        page = read(client, query)
        found += [notice["id"] for notice in page["results"]]
        query = f"?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4


def test_notices_are_the_members_own(ann: Member) -> None:
    ben: Member = MemberFactory.create()
    assert read(signed_in(ben))["results"] == []
    assert len(read(signed_in(ann))["results"]) == 1


def test_reading_is_four_queries(ann: Member, django_assert_num_queries: Any) -> None:
    client = signed_in(ann)
    read(client)
    with django_assert_num_queries(4):  # session, program, lots, notices
        read(client)


def test_the_export_holds_the_notices_and_an_erasure_drops_them(ann: Member) -> None:
    other = member()
    lot(other, lapses_at=soon())
    tell(timezone.now())
    client = signed_in(ann)
    exported = b"".join(client.get("/api/v1/me/export/")).decode()
    assert '"notices": [{"id": ' in exported
    assert client.delete("/api/v1/me/").status_code == 204
    assert list(ExpiryNotice.objects.values_list("member", flat=True)) == [other]
    assert tell(timezone.now()) == 0
