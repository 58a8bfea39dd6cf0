"""A missed day is made up for: within bounds, at a price, and never paid twice."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activities import errors
from activities.models import CheckIn, Milestone, StreakItem
from activities.services import grant_item, make_up, revoke_check_in
from kit.errors import DomainError
from members.models import Member
from members.selectors import community
from points.errors import InsufficientPoints
from points.models import Entry
from tests.activities.streaks import (
    RULES,
    day,
    fill,
    keep,
    kinds,
    load,
    month_of,
    noon,
    points_of,
    post,
    streak_of,
)
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, shown

pytestmark = pytest.mark.django_db
FREE = {"makeups": {"points": 0, "card": False}}


@pytest.fixture
def ada(db: None) -> Member:
    load()
    return MemberFactory.create(external_id="ada")


def refused(member: Member, date: str, *, on: str) -> type[DomainError]:
    with pytest.raises(DomainError) as refusal:
        fill(member, date, on=on)
    return type(refusal.value)


# --- What it does -------------------------------------------------------------------------------


def test_a_makeup_keeps_the_streak_costs_points_and_pays_no_day(ada: Member) -> None:
    keep(ada, "03-01", "03-04")
    keep(ada, "03-06")
    assert streak_of(ada, "03-06") == 1
    made = fill(ada, "03-05", on="03-06")
    assert (made.kind, made.streak, made.is_new) == ("makeup", 6, True)
    assert points_of(made) == {}
    assert streak_of(ada, "03-06") == 6
    # Five days, the milestone of three, less the price.
    assert shown(ada.id).available == 5 * 5 + 30 - 20
    assert_reconciled()


def test_a_makeup_pays_where_the_program_says_so(ada: Member) -> None:
    load(rules=[{"code": "made-up", "action": "check_in.made_up", "points": 2}], check_ins=FREE)
    keep(ada, "03-01")
    assert points_of(fill(ada, "03-02", on="03-03")) == {"made-up": 2}


def test_a_makeup_that_is_sent_again_is_the_same_record(ada: Member) -> None:
    load(check_ins=FREE)
    first = fill(ada, "03-02", on="03-03")
    again = fill(ada, "03-02", on="03-03")
    assert (again.is_new, again.streak, again.outcome) == (False, first.streak, first.outcome)
    assert CheckIn.objects.count() == 1


def test_a_makeup_over_http(ada: Member) -> None:
    load(check_ins=FREE)
    client = signed_in(ada)
    yesterday = community().clock.local_date(timezone.now()) - dt.timedelta(days=1)
    first, second = (post(client, {"date": yesterday.isoformat()}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["kind"] == "makeup"
    answer = post(client, {"date": (yesterday + dt.timedelta(days=1)).isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (409, "date_in_future")


# --- Bounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "refusal"),
    [
        ("03-10", errors.DateInFuture),
        ("03-11", errors.DateInFuture),
        ("9999-12-31", errors.DateInFuture),
        ("03-09", None),
        ("03-03", None),
        ("03-02", errors.MakeupTooOld),
        ("0001-01-01", errors.MakeupBeforeJoining),
        ("02-20", errors.MakeupBeforeJoining),
        ("03-05", errors.AlreadyCheckedIn),
    ],
)
def test_what_can_be_made_up_for(ada: Member, date: str, refusal: type[DomainError] | None) -> None:
    load(check_ins=FREE)
    ada.joined_at = noon("02-21")
    ada.save()
    keep(ada, "03-05")
    if refusal:
        assert refused(ada, date, on="03-10") is refusal
    else:
        assert fill(ada, date, on="03-10").local_on == day(date)


def test_the_day_of_joining_can_be_made_up_for_and_the_one_before_not(ada: Member) -> None:
    load(check_ins=FREE)
    ada.joined_at = noon("03-05") + dt.timedelta(hours=11)
    ada.save()
    assert refused(ada, "03-04", on="03-06") is errors.MakeupBeforeJoining
    assert fill(ada, "03-05", on="03-06").is_new


def test_a_month_has_so_many_makeups_and_the_next_has_new_ones(ada: Member) -> None:
    load(check_ins=FREE)
    for date in ("03-26", "03-27", "03-28"):
        fill(ada, date, on="03-31")
    with pytest.raises(errors.MakeupLimitReached) as refusal:
        fill(ada, "03-29", on="03-31")
    assert refusal.value.extra == {"next_at": "2026-03-31T16:00:00+00:00"}
    left = month_of(ada, "03-31").makeups
    assert (left.left, left.next_at) == (0, noon("04-01") - dt.timedelta(hours=12))
    assert fill(ada, "03-29", on="04-01").is_new
    assert month_of(ada, "04-01").makeups.left == 2


def test_a_program_without_makeups_refuses_them(ada: Member) -> None:
    load(check_ins={"makeups": {"per_month": 0}})
    assert refused(ada, "03-02", on="03-03") is errors.MakeupsOff


def test_the_calendar_names_the_days_to_choose_from(ada: Member) -> None:
    keep(ada, "03-05", "03-06")
    ada.joined_at = noon("03-04")
    ada.save()
    assert month_of(ada, "03-08").makeups.dates == (day("03-07"), day("03-04"))


# --- Prices -------------------------------------------------------------------------------------


def test_without_points_there_is_no_makeup_and_nothing_is_left_of_it(ada: Member) -> None:
    keep(ada, "03-01")
    with pytest.raises(InsufficientPoints):
        fill(ada, "03-02", on="03-03")
    assert kinds(ada) == {"03-01": "done"}
    assert shown(ada.id).available == 5


def test_a_card_pays_before_points_and_only_once(ada: Member) -> None:
    keep(ada, "03-01", "03-07")
    grant_item(member=ada.id, kind="card", source="1", now=noon("03-07"))
    before = shown(ada.id).available
    fill(ada, "03-08", on="03-10")
    assert shown(ada.id).available == before
    fill(ada, "03-09", on="03-10")
    assert shown(ada.id).available == before - 20
    assert StreakItem.objects.get().used_on == day("03-08")


def test_where_only_a_card_will_do_it_must_be_there(ada: Member) -> None:
    load(check_ins={"makeups": {"points": None}})
    assert refused(ada, "03-02", on="03-03") is errors.NoMakeupCard
    grant_item(member=ada.id, kind="card", source="1", now=noon("03-02"))
    assert month_of(ada, "03-03").makeups.cards == 1
    assert fill(ada, "03-02", on="03-03").is_new


def test_a_milestone_brings_a_card(ada: Member) -> None:
    load(check_ins={"makeups": {"points": None, "cards_at": [3]}})
    keep(ada, "03-01", "03-03")
    assert month_of(ada, "03-03").makeups.cards == 1


# --- Joining runs -------------------------------------------------------------------------------


def test_a_makeup_that_joins_runs_pays_what_they_reach_together(ada: Member) -> None:
    load(check_ins=FREE)
    keep(ada, "03-01", "03-04")
    keep(ada, "03-06", "03-07")
    assert points_of(fill(ada, "03-05", on="03-08")) == {"milestone": 70}
    reached = Milestone.objects.get(days=7)
    assert (reached.reached_on, reached.earned_on) == (day("03-07"), day("03-05"))


def test_a_milestone_that_was_paid_inside_the_range_is_not_paid_again(ada: Member) -> None:
    """Both runs had their three; the seven of the second is the joined run's, too."""
    load(check_ins=FREE)
    keep(ada, "03-01", "03-02")
    keep(ada, "03-04", "03-10")
    assert [one.days for one in Milestone.objects.order_by("days")] == [3, 7]
    assert points_of(fill(ada, "03-03", on="03-10")) == {}
    assert streak_of(ada, "03-10") == 10
    assert Milestone.objects.count() == 2


def test_what_was_paid_outside_the_range_counts_for_nothing(ada: Member) -> None:
    load(check_ins=FREE)
    keep(ada, "02-20", "02-22")
    keep(ada, "03-01")
    keep(ada, "03-03")
    assert points_of(fill(ada, "03-02", on="03-04")) == {"milestone": 30}


def test_the_next_day_of_a_joined_run_does_not_pay_again(ada: Member) -> None:
    load(check_ins=FREE)
    keep(ada, "03-01", "03-03")
    keep(ada, "03-05", "03-06")
    fill(ada, "03-04", on="03-06")
    assert points_of(keep(ada, "03-07")[0]) == {"daily": 5, "milestone": 70}
    assert points_of(keep(ada, "03-08")[0]) == {"daily": 5}


# --- Taking back --------------------------------------------------------------------------------


def revoke(member: Member, date: str, *, on: str, reason: str = "a mistake") -> None:
    row = CheckIn.objects.get(member=member, local_on=day(date))
    revoke_check_in(check_in=row.id, reason=reason, now=noon(on))


def test_a_makeup_taken_back_takes_what_only_the_join_earned(ada: Member) -> None:
    keep(ada, "03-01", "03-04")
    keep(ada, "03-06", "03-08")
    before = shown(ada.id)
    fill(ada, "03-05", on="03-08")
    assert shown(ada.id).available == before.available + 70 - 20
    revoke(ada, "03-05", on="03-09")
    assert (shown(ada.id).available, shown(ada.id).lifetime) == (before.available, before.lifetime)
    assert [one.days for one in Milestone.objects.filter(taken_back_at=None)] == [3, 3]
    assert streak_of(ada, "03-09") == 3
    assert_reconciled()


def test_what_the_later_run_reaches_by_itself_stays(ada: Member) -> None:
    load(check_ins=FREE)
    keep(ada, "03-01", "03-04")
    keep(ada, "03-06", "03-08")
    fill(ada, "03-05", on="03-08")
    keep(ada, "03-09", "03-14")
    before = shown(ada.id).available
    revoke(ada, "03-05", on="03-14")
    assert shown(ada.id).available == before
    assert_reconciled()


def test_a_card_comes_back(ada: Member) -> None:
    load(check_ins={"makeups": {"points": None}})
    grant_item(member=ada.id, kind="card", source="1", now=noon("03-01"))
    fill(ada, "03-02", on="03-03")
    revoke(ada, "03-02", on="03-04")
    assert month_of(ada, "03-04").makeups.cards == 1


def test_a_makeup_taken_back_frees_its_place_in_the_month(ada: Member) -> None:
    load(check_ins={"makeups": {"points": 0, "card": False, "per_month": 1}})
    fill(ada, "03-02", on="03-03")
    revoke(ada, "03-02", on="03-03")
    assert fill(ada, "03-01", on="03-03").is_new


def test_a_check_in_taken_back_stays_taken(ada: Member) -> None:
    load(check_ins=FREE)
    keep(ada, "03-01", "03-07")
    revoke(ada, "03-05", on="03-07")
    # What is left has runs of four and two days: the milestone of seven goes, that of three stays.
    assert shown(ada.id).available == 6 * 5 + 30
    assert streak_of(ada, "03-07") == 2
    assert refused(ada, "03-05", on="03-08") is errors.CheckInRevoked
    with pytest.raises(errors.CheckInRevoked):
        keep(ada, "03-05")
    assert_reconciled()


def test_nothing_is_taken_back_twice_and_no_frozen_day(ada: Member) -> None:
    keep(ada, "03-01")
    revoke(ada, "03-01", on="03-02")
    frozen = CheckIn.objects.create(
        member=ada, local_on=day("03-02"), kind="frozen", checked_in_at=noon("03-03")
    )
    gone = CheckIn.objects.get(local_on=day("03-01"))
    for id_ in (gone.id, frozen.id, 2**40):
        with pytest.raises(errors.NoSuchCheckIn):
            revoke_check_in(check_in=id_, reason="again", now=noon("03-02"))
    assert Entry.objects.filter(kind="reversed").count() == 1


def test_a_whole_month_is_whole_no_more(ada: Member) -> None:
    load(check_ins={"mode": "month"})
    keep(ada, "02-01", "02-28")
    before = shown(ada.id).available
    revoke(ada, "02-03", on="03-01")
    assert shown(ada.id).available == before - 300 - 5


# --- Words --------------------------------------------------------------------------------------


def test_every_refusal_speaks_both_languages(ada: Member) -> None:
    client: Client = signed_in(ada)
    tomorrow = community().clock.local_date(timezone.now()) + dt.timedelta(days=1)
    said: list[Any] = [
        post(client, {"date": tomorrow.isoformat()}, **{"Accept-Language": language}).json()
        for language in ("en", "zh-CN")
    ]
    assert said[0]["title"] == "Only a day that is over can be made up for."
    assert said[1]["title"] == "只有已经结束的日期才能补签。"
    assert {one["code"] for one in said} == {"date_in_future"}


def test_a_member_who_is_not_there_makes_nothing_up(ada: Member) -> None:
    with pytest.raises(DomainError):
        make_up(member=ada.id, day=day("2025-01-01"), now=noon("2025-01-02"))


def test_rules_that_fail_say_why(ada: Member) -> None:
    load(rules=[RULES[1] | {"when": {"field": "streak", "gte": 9}}], check_ins=FREE)
    keep(ada, "03-01")
    [story] = fill(ada, "03-02", on="03-03").outcome
    assert story["refused"] == "condition_failed"
