import datetime as dt
import json
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.clock import Clock
from kit.fields import POINTS_LIMIT
from points.rules import (
    LevelInForce,
    NoPoints,
    ProgramInForce,
    RuleInForce,
    base_points,
    expires_at,
    first_failure,
    in_force,
    level_at,
    multiplied,
)

UTC = dt.UTC
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text("ab1", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)


def rule(
    *,
    points: int = 5,
    field: str = "",
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
) -> RuleInForce:
    return RuleInForce(
        code="r",
        version_id=1,
        number=1,
        action="a",
        points=points,
        field=field,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def program(expiry: str, days: int = 0, clock: Clock | None = None) -> ProgramInForce:
    return ProgramInForce(
        revision="",
        clock=clock or Clock(zoneinfo.ZoneInfo("Asia/Shanghai")),
        overdraft="debt",
        expiry=expiry,
        expiry_days=days,
        revive_days=7,
        accept_late_hours=72,
        levels=(),
        rules={},
    )


@pytest.mark.parametrize(
    ("comparison", "holds_for", "fails_for"),
    [
        ({"eq": 1}, [1, 1.0], [2, True, "1", None, [1], {}]),
        ({"eq": True}, [True], [1, "true", None, False]),
        ({"eq": "x"}, ["x"], ["X", None, ["x"]]),
        ({"ne": 1}, [2, True, "1", None, [1]], [1, 1.0]),
        ({"gt": 3}, [4, 3.5], [3, "4", True, None, [4]]),
        ({"gte": 3}, [3, 4], [2.9, "3", None]),
        ({"lt": 3}, [2, -1], [3, "2", False, None]),
        ({"lte": 3}, [3, 2], [3.1, None]),
        ({"in": ["a", 1]}, ["a", 1], ["b", True, None, ["a"]]),
        ({"exists": True}, [0, "", False, [], {}], [None]),
        ({"exists": False}, [None], [0, "", False]),
    ],
)
def test_a_comparison_holds_for_its_own_kind_of_value_only(
    comparison: dict[str, Any], holds_for: list[Any], fails_for: list[Any]
) -> None:
    when = {"field": "f", **comparison}
    for value in holds_for:
        assert first_failure(when=when, data={"f": value}) is None, value
    for value in fails_for:
        assert first_failure(when=when, data={"f": value}) is not None, value


@pytest.mark.parametrize("operator", ["eq", "gt", "gte", "lt", "lte", "in"])
def test_a_missing_field_fails_every_comparison_that_needs_a_value(operator: str) -> None:
    wanted: Any = [0] if operator == "in" else 0
    assert first_failure(when={"field": "f", operator: wanted}, data={}) == {
        "field": "f",
        operator: wanted,
        "value": None,
    }


def test_a_missing_field_differs_from_every_value() -> None:
    assert first_failure(when={"field": "f", "ne": 1}, data={}) is None


def test_no_condition_always_holds() -> None:
    assert first_failure(when=None, data={}) is None


def test_all_tells_the_first_part_that_fails() -> None:
    when = {"all": [{"field": "words", "gte": 120}, {"field": "score", "gte": 1}]}
    assert first_failure(when=when, data={"words": 120, "score": 1}) is None
    assert first_failure(when=when, data={"words": 80, "score": 0}) == {
        "field": "words",
        "gte": 120,
        "value": 80,
    }
    assert first_failure(when=when, data={"words": 120, "score": 0}) == {
        "field": "score",
        "gte": 1,
        "value": 0,
    }


def test_any_tells_all_its_failures() -> None:
    when = {"any": [{"field": "a", "eq": 1}, {"all": [{"field": "b", "eq": 2}]}]}
    assert first_failure(when=when, data={"b": 2}) is None
    assert first_failure(when=when, data={"b": 3}) == {
        "any": [{"field": "a", "eq": 1, "value": None}, {"field": "b", "eq": 2, "value": 3}]
    }


def test_not_tells_the_condition_that_held() -> None:
    when = {"not": {"field": "muted", "eq": True}}
    assert first_failure(when=when, data={}) is None
    assert first_failure(when=when, data={"muted": True}) == when


def test_a_failure_stays_short_whatever_was_sent() -> None:
    when = {"field": "f", "eq": 1}
    long = first_failure(when=when, data={"f": "x" * 10_000})
    deep = first_failure(when=when, data={"f": [[["x"]] * 100]})
    assert len(json.dumps([long, deep])) < 300


NUMBERS = st.integers(-2, 2) | st.floats(-2, 2)
COMPARISONS = [
    st.fixed_dictionaries({"field": st.sampled_from("ab"), operator: NUMBERS})
    for operator in ("eq", "ne", "gt", "gte", "lt", "lte")
]
CONDITIONS = st.recursive(
    st.one_of(COMPARISONS)
    | st.fixed_dictionaries({"field": st.just("a"), "in": st.lists(st.integers(0, 2), min_size=1)})
    | st.fixed_dictionaries({"field": st.just("b"), "exists": st.booleans()}),
    lambda inner: (
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"not": inner})
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(when=CONDITIONS, data=st.dictionaries(st.sampled_from("ab"), JSON))
def test_a_condition_never_raises_and_its_opposite_holds_when_it_fails(
    when: dict[str, Any], data: dict[str, Any]
) -> None:
    failure = first_failure(when=when, data=data)
    opposite = first_failure(when={"not": when}, data=data)
    assert (failure is None) != (opposite is None)
    json.dumps(failure)


def test_fixed_points_do_not_ask_the_data() -> None:
    assert base_points(rule=rule(points=-2), data={}) == -2


@pytest.mark.parametrize(
    ("amount", "times", "expected"),
    [
        (50, 1, 50),
        (50, -1, -50),
        (0, 3, 0),
        (POINTS_LIMIT, 1, POINTS_LIMIT),
        (None, 1, NoPoints("field_missing", "amount")),
        (True, 1, NoPoints("field_not_whole_number", "amount")),
        (5.0, 1, NoPoints("field_not_whole_number", "amount")),
        ("5", 1, NoPoints("field_not_whole_number", "amount")),
        ([5], 1, NoPoints("field_not_whole_number", "amount")),
        (POINTS_LIMIT + 1, 1, NoPoints("field_out_of_range", "amount")),
        (-POINTS_LIMIT, 2, NoPoints("field_out_of_range", "amount")),
        (2**63, 1, NoPoints("field_out_of_range", "amount")),
    ],
)
def test_points_from_a_field(amount: object, times: int, expected: object) -> None:
    found = base_points(rule=rule(points=times, field="amount"), data={"amount": amount})
    assert found == expected
    assert type(found) is type(expected)


def test_a_field_that_is_not_sent_gives_no_points_with_a_reason() -> None:
    found = base_points(rule=rule(points=1, field="amount"), data={})
    assert found == NoPoints("field_missing", "amount")


@settings(deadline=None)
@given(
    points=st.integers(1, POINTS_LIMIT),
    multiplier=st.decimals("0.001", "999.999", places=3),
)
def test_a_multiplied_grant_is_exact_and_rounded_down(points: int, multiplier: Decimal) -> None:
    exact = Fraction(multiplier) * points
    found = multiplied(points=points, multiplier=multiplier)
    assert found <= exact < found + 1


def test_ten_times_one_and_a_tenth_is_eleven() -> None:
    assert multiplied(points=10, multiplier=Decimal("1.1")) == 11
    assert multiplied(points=9, multiplier=Decimal("1.1")) == 9


def test_a_deduction_is_not_multiplied() -> None:
    assert multiplied(points=-10, multiplier=Decimal("1.5")) == -10
    assert multiplied(points=0, multiplier=Decimal("1.5")) == 0


def test_a_rule_counts_from_its_start_and_before_its_end() -> None:
    start = dt.datetime(2018, 4, 1, tzinfo=UTC)
    end = dt.datetime(2018, 5, 1, tzinfo=UTC)
    tick = dt.timedelta(microseconds=1)
    timed = rule(starts_at=start, ends_at=end)
    assert [in_force(timed, at) for at in (start - tick, start, end - tick, end)] == [
        False,
        True,
        True,
        False,
    ]
    assert in_force(rule(), start)


def test_a_level_is_reached_at_its_threshold() -> None:
    one = LevelInForce(1, "one", "One", 10, Decimal(1))
    two = LevelInForce(2, "two", "Two", 100, Decimal(2))
    reached = [level_at(levels=(one, two), lifetime=points) for points in (0, 9, 10, 99, 100, 101)]
    assert reached == [None, None, one, one, two, two]
    assert level_at(levels=(), lifetime=5) is None


def test_points_may_never_lapse() -> None:
    assert expires_at(program=program("never"), now=dt.datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("expiry", "days", "local_day"),
    [
        ("days", 0, dt.date(2026, 11, 23)),
        ("days", 1, dt.date(2026, 11, 24)),
        ("days", 365, dt.date(2027, 11, 23)),
        ("month", 0, dt.date(2026, 12, 1)),
        ("month", 7, dt.date(2026, 12, 8)),
        ("quarter", 0, dt.date(2027, 1, 1)),
        ("year", 30, dt.date(2027, 1, 31)),
    ],
)
def test_points_lapse_at_the_start_of_a_local_day(
    expiry: str, days: int, local_day: dt.date
) -> None:
    now = dt.datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    midnight = dt.datetime.combine(local_day, dt.time(), zoneinfo.ZoneInfo("Asia/Shanghai"))
    assert expires_at(program=program(expiry, days), now=now) == midnight


def test_a_second_later_is_another_local_day() -> None:
    now = dt.datetime(2026, 11, 30, 16, tzinfo=UTC)  # midnight of 1 December in Shanghai
    assert expires_at(program=program("month"), now=now) == dt.datetime(
        2026, 12, 31, 16, tzinfo=UTC
    )


@settings(deadline=None)
@given(
    expiry=st.sampled_from(["days", "month", "quarter", "year"]),
    days=st.integers(0, 400),
    now=st.integers(1_514_764_800, 1_893_456_000),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia"]),
    hour=st.integers(0, 23),
    month=st.integers(1, 12),
)
def test_points_always_lapse_after_they_were_granted(
    expiry: str, days: int, now: int, zone: str, hour: int, month: int
) -> None:
    clock = Clock(zoneinfo.ZoneInfo(zone), dt.time(hour), month)
    instant = dt.datetime.fromtimestamp(now, UTC)
    lapse = expires_at(program=program(expiry, days, clock), now=instant)
    assert lapse is not None
    assert lapse > instant
    assert lapse == clock.start_of(clock.local_date(lapse))
