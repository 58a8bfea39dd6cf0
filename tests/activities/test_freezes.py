"""A freeze keeps the streak on a missed day: got before, used by itself, two days in a row."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from activities import errors
from activities.models import CheckIn, StreakItem
from activities.services import buy_freeze, choose_freezes, close_days, grant_item
from kit import jobs
from kit.models import JobRun
from kit.transactions import durable
from members.models import Member
from members.selectors import community
from points.errors import InsufficientPoints
from points.services import adjust
from tests.activities.streaks import (
    day,
    fill,
    keep,
    kinds,
    load,
    month_of,
    noon,
    points_of,
    states,
    streak_of,
)
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, do, shown

pytestmark = pytest.mark.django_db
FREEZES = {"points": 10, "earned_at": [3]}


@pytest.fixture
def ada(db: None) -> Member:
    load(check_ins={"freezes": FREEZES, "makeups": {"points": 0, "card": False}})
    return MemberFactory.create(external_id="ada")


def give(member: Member, number: int = 1, *, on: str) -> None:
    for n in range(number):
        grant_item(member=member.id, kind="freeze", source=f"{on}-{n}", now=noon(on))


@durable
def close(until: str, *, limit: int = 500, after: int = 0) -> tuple[int, int | None]:
    now = noon(until) - dt.timedelta(hours=11)
    return close_days(until=day(until), after=after, now=now, limit=limit)


def held(member: Member) -> int:
    return StreakItem.objects.filter(member=member, kind="freeze").held().count()


# --- The close of a day -------------------------------------------------------------------------


def test_a_missed_day_is_frozen_and_keeps_the_streak_without_lengthening_it(ada: Member) -> None:
    keep(ada, "03-01", "03-02")
    give(ada, on="03-02")
    assert close("03-04") == (1, None)
    assert kinds(ada) == {"03-01": "done", "03-02": "done", "03-03": "frozen"}
    assert streak_of(ada, "03-04") == 2
    assert keep(ada, "03-04")[0].streak == 3
    assert states(month_of(ada, "03-04"))["03"] == "frozen"
    assert held(ada) == 1  # used one, and the milestone of three brought one
    used = StreakItem.objects.exclude(used_on=None).get()
    assert used.used_on == day("03-03")


def test_closing_again_changes_nothing(ada: Member) -> None:
    keep(ada, "03-01", "03-02")
    give(ada, 2, on="03-02")
    assert [close("03-04")[0] for _ in range(3)] == [1, 0, 0]
    assert held(ada) == 1


def test_at_most_two_days_in_a_row_are_frozen(ada: Member) -> None:
    load(check_ins={"freezes": {"most_held": 5}})
    keep(ada, "03-01", "03-02")
    give(ada, 4, on="03-02")
    assert [close(f"03-0{n}")[0] for n in range(4, 8)] == [1, 1, 0, 0]
    assert held(ada) == 2
    assert streak_of(ada, "03-05") == 2
    assert streak_of(ada, "03-06") == 0


def test_after_a_check_in_two_more_may_be_frozen(ada: Member) -> None:
    load(check_ins={"freezes": {"most_held": 5}})
    keep(ada, "03-01")
    give(ada, 4, on="03-01")
    frozen = 0
    for n in range(3, 8):
        frozen += close(f"03-0{n}")[0]
        if n == 4:
            keep(ada, "03-04")
    assert frozen == 4
    assert streak_of(ada, "03-07") == 2


def test_a_freeze_must_have_been_got_before_the_gap(ada: Member) -> None:
    keep(ada, "03-01")
    give(ada, on="03-02")
    assert close("03-03") == (0, None)
    assert held(ada) == 1


def test_the_oldest_freeze_is_used_first(ada: Member) -> None:
    give(ada, on="03-01")
    keep(ada, "03-01", "03-02")
    give(ada, on="03-02")
    close("03-04")
    assert StreakItem.objects.get(used_on=day("03-03")).source == "operator:03-01-0"


def test_who_had_no_streak_has_nothing_to_keep(ada: Member) -> None:
    give(ada, on="03-01")
    assert close("03-04") == (0, None)
    keep(ada, "03-05")
    assert close("03-06") == (0, None)
    assert close("03-09") == (0, None)
    assert held(ada) == 1


def test_who_opted_out_keeps_the_freezes(ada: Member) -> None:
    keep(ada, "03-01", "03-02")
    give(ada, on="03-02")
    choose_freezes(member=ada.id, uses_freezes=False, now=noon("03-03"))
    assert close("03-04") == (0, None)
    assert streak_of(ada, "03-04") == 0
    # Back in: days that have closed are not reopened.
    choose_freezes(member=ada.id, uses_freezes=True, now=noon("03-04"))
    assert close("03-05") == (0, None)
    keep(ada, "03-05")
    assert close("03-07") == (1, None)


def test_members_are_seen_to_in_chunks(ada: Member) -> None:
    others = [MemberFactory.create() for _ in range(4)]
    for one in others:
        keep(one, "03-01")
        give(one, on="03-01")
    count, after = close("03-03", limit=2)
    assert (count, after) == (2, others[1].id)
    assert close("03-03", limit=2, after=after or 0) == (2, others[3].id)
    assert close("03-03", limit=2, after=others[3].id) == (0, None)


def test_the_job_closes_each_day_that_was_missed_oldest_first(ada: Member) -> None:
    keep(ada, "03-01", "03-02")
    give(ada, 2, on="03-02")
    clock = community().clock
    start = clock.start_of(day("03-03"))
    JobRun.objects.create(
        job="close-day", period="2026-03-03", due_at=start, state="done", finished_at=start
    )
    jobs.record_due(now=clock.start_of(day("03-06")), clock=clock)
    runs = JobRun.objects.filter(job="close-day", state="waiting").order_by("due_at")
    assert [run.period for run in runs] == ["2026-03-04", "2026-03-05", "2026-03-06"]
    jobs.work()
    counts = {run.period: run.counts for run in JobRun.objects.filter(job="close-day")}
    assert [counts[f"2026-03-0{n}"]["frozen"] for n in (4, 5, 6)] == [1, 1, 0]
    assert kinds(ada) == {
        "03-01": "done", "03-02": "done", "03-03": "frozen", "03-04": "frozen",
    }  # fmt: skip


# --- Before the job comes -----------------------------------------------------------------------


def test_a_check_in_before_the_job_finds_the_day_kept(ada: Member) -> None:
    """Who checks in at midnight is not to wait for the job's minute."""
    keep(ada, "03-01", "03-02")
    give(ada, on="03-02")
    assert streak_of(ada, "03-04") == 2
    [made] = keep(ada, "03-04")
    assert (made.streak, points_of(made)) == (3, {"daily": 5, "milestone": 30})
    assert kinds(ada)["03-03"] == "frozen"
    assert close("03-04") == (0, None)


def test_a_frozen_day_cannot_be_made_up_for(ada: Member) -> None:
    keep(ada, "03-01", "03-02")
    give(ada, on="03-02")
    with pytest.raises(errors.DayIsFrozen):
        fill(ada, "03-03", on="03-04")
    close("03-04")
    with pytest.raises(errors.DayIsFrozen):
        fill(ada, "03-03", on="03-04")


def test_a_gap_that_is_too_long_costs_no_freeze(ada: Member) -> None:
    keep(ada, "03-01", "03-02")
    give(ada, 2, on="03-02")
    assert keep(ada, "03-06")[0].streak == 1
    assert held(ada) == 2


def test_what_was_taken_back_is_not_frozen(ada: Member) -> None:
    from activities.services import revoke_check_in  # noqa: PLC0415 - only here

    keep(ada, "03-01", "03-03")
    give(ada, on="03-01")
    row = CheckIn.objects.get(local_on=day("03-03"))
    revoke_check_in(check_in=row.id, reason="a mistake", now=noon("03-03"))
    assert close("03-04") == (0, None)
    assert keep(ada, "03-04")[0].streak == 1


# --- Getting freezes ----------------------------------------------------------------------------


def rich(member: Member, points: int = 100) -> None:
    do(adjust, member=member.id, points=points, reference=f"gift-{member.id}", reason="gift")


def buy(client: Client, key: str) -> Any:
    headers = {"Idempotency-Key": key}
    path = "/api/v1/freezes/"
    return client.post(path, {}, content_type="application/json", headers=headers)


def test_a_freeze_is_bought_once_a_key_and_two_at_most(ada: Member) -> None:
    rich(ada)
    client = signed_in(ada)
    first, again = buy(client, "a"), buy(client, "a")
    assert (first.status_code, first.json()["held"]) == (201, 1)
    assert first.json()["account"]["available"] == 90
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert buy(client, "b").json()["held"] == 2
    refused = buy(client, "c")
    assert (refused.status_code, refused.json()["code"]) == (409, "freeze_limit_reached")
    assert shown(ada.id).available == 80
    assert_reconciled()


def test_a_freeze_needs_points_and_a_key(ada: Member) -> None:
    client = signed_in(ada)
    assert buy(client, "a").json()["code"] == "insufficient_points"
    answer = client.post("/api/v1/freezes/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert not StreakItem.objects.exists()
    with pytest.raises(InsufficientPoints):
        durable(buy_freeze)(member=ada.id)


def test_where_none_is_sold_none_is_bought(ada: Member) -> None:
    load()
    rich(ada)
    assert buy(signed_in(ada), "a").json()["code"] == "freezes_not_sold"


def test_a_milestone_brings_one_and_no_more_than_may_be_held(ada: Member) -> None:
    keep(ada, "03-01", "03-03")
    assert held(ada) == 1
    keep(ada, "03-10", "03-12")
    keep(ada, "03-20", "03-22")
    assert held(ada) == 2


def test_who_chooses_is_told_and_shown(ada: Member) -> None:
    client = signed_in(ada)
    path = "/api/v1/check-ins/settings/"
    answer = client.put(path, {"uses_freezes": False}, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"uses_freezes": False})
    assert client.get("/api/v1/check-ins/").json()["freezes"]["in_use"] is False
    for wrong in ({}, {"uses_freezes": "no"}, {"uses_freezes": None}, {"x": 1}):
        assert client.put(path, wrong, content_type="application/json").status_code == 400
