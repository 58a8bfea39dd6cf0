"""Local days and periods, where days are long, short, absent or come twice."""

import datetime as dt
import re
import zoneinfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.clock import Clock, Period, parse_instant

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "America/Havana",  # puts the clock back at 01:00, on at 00:00
    "America/Sao_Paulo",  # did both at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # backward in spring
    "Asia/Kathmandu",  # +05:45
    "Pacific/Apia",  # has no 30 December 2011
]
PERIODS = [Period.DAY, Period.WEEK, Period.MONTH, Period.QUARTER, Period.YEAR]

clocks = st.builds(
    Clock,
    zone=st.sampled_from(ZONES).map(zoneinfo.ZoneInfo),
    day_starts_at=st.sampled_from([0, 1, 30, 60, 90, 120, 150, 180, 240]).map(
        lambda minutes: dt.time(minutes // 60, minutes % 60)
    ),
    fiscal_year_starts=st.integers(1, 12),
)
days = st.dates(dt.date(1995, 1, 1), dt.date(2035, 12, 31))
instants = st.datetimes(
    dt.datetime(1995, 1, 1), dt.datetime(2035, 12, 31), timezones=st.just(dt.UTC)
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def hours(clock: Clock, day: dt.date) -> float:
    return (clock.start_of(day + dt.timedelta(days=1)) - clock.start_of(day)).total_seconds() / 3600


@given(clock=clocks, instant=instants)
@example(
    clock=Clock(zoneinfo.ZoneInfo("America/New_York"), dt.time(1, 30)),
    instant=at("2026-11-01T06:15:00+00:00"),
)
@example(
    clock=Clock(zoneinfo.ZoneInfo("America/New_York"), dt.time(2, 30)),
    instant=at("2026-03-08T07:00:00+00:00"),
)
def test_an_instant_lies_in_the_day_it_is_given(clock: Clock, instant: dt.datetime) -> None:
    day = clock.local_date(instant)
    assert clock.start_of(day) <= instant < clock.start_of(day + dt.timedelta(days=1))


@given(clock=clocks, day=days)
@example(clock=Clock(zoneinfo.ZoneInfo("Pacific/Apia")), day=dt.date(2011, 12, 29))
def test_days_follow_one_another_without_a_gap(clock: Clock, day: dt.date) -> None:
    start, end = clock.start_of(day), clock.start_of(day + dt.timedelta(days=1))
    assert start <= end
    if start < end:
        assert clock.local_date(start) == day
        assert clock.local_date(end - dt.timedelta(microseconds=1)) == day


@given(clock=clocks, first=instants, second=instants)
def test_dates_never_go_back(clock: Clock, first: dt.datetime, second: dt.datetime) -> None:
    earlier, later = sorted([first, second])
    assert clock.local_date(earlier) <= clock.local_date(later)


@given(clock=clocks, day=days, period=st.sampled_from(PERIODS))
def test_a_day_lies_in_its_period_and_periods_do_not_overlap(
    clock: Clock, day: dt.date, period: Period
) -> None:
    start = clock.period_start(day, period)
    end = clock.period_end(start, period)
    assert start <= day < end
    assert clock.period_start(start, period) == start
    assert clock.period_start(end - dt.timedelta(days=1), period) == start
    assert clock.period_start(end, period) == end


@given(clock=clocks, day=days)
def test_quarters_make_a_year(clock: Clock, day: dt.date) -> None:
    year = clock.period_start(day, Period.YEAR)
    assert year.month == clock.fiscal_year_starts
    starts = [year]
    for _quarter in range(4):
        starts.append(clock.period_end(starts[-1], Period.QUARTER))
    assert starts[-1] == clock.period_end(year, Period.YEAR)
    assert clock.period_start(day, Period.QUARTER) in starts


def test_a_lifetime_has_no_end() -> None:
    clock = Clock(SHANGHAI)
    start = clock.period_start(dt.date(2026, 11, 22), Period.LIFETIME)
    assert (start, clock.period_end(start, Period.LIFETIME)) == (dt.date.min, dt.date.max)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-22T15:59:59.999999+00:00", "2026-11-22"),
        ("2026-11-22T16:00:00+00:00", "2026-11-23"),
        ("2026-12-31T15:59:59.999999+00:00", "2026-12-31"),
        ("2026-12-31T16:00:00+00:00", "2027-01-01"),
        ("2028-02-28T16:00:00+00:00", "2028-02-29"),
        ("2028-02-29T16:00:00+00:00", "2028-03-01"),
        ("2027-02-28T16:00:00+00:00", "2027-03-01"),
    ],
)
def test_a_day_in_shanghai_turns_at_sixteen_utc(instant: str, day: str) -> None:
    assert Clock(SHANGHAI).local_date(at(instant)) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-22T19:59:59+00:00", "2026-11-22"),
        ("2026-11-22T20:00:00+00:00", "2026-11-23"),
        ("2026-11-22T16:30:00+00:00", "2026-11-22"),
    ],
)
def test_a_day_may_end_at_four_in_the_morning(instant: str, day: str) -> None:
    clock = Clock(SHANGHAI, dt.time(4))
    assert clock.local_date(at(instant)) == dt.date.fromisoformat(day)


def test_new_york_has_days_of_23_and_25_hours() -> None:
    clock = Clock(NEW_YORK)
    assert hours(clock, dt.date(2026, 3, 8)) == 23
    assert hours(clock, dt.date(2026, 11, 1)) == 25
    assert hours(clock, dt.date(2026, 11, 2)) == 24


def test_a_day_that_starts_at_four_is_short_before_the_clock_moves() -> None:
    clock = Clock(NEW_YORK, dt.time(4))
    assert hours(clock, dt.date(2026, 3, 7)) == 23
    assert hours(clock, dt.date(2026, 10, 31)) == 25


@pytest.mark.parametrize("minutes", [0, 1, 30, 59])
def test_a_start_that_is_skipped_comes_right_after_the_gap(minutes: int) -> None:
    clock = Clock(NEW_YORK, dt.time(2, minutes))
    assert clock.start_of(dt.date(2026, 3, 8)) == at("2026-03-08T07:00:00+00:00")


def test_a_start_that_comes_twice_counts_the_first_time() -> None:
    clock = Clock(NEW_YORK, dt.time(1, 30))
    assert clock.start_of(dt.date(2026, 11, 1)) == at("2026-11-01T05:30:00+00:00")
    second_quarter_past_one = at("2026-11-01T06:15:00+00:00")
    assert clock.local_date(second_quarter_past_one) == dt.date(2026, 11, 1)


def test_a_date_that_a_zone_leaves_out_is_empty() -> None:
    clock = Clock(zoneinfo.ZoneInfo("Pacific/Apia"))
    assert hours(clock, dt.date(2011, 12, 30)) == 0
    assert clock.local_date(at("2011-12-30T09:59:59+00:00")) == dt.date(2011, 12, 29)
    assert clock.local_date(at("2011-12-30T10:00:00+00:00")) == dt.date(2011, 12, 31)


@pytest.mark.parametrize(
    ("starts", "day", "quarter", "year"),
    [
        (1, "2026-11-22", "2026-10-01", "2026-01-01"),
        (4, "2026-03-31", "2026-01-01", "2025-04-01"),
        (4, "2026-04-01", "2026-04-01", "2026-04-01"),
        (2, "2027-01-31", "2026-11-01", "2026-02-01"),
        (12, "2028-02-29", "2027-12-01", "2027-12-01"),
        (12, "2027-11-30", "2027-09-01", "2026-12-01"),
    ],
)
def test_fiscal_quarters_cross_the_calendar_year(
    starts: int, day: str, quarter: str, year: str
) -> None:
    clock = Clock(SHANGHAI, fiscal_year_starts=starts)
    today = dt.date.fromisoformat(day)
    assert clock.period_start(today, Period.QUARTER).isoformat() == quarter
    assert clock.period_start(today, Period.YEAR).isoformat() == year


def test_weeks_start_on_monday() -> None:
    clock = Clock(SHANGHAI)
    sunday = dt.date(2027, 1, 3)
    assert clock.period_start(sunday, Period.WEEK) == dt.date(2026, 12, 28)
    assert clock.period_end(dt.date(2026, 12, 28), Period.WEEK) == dt.date(2027, 1, 4)


@given(instant=instants)
def test_an_instant_that_is_written_is_read_again(instant: dt.datetime) -> None:
    for zone in [dt.UTC, SHANGHAI, NEW_YORK]:
        assert parse_instant(instant.astimezone(zone).isoformat()) == instant


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-22t10:00:00z", "2026-11-22T10:00:00+00:00"),
        ("2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123456+00:00"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00+00:00"),
        ("2199-12-31T23:59:59-12:00", "2200-01-01T11:59:59+00:00"),
    ],
)
def test_all_of_rfc_3339_is_read(text: str, read: str) -> None:
    assert parse_instant(text) == at(read)
    assert parse_instant(text).tzinfo is dt.UTC


@pytest.mark.parametrize(
    "text", ["", "2026-11-22T10:00:00", "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "now"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_instant(text)
