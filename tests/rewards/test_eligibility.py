"""Each reason why not: in the catalogue, and where one redeems all the same."""

import datetime as dt
import zoneinfo
from typing import Any

import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.clock import Clock, Period
from rewards.models import Redemption, Reward
from rewards.rules import Terms, limit_refusals, price_for
from tests.depth import examples
from tests.members.sessions import signed_in
from tests.points.support import load
from tests.rewards.support import REWARDS, cancel, left, redeem, redeemed, reward, rich

HOUR = dt.timedelta(hours=1)


def reasons(who: Any, what: Reward) -> dict[str, Any]:
    """Return the reasons that the catalogue tells, by code; the list and the page agree."""
    body = signed_in(who).get(f"{REWARDS}{what.id}/").json()
    [listed] = [
        one for one in signed_in(who).get(REWARDS).json()["results"] if one["id"] == what.id
    ]
    assert listed == body
    assert body["eligible"] == (not body["reasons"])
    return {one["code"]: one for one in body["reasons"]}


def refused(who: Any, what: Reward, **said: Any) -> Any:
    answer = redeem(who, what, **said)
    assert answer.status_code == 409, answer.content
    assert Redemption.objects.filter(reward=what).count() <= 1
    return answer.json()


def test_who_may_is_told_so() -> None:
    ada, star = rich(10), reward(points=10, stock=1)
    assert not reasons(ada, star)
    assert redeem(ada, star).status_code == 201


def test_without_points_it_is_out_of_reach() -> None:
    ada, star = rich(9), reward(points=10)
    assert set(reasons(ada, star)) == {"insufficient_points"}
    body = refused(ada, star)
    assert (body["code"], body["missing"]) == ("insufficient_points", 1)


def test_out_of_stock() -> None:
    ada, star = rich(), reward(stock=0)
    assert set(reasons(ada, star)) == {"out_of_stock"}
    assert refused(ada, star)["code"] == "out_of_stock"


def test_out_of_stock_for_so_many() -> None:
    ada, star = rich(), reward(stock=2, most_at_once=5)
    assert refused(ada, star, quantity=3)["left"] == 2
    assert left(star) == 2
    assert redeem(ada, star, quantity=2).status_code == 201


def test_more_than_one_order_may_have() -> None:
    ada, star = rich(), reward(most_at_once=2)
    body = refused(ada, star, quantity=3)
    assert (body["code"], body["most"]) == ("quantity_too_large", 2)


def test_the_level_is_too_low() -> None:
    ada, ben, star = rich(499), rich(500), reward(level="gold")
    assert reasons(ada, star)["level_too_low"]["detail"] == (
        "This reward is for members from the level Gold on."
    )
    assert refused(ada, star)["code"] == "level_too_low"
    assert not reasons(ben, star)
    assert redeem(ben, star).status_code == 201


def test_a_reward_for_a_segment() -> None:
    load(segments=[{"code": "founders", "when": {"field": "joined_year", "lte": 2024}}])
    ada, ben = rich(), rich(joined_at=dt.datetime(2024, 12, 31, tzinfo=dt.UTC))
    star = reward(segment="founders")
    assert reasons(ada, star)["not_in_segment"]["detail"] == "This reward is for: Founders."
    assert refused(ada, star)["code"] == "not_in_segment"
    assert signed_in(ada).get(f"{REWARDS}{star.id}/").json()["segment"] == "founders"
    assert not reasons(ben, star)
    assert redeem(ben, star).status_code == 201
    assert Redemption.objects.get(reward=star).terms["segment_needed"] == "founders"


def test_a_segment_is_left_as_soon_as_its_condition_fails() -> None:
    load(segments=[{"code": "savers", "when": {"field": "available", "gte": 100}}])
    ada, star, mug = rich(105), reward(points=5, segment="savers"), reward(points=10)
    assert redeem(ada, star).status_code == 201
    assert not reasons(ada, star)
    assert redeem(ada, mug).status_code == 201
    assert set(reasons(ada, star)) == {"not_in_segment"}


def test_a_reward_of_a_segment_that_is_gone_is_for_nobody() -> None:
    load(segments=[{"code": "all", "when": {"field": "joined_days", "gte": 0}}])
    ada, star = rich(), reward(segment="all")
    assert not reasons(ada, star)
    load()
    assert reasons(ada, star)["not_in_segment"]["detail"] == "This reward is for: all."


def test_too_new() -> None:
    ada = rich(joined_at=timezone.now() - dt.timedelta(days=29))
    ben = rich(joined_at=timezone.now() - dt.timedelta(days=30))
    star = reward(joined_days=30)
    told = reasons(ada, star)["too_new"]
    body = refused(ada, star)
    assert (body["code"], body["next_at"]) == ("too_new", told["next_at"])
    assert told["next_at"].endswith("T00:00:00Z")
    assert redeem(ben, star).status_code == 201


def test_not_yet_and_no_longer() -> None:
    now = timezone.now()
    ada = rich()
    early = reward(redeemable_from_at=now + HOUR)
    late = reward(redeemable_until_at=now)
    assert reasons(ada, early)["not_redeemable_yet"]["next_at"]
    assert set(reasons(ada, late)) == {"no_longer_redeemable"}
    assert refused(ada, early)["code"] == "not_redeemable_yet"
    assert refused(ada, late)["code"] == "no_longer_redeemable"


def test_the_databases_clock_decides_whether_it_is_open() -> None:
    ada = rich()
    early = reward(redeemable_from_at=timezone.now() + HOUR)
    with time_machine.travel(timezone.now() + 2 * HOUR):
        assert refused(ada, early)["code"] == "not_redeemable_yet"


def test_a_limit_is_over_with_its_period() -> None:
    ada = rich()
    daily = reward(limit_day=2, limit_lifetime=3, most_at_once=2)
    redeemed(ada, daily, quantity=2)
    told = reasons(ada, daily)["limit_reached"]
    tomorrow = (timezone.now() + dt.timedelta(days=1)).date()
    assert told["next_at"] == f"{tomorrow}T00:00:00Z"
    assert refused(ada, daily)["next_at"] == told["next_at"]
    Redemption.objects.update(created_at=timezone.now() - dt.timedelta(days=1))
    redeemed(ada, daily)
    body = redeem(ada, daily).json()
    assert (body["code"], body["period"], body["limit"]) == ("limit_reached", "lifetime", 3)
    assert "next_at" not in body


def test_what_was_cancelled_does_not_count() -> None:
    ada, once = rich(), reward(limit_lifetime=1)
    cancel(ada, redeemed(ada, once))
    assert not reasons(ada, once)
    redeemed(ada, once)
    assert redeem(ada, once).json()["code"] == "limit_reached"


def test_the_price_is_that_of_the_highest_level_reached() -> None:
    star = reward(points=100, prices={"gold": 60})
    ada, ben = rich(499), rich(500)
    for who, price in ((ada, 100), (ben, 60)):
        body = signed_in(who).get(f"{REWARDS}{star.id}/").json()
        assert (body["points"], body["base_points"]) == (price, 100)
        assert redeemed(who, star).points == price
    assert Redemption.objects.get(member=ben).level == "gold"
    assert Redemption.objects.get(member=ben).terms["levels_reached"] == ["new", "gold"]


def test_the_catalogue_shows_what_is_to_be_seen_in_order() -> None:
    now = timezone.now()
    ada = rich()
    second, first = reward(position=2), reward(position=1, visible_until_at=now + HOUR)
    reward(visible_until_at=now)
    reward(visible_from_at=now + HOUR)
    reward(is_active=False)
    shown = signed_in(ada).get(REWARDS).json()
    assert [one["id"] for one in shown["results"]] == [first.id, second.id]
    some = signed_in(ada).get(f"{REWARDS}?limit=1").json()
    rest = signed_in(ada).get(f"{REWARDS}?limit=1&cursor={some['next_cursor']}").json()
    assert [one["id"] for one in some["results"] + rest["results"]] == [first.id, second.id]
    assert not signed_in(ada).get(f"{REWARDS}?kind=physical").json()["results"]
    assert signed_in(ada).get(f"{REWARDS}?kind=spaceship").status_code == 400


def test_a_page_is_as_many_queries_as_a_row(django_assert_num_queries: Any) -> None:
    client = signed_in(rich())
    reward(limit_day=1)
    client.get(REWARDS)
    with django_assert_num_queries(7):
        client.get(REWARDS)
    for number in range(9):
        reward(limit_day=1, prices={"gold": 5}, position=number)
    with django_assert_num_queries(7):  # session, rewards, prices, pictures, account, member, had
        assert len(client.get(REWARDS).json()["results"]) == 10


def test_reasons_come_in_the_callers_language() -> None:
    ada, star = rich(), reward(stock=0)
    client = signed_in(ada)
    answer = client.get(f"{REWARDS}{star.id}/", headers={"Accept-Language": "zh_CN"})
    [reason] = answer.json()["reasons"]
    assert not reason["detail"].isascii()


def test_days_and_quarters_are_the_communitys() -> None:
    zone: dict[str, Any] = {"time_zone": "Asia/Shanghai", "fiscal_year_starts": 2}
    load(levels=[{"code": "new", "threshold": 0}], **zone)
    ada = rich()
    monthly = reward(limit_quarter=1)
    redeemed(ada, monthly)
    told = reasons(ada, monthly)["limit_reached"]["next_at"]
    at = dt.datetime.fromisoformat(told)
    local = at.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert (local.day, local.hour) == (1, 0)
    assert local.month in {2, 5, 8, 11}


UTC = Clock(zone=zoneinfo.ZoneInfo("UTC"))


@settings(
    max_examples=examples(60),
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    had=st.dictionaries(st.sampled_from(list(Period)), st.integers(0, 9)),
    limits=st.dictionaries(
        st.sampled_from([Period.DAY, Period.QUARTER, Period.LIFETIME]), st.integers(1, 9)
    ),
    quantity=st.integers(1, 9),
)
def test_a_limit_refuses_exactly_what_would_pass_it(
    had: dict[Period, int], limits: dict[Period, int], quantity: int
) -> None:
    now = dt.datetime(2026, 3, 31, 23, 59, tzinfo=dt.UTC)
    told = list(limit_refusals(limits=limits, taken=had, quantity=quantity, clock=UTC, now=now))
    passes = all(had.get(period, 0) + quantity <= most for period, most in limits.items())
    assert bool(told) == (not passes)


def test_a_price_for_a_level_holds_above_it_too() -> None:
    terms = Terms(
        points=9,
        prices={"b": 7, "d": 5},
        level="",
        level_name="",
        segment="",
        segment_name="",
        joined_days=0,
        redeemable_from=None,
        redeemable_until=None,
        most_at_once=1,
        limits={},
        stock=None,
    )
    found = [price_for(terms=terms, levels=tuple("abcd"[:count])) for count in range(5)]
    assert found == [(9, ""), (9, ""), (7, "b"), (7, "b"), (5, "d")]
