"""When a job is due, in zones whose days have 23 and 25 hours too."""

import datetime as dt
import itertools
import zoneinfo

import pytest

from kit.clock import Clock, Period
from kit.jobs import Calendar, Every, Schedule

SHANGHAI = Clock(zoneinfo.ZoneInfo("Asia/Shanghai"))
NEW_YORK = Clock(zoneinfo.ZoneInfo("America/New_York"))
LATE = Clock(zoneinfo.ZoneInfo("Asia/Shanghai"), day_starts_at=dt.time(4))


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


NIGHTLY = Calendar(at=dt.time(3))
AT_1_30, AT_2_30 = Calendar(at=dt.time(1, 30)), Calendar(at=dt.time(2, 30))
WEEKLY = Calendar(Period.WEEK, dt.time(3))
HOURLY = Every(dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("schedule", "clock", "now", "key", "due_at"),
    [
        (NIGHTLY, SHANGHAI, "2026-11-21T18:59:59.999999", "2026-11-21", "2026-11-20T19:00"),
        (NIGHTLY, SHANGHAI, "2026-11-21T19:00", "2026-11-22", "2026-11-21T19:00"),
        (AT_2_30, NEW_YORK, "2026-03-08T06:59", "2026-03-07", "2026-03-07T07:30"),
        (AT_2_30, NEW_YORK, "2026-03-08T07:00", "2026-03-08", "2026-03-08T07:00"),
        (AT_1_30, NEW_YORK, "2026-11-01T05:30", "2026-11-01", "2026-11-01T05:30"),
        (AT_1_30, NEW_YORK, "2026-11-01T06:29", "2026-11-01", "2026-11-01T05:30"),
        (Calendar(), LATE, "2026-11-21T19:59", "2026-11-21", "2026-11-20T20:00"),
        (Calendar(), LATE, "2026-11-21T20:00", "2026-11-22", "2026-11-21T20:00"),
        (Calendar(Period.MONTH), SHANGHAI, "2028-02-29T15:59", "2028-02-01", "2028-01-31T16:00"),
        (Calendar(Period.MONTH), SHANGHAI, "2028-02-29T16:00", "2028-03-01", "2028-02-29T16:00"),
        (WEEKLY, SHANGHAI, "2026-11-22T19:00", "2026-11-23", "2026-11-22T19:00"),
        (HOURLY, NEW_YORK, "2026-11-01T06:29", "2026-11-01T06:00Z", "2026-11-01T06:00"),
    ],
)
def test_the_latest_period_is_the_one_whose_wall_time_has_passed(
    schedule: Schedule, clock: Clock, now: str, key: str, due_at: str
) -> None:
    latest = schedule.latest(now=utc(now), clock=clock)
    assert (latest.key, latest.due_at) == (key, utc(due_at))


@pytest.mark.parametrize("at", [None, dt.time(1, 30), dt.time(2, 30), dt.time(23, 59)])
@pytest.mark.parametrize("clock", [SHANGHAI, NEW_YORK, LATE])
@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK, Period.MONTH, Period.QUARTER])
def test_what_follows_is_what_will_have_been_the_latest(
    clock: Clock, period: Period, at: dt.time | None
) -> None:
    schedule = Calendar(period, at)
    start = utc("2026-02-26T12:00")
    moments = list(itertools.islice(schedule.following(instant=start, clock=clock), 300))
    assert len({moment.key for moment in moments}) == 300
    for before, moment in itertools.pairwise(moments):
        assert before.due_at < moment.due_at
        assert schedule.latest(now=moment.due_at, clock=clock) == moment
        eve = moment.due_at - dt.timedelta(microseconds=1)
        assert schedule.latest(now=eve, clock=clock) == before
        assert next(schedule.following(instant=eve, clock=clock)) == moment


def test_hours_follow_one_another_whatever_the_zone() -> None:
    following = HOURLY.following(instant=utc("2026-11-01T04:10"), clock=NEW_YORK)
    assert [moment.key for moment in itertools.islice(following, 3)] == [
        "2026-11-01T05:00Z",
        "2026-11-01T06:00Z",
        "2026-11-01T07:00Z",
    ]
