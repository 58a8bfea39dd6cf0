"""Another zone or day start counts from a day to come, and loses nobody a streak."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.models import CheckIn
from activities.services import check_in
from kit.clock import Clock
from kit.jobs import Calendar
from members.models import Community, Member
from members.selectors import community
from members.services import set_community
from points.program_file import render
from points.selectors import program, program_file
from points.services import load_program
from tests.activities.streaks import load, month_of, states, streak_of
from tests.factories import MemberFactory
from tests.kit.test_clock import clocks

pytestmark = pytest.mark.django_db
FOUR = dt.time(4)


@pytest.fixture
def ada(db: None) -> Member:
    load()
    return MemberFactory.create(external_id="ada")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def change(zone: str, start: str = "00:00", *, now: str) -> None:
    set_community(
        name=None,
        time_zone=zone,
        day_starts_at=dt.time.fromisoformat(start),
        fiscal_year_starts=1,
        moment=lambda: at(now),
    )


def daily(member: Member, *instants: str) -> list[str]:
    return [f"{check_in(member=member.id, now=at(one)).local_on:%m-%d}" for one in instants]


def test_it_counts_from_the_start_of_the_next_day(ada: Member) -> None:
    change("UTC", now="2026-03-10T12:00:00+08:00")
    clock = community().clock
    assert clock.local_date(at("2026-03-10T23:59:59.999+08:00")) == dt.date(2026, 3, 10)
    assert clock.since == at("2026-03-11T00:00:00+08:00")
    assert clock.at(at("2026-03-10T20:00:00+08:00")).zone.key == "Asia/Shanghai"
    assert clock.at(at("2026-03-11T00:00:00+08:00")).zone.key == "UTC"


def test_just_before_a_day_begins_it_is_the_one_after(ada: Member) -> None:
    change("UTC", now="2026-03-10T23:00:01+08:00")
    assert community().clock.since == at("2026-03-12T00:00:00+08:00")


def test_a_repeated_date_is_blocked_and_the_streak_goes_on(ada: Member) -> None:
    """Westward: the date that has just ended begins anew, by eight hours."""
    dates = daily(ada, "2026-03-09T12:00:00+08:00", "2026-03-10T12:00:00+08:00")
    change("UTC", now="2026-03-10T13:00:00+08:00")
    dates += daily(
        ada,
        "2026-03-11T00:30:00+08:00",  # 16:30 of 10 March in UTC
        "2026-03-11T12:00:00+00:00",
        "2026-03-12T12:00:00+00:00",
    )
    assert dates == ["03-09", "03-10", "03-10", "03-11", "03-12"]
    assert CheckIn.objects.count() == 4
    assert check_in(member=ada.id, now=at("2026-03-12T13:00:00+00:00")).streak == 4


def test_a_skipped_date_is_frozen_for_everybody(ada: Member) -> None:
    """Eastward, over the date line: 11 March never comes."""
    bob = MemberFactory.create()
    load(community={"time_zone": "Pacific/Pago_Pago"})
    Community.objects.update(earlier_clocks=[])
    for member in (ada, bob):
        daily(member, "2026-03-09T12:00:00-11:00", "2026-03-10T12:00:00-11:00")
    change("Pacific/Kiritimati", now="2026-03-10T13:00:00-11:00")
    clock = community().clock
    assert not clock.has(dt.date(2026, 3, 11))
    assert clock.has(dt.date(2026, 3, 12))
    assert daily(ada, "2026-03-12T12:00:00+14:00") == ["03-12"]
    for member, length in ((ada, 3), (bob, 2)):
        assert streak_at(member, "2026-03-12T13:00:00+14:00") == length
    shown = states(month_of(ada, "03-12"))
    assert [shown[day] for day in ("10", "11", "12")] == ["done", "frozen", "done"]
    assert not CheckIn.objects.filter(local_on="2026-03-11").exists()


def streak_at(member: Member, instant: str) -> int:
    from activities.selectors import streak  # noqa: PLC0415 - the name is taken above

    return streak(member=member.id, now=at(instant))


def test_a_later_day_start_makes_the_day_longer(ada: Member) -> None:
    dates = daily(ada, "2026-03-10T12:00:00+08:00")
    change("Asia/Shanghai", "04:00", now="2026-03-10T13:00:00+08:00")
    dates += daily(ada, "2026-03-11T03:59:59.999+08:00", "2026-03-11T04:00:00+08:00")
    assert dates == ["03-10", "03-10", "03-11"]
    assert streak_of(ada, "03-11") == 2


def test_what_happened_before_keeps_its_date(ada: Member) -> None:
    change("UTC", now="2026-03-10T12:00:00+08:00")
    change("America/New_York", now="2026-05-01T12:00:00+00:00")
    clock = community().clock
    assert clock.local_date(at("2026-03-10T01:00:00+08:00")) == dt.date(2026, 3, 10)
    assert clock.local_date(at("2026-04-10T01:00:00+08:00")) == dt.date(2026, 4, 9)
    assert clock.local_date(at("2026-06-10T01:00:00+00:00")) == dt.date(2026, 6, 9)


def test_a_change_that_waits_is_replaced_or_dropped(ada: Member) -> None:
    change("UTC", now="2026-03-10T12:00:00+08:00")
    change("America/New_York", now="2026-03-10T13:00:00+08:00")
    clock = community().clock
    assert clock.before
    assert (clock.before.zone.key, clock.before.before) == ("Asia/Shanghai", None)
    change("Asia/Shanghai", now="2026-03-10T14:00:00+08:00")
    assert community().clock.before is None


def test_a_community_without_members_has_it_at_once(db: None) -> None:
    load()
    load(community={"time_zone": "America/New_York"})
    assert community().clock.before is None
    assert community().clock.zone.key == "America/New_York"


def test_a_file_that_changes_the_clock_is_loaded_once(ada: Member) -> None:
    text = render(program_file()).replace("Asia/Shanghai", "America/New_York")
    from points.program_file import parse  # noqa: PLC0415 - only here

    source = parse(content=text.encode())
    assert load_program(source=source, dry_run=True)
    assert load_program(source=source, dry_run=False)
    kept = Community.objects.get().earlier_clocks
    assert len(kept) == 1
    assert not load_program(source=source, dry_run=True)
    assert not load_program(source=source, dry_run=False)
    assert Community.objects.get().earlier_clocks == kept
    assert program().clock.before
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert program().clock.at(now).zone.key == "Asia/Shanghai"


@pytest.mark.parametrize("at_time", [None, dt.time(3)])
def test_each_day_has_its_run_across_a_change(at_time: dt.time | None) -> None:
    before = Clock(_zone("Asia/Shanghai"))
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        since = before.start_of(dt.date(2026, 3, 11))
        clock = Clock(_zone(zone), before=before, since=since)
        due = Calendar(at=at_time).following(instant=at("2026-03-07T12:00:00Z"), clock=clock)
        moments = [next(due) for _ in range(8)]
        keys = [moment.key for moment in moments]
        assert keys == [f"2026-03-{n:02}" for n in range(int(keys[0][-2:]), int(keys[0][-2:]) + 8)]
        assert sorted(moment.due_at for moment in moments) == [one.due_at for one in moments]


def _zone(name: str) -> Any:
    import zoneinfo  # noqa: PLC0415 - only here

    return zoneinfo.ZoneInfo(name)


def changed() -> st.SearchStrategy[Clock]:
    """Clocks that were changed at the start of a day, perhaps twice."""

    def onto(clock: Clock, after: Clock, day: dt.date) -> Clock:
        return Clock(
            after.zone,
            after.day_starts_at,
            after.fiscal_year_starts,
            before=clock,
            since=clock.start_of(day),
        )

    days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    once: Callable[..., Any] = onto
    first = st.builds(once, clocks, clocks, days)
    return first | st.builds(
        lambda clock, after, gap: onto(
            clock, after, clock.local_date(clock.since) + dt.timedelta(days=gap)
        ),
        first,
        clocks,
        st.integers(1, 40),
    )


@given(clock=changed(), hours=st.integers(-24 * 60, 24 * 60))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_dates_never_go_back_and_each_instant_has_the_one_it_lies_in(
    clock: Clock, hours: int
) -> None:
    assert clock.since
    instant = clock.since + dt.timedelta(hours=hours)
    date = clock.local_date(instant)
    assert clock.start_of(date) <= instant < clock.start_of(date + dt.timedelta(days=1))
    assert clock.local_date(instant + dt.timedelta(hours=1)) >= date
    assert clock.has(date)


@given(clock=changed())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_change_of_clock_skips_and_never_repeats(clock: Clock) -> None:
    assert clock.since
    last = clock.local_date(clock.since - dt.timedelta(microseconds=1))
    first = clock.local_date(clock.since)
    assert first >= last
    missing = [last + dt.timedelta(days=n) for n in range(1, (first - last).days)]
    assert not any(clock.has(day) for day in missing)
