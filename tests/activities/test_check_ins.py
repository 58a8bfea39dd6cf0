"""A member checks in once a local day, and the server says which day it is."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.models import Activity, CheckIn
from activities.services import check_in
from members.models import Member
from members.selectors import community
from tests.activities.streaks import (
    DAILY,
    ROUTE,
    fill,
    keep,
    load,
    month_of,
    noon,
    points_of,
    post,
    states,
    streak_of,
)
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, shown

pytestmark = pytest.mark.django_db

NEW_YORK = {"community": {"time_zone": "America/New_York"}}
FOUR = {"community": {"time_zone": "Asia/Shanghai", "day_starts_at": "04:00"}}


@pytest.fixture
def ada(db: None) -> Member:
    load()
    return MemberFactory.create(external_id="ada")


@pytest.fixture
def client(ada: Member) -> Client:
    return signed_in(ada)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def days_of(member: Member, *instants: str) -> list[str]:
    """Check in at these instants and return the dates they counted for."""
    return [str(check_in(member=member.id, now=at(one)).local_on) for one in instants]


# --- Over HTTP ----------------------------------------------------------------------------------


def test_a_check_in_tells_what_it_is_and_what_it_brought(client: Client, ada: Member) -> None:
    answer = post(client)
    assert answer.status_code == 201
    today = community().clock.local_date(timezone.now())
    body = answer.json()
    account = body.pop("account")
    assert body == {
        "date": today.isoformat(),
        "kind": "done",
        "streak": 1,
        "awards": [{"rule": "daily", "points": 5}],
        "refusals": [],
    }
    assert account["available"] == 5
    assert_reconciled()


def test_the_second_of_the_day_is_the_same_record(client: Client, ada: Member) -> None:
    first, second = post(client), post(client)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert CheckIn.objects.count() == Activity.objects.count() == 1
    assert shown(ada.id).available == 5


def test_what_a_cap_refuses_is_told_with_its_reason_and_its_end(ada: Member) -> None:
    caps = [{"code": "tight", "limit": 1, "period": "month", "over": "none"}]
    load(rules=[DAILY | {"caps": ["tight"]}], caps=caps)
    client = signed_in(ada)
    for language, words in (("en", "is used up until"), ("zh-CN", "已用完")):
        [refused] = post(client, **{"Accept-Language": language}).json()["refusals"]
        assert (refused["rule"], refused["code"]) == ("daily", "cap_reached")
        assert words in refused["reason"]
        assert refused["next_at"]


def test_a_check_in_is_an_activity_with_its_explanation(ada: Member) -> None:
    [made] = keep(ada, "03-10")
    kept = Activity.objects.get()
    assert kept.id == f"~check-in:{ada.id}:2026-03-10"
    assert (kept.action, kept.data) == (
        "check_in.done",
        {"date": "2026-03-10", "streak": 1, "day": 1},
    )
    assert kept.outcome == list(made.outcome)


def test_me_tells_the_streak(client: Client) -> None:
    assert client.get("/api/v1/me/").json()["streak"] == 0
    post(client)
    assert client.get("/api/v1/me/").json()["streak"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"date": "2026-2-3"},
        {"date": "2026-02-30"},
        {"date": "2026-02-03T00:00:00Z"},
        {"date": "２０２６-02-03"},
        {"date": 20260203},
        {"date": None},
        {"date": ""},
        {"date": "9999-99-99"},
        {"date": ["2026-02-03"]},
        {"day": "2026-02-03"},
        {"member": 1},
        [],
        "today",
    ],
)
def test_a_body_that_says_something_else_is_refused(client: Client, body: Any) -> None:
    answer = client.generic("POST", ROUTE, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-1", "2026-00", "1800-01", "٢٠٢٦-٠١"])
def test_a_month_that_is_none_is_refused(client: Client, month: str) -> None:
    answer = client.get(ROUTE, {"month": month})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "month"


@pytest.mark.parametrize("length", [1, 29])
def test_a_check_in_asks_nine_queries_whatever_went_before(ada: Member, length: int) -> None:
    """The session's, the account's, and seven in one transaction; a milestone takes two more."""
    today = community().clock.local_date(timezone.now())
    for back in range(length, 0, -1):
        check_in(member=ada.id, now=noon(today - dt.timedelta(days=back)))
    client = signed_in(ada)
    with CaptureQueriesContext(connection) as queries:
        assert post(client).status_code == 201
    asked = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(asked) == (9 if length == 1 else 11)


# --- Which day it is ----------------------------------------------------------------------------


def test_in_shanghai_a_day_ends_at_its_midnight(ada: Member) -> None:
    assert days_of(ada, "2026-11-22T23:59:59.999+08:00", "2026-11-23T00:00:00+08:00") == [
        "2026-11-22",
        "2026-11-23",
    ]
    assert streak_of(ada, "11-23") == 2


def test_a_day_that_starts_at_four_ends_at_four(ada: Member) -> None:
    MemberFactory.create()
    load_at_once(**FOUR)
    assert days_of(
        ada,
        "2026-11-23T03:59:59.999+08:00",
        "2026-11-23T04:00:00+08:00",
        "2026-11-24T00:30:00+08:00",
    ) == ["2026-11-22", "2026-11-23", "2026-11-23"]
    assert CheckIn.objects.count() == 2


def load_at_once(**said: Any) -> None:
    """Load a program whose clock counts from the beginning."""
    load(**said)
    one = community()
    one.earlier_clocks = []
    one.save()


@pytest.mark.parametrize(
    ("instants", "dates"),
    [
        # 8 March has 23 hours: 02:30 is not there, and reads as 03:30.
        (
            ("2026-03-08T00:00:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-09T00:00:00-04:00"),
            ["2026-03-08", "2026-03-08", "2026-03-09"],
        ),
        (
            ("2026-03-07T23:59:59.999-05:00", "2026-03-08T23:59:59.999-04:00"),
            ["2026-03-07", "2026-03-08"],
        ),
        # 1 November has 25: 01:30 comes twice.
        (
            ("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", "2026-11-02T00:00:00-05:00"),
            ["2026-11-01", "2026-11-01", "2026-11-02"],
        ),
        (
            ("2026-10-31T23:59:59.999-04:00", "2026-11-01T23:59:59.999-05:00"),
            ["2026-10-31", "2026-11-01"],
        ),
    ],
)
def test_in_new_york_long_and_short_days_are_one_day(
    ada: Member, instants: tuple[str, ...], dates: list[str]
) -> None:
    load_at_once(**NEW_YORK)
    assert days_of(ada, *instants) == dates
    assert CheckIn.objects.count() == len(set(dates))
    assert streak_of(ada, dates[-1]) == len(set(dates))


def test_a_leap_day_is_a_day(ada: Member) -> None:
    dates = days_of(
        ada,
        "2028-02-28T12:00:00+08:00",
        "2028-02-29T23:59:59.999+08:00",
        "2028-03-01T00:00:00+08:00",
    )
    assert dates == ["2028-02-28", "2028-02-29", "2028-03-01"]
    assert streak_of(ada, "2028-03-01") == 3
    shown_month = month_of(ada, "2028-03-01", "2028-02")
    assert states(shown_month)["29"] == "done"
    assert len(shown_month.days) == 29


def test_in_a_year_without_a_leap_day_march_follows(ada: Member) -> None:
    keep(ada, "2027-02-27", "2027-03-01")
    assert streak_of(ada, "2027-03-01") == 3


# --- Streaks and modes --------------------------------------------------------------------------


def test_a_streak_lives_until_a_whole_day_is_missed(ada: Member) -> None:
    keep(ada, "03-10", "03-12")
    assert [streak_of(ada, date) for date in ("03-12", "03-13", "03-14")] == [3, 3, 0]
    assert keep(ada, "03-14")[0].streak == 1


def test_milestones_pay_when_they_are_reached(ada: Member) -> None:
    paid = [points_of(made).get("milestone", 0) for made in keep(ada, "03-01", "03-30")]
    assert {n + 1: points for n, points in enumerate(paid) if points} == {3: 30, 7: 70, 30: 300}
    assert shown(ada.id).available == 30 * 5 + 400
    assert_reconciled()


def test_a_new_run_reaches_its_milestones_again(ada: Member) -> None:
    keep(ada, "03-01", "03-03")
    assert points_of(keep(ada, "03-05", "03-07")[-1]) == {"daily": 5, "milestone": 30}


def test_a_long_run_is_read_back_to_its_beginning(ada: Member) -> None:
    start = dt.date(2024, 1, 1)
    days = [start + dt.timedelta(days=n) for n in range(364)]
    CheckIn.objects.bulk_create(
        CheckIn(member=ada, local_on=one, kind="done", checked_in_at=noon(one)) for one in days
    )
    [made] = keep(ada, "2024-12-30")
    assert (made.streak, points_of(made)["milestone"]) == (365, 3650)


def test_a_cycle_begins_again(ada: Member) -> None:
    day_seven = DAILY | {"code": "seventh", "points": 50, "when": {"field": "day", "eq": 3}}
    load(check_ins={"mode": "cycle", "cycle_days": 3}, rules=[day_seven])
    paid = [points_of(made)["seventh"] for made in keep(ada, "03-01", "03-07")]
    assert paid == [0, 0, 50, 0, 0, 50, 0]


def test_a_whole_cycle_pays_each_time(ada: Member) -> None:
    load(check_ins={"mode": "cycle", "cycle_days": 3})
    paid = [points_of(made).get("cycle", 0) for made in keep(ada, "03-01", "03-07")]
    assert paid == [0, 0, 70, 0, 0, 70, 0]
    ahead = month_of(ada, "03-07").next_milestone
    assert ahead
    assert (ahead.kind, ahead.days, ahead.missing) == ("cycle", 9, 2)


def test_a_whole_month_pays_on_its_last_day(ada: Member) -> None:
    load(check_ins={"mode": "month"})
    paid = [points_of(made).get("month", 0) for made in keep(ada, "01-30", "02-28")]
    assert paid == [0] * 29 + [300]
    month = Activity.objects.get(action="check_in.month_completed")
    assert month.data == {"days": 28, "date": "2026-02-28", "month": "2026-02"}


def test_a_month_with_a_gap_pays_when_the_last_day_is_made_up(ada: Member) -> None:
    load(check_ins={"mode": "month", "makeups": {"points": 0}})
    keep(ada, "02-01", "02-24")
    keep(ada, "02-26", "02-28")
    assert not Activity.objects.filter(action="check_in.month_completed").exists()
    assert points_of(fill(ada, "02-25", on="03-02")) == {"month": 300}


# --- The calendar -------------------------------------------------------------------------------


def test_the_calendar_shows_how_each_day_went_and_what_comes_next(client: Client) -> None:
    body = client.get(ROUTE).json()
    today = community().clock.local_date(timezone.now())
    assert body["month"] == f"{today:%Y-%m}"
    assert body["days"][-1] == {"date": today.isoformat(), "state": "open"}
    assert body["next_milestone"] == {"kind": "streak", "days": 3, "missing": 3}
    post(client)
    body = client.get(ROUTE, {"month": f"{today:%Y-%m}"}).json()
    assert body["days"][-1]["state"] == "done"
    assert (body["streak"], body["next_milestone"]["missing"]) == (1, 2)
    assert body["makeups"]["left"] == 3
    assert body["freezes"] == {"held": 0, "most_held": 2, "points": None, "in_use": True}


def test_a_month_begins_with_joining_and_ends_today(ada: Member) -> None:
    ada.joined_at = noon("03-05")
    ada.save()
    keep(ada, "03-06")
    assert states(month_of(ada, "03-08")) == {
        "05": "missed",
        "06": "done",
        "07": "missed",
        "08": "open",
    }
    assert month_of(ada, "03-08", "2026-04").days == ()
    assert month_of(ada, "03-08", "2026-02").days == ()


def test_past_the_last_milestone_nothing_comes_next(ada: Member) -> None:
    load(check_ins={"milestones": [1]})
    keep(ada, "03-01")
    assert month_of(ada, "03-01").next_milestone is None


def test_a_calendar_asks_few_queries(client: Client, ada: Member) -> None:
    keep(ada, "03-01", "03-30")
    client.get(ROUTE)
    with CaptureQueriesContext(connection) as queries:
        client.get(ROUTE, {"month": "2026-03"})
    assert len(queries) <= 7
