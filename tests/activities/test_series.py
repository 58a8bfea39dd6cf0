"""Events that come back at the same local time, whatever the clocks do."""

import datetime as dt
import zoneinfo
from typing import Any

import pytest
from django.utils import timezone

from activities import services
from activities.models import Event, EventSeries
from activities.rules.events import Recurrence
from activities.services import SeriesDetails
from kit.transactions import durable
from tests.activities.gatherings import HOUR, load_events
from tests.factories import MemberFactory
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
SUNDAY = 6


def days(rule: Recurrence, *, last: str) -> list[str]:
    return [day.isoformat()[5:] for day in rule.days(last=dt.date.fromisoformat(last))]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Recurrence(dt.date(2026, 1, 1), None, weekday=3), ["01-01", "01-08", "01-15", "01-22"]),
        (Recurrence(dt.date(2026, 1, 2), None, weekday=3), ["01-08", "01-15", "01-22"]),
        (Recurrence(dt.date(2026, 1, 1), None, weekday=3, step=2), ["01-01", "01-15"]),
        (Recurrence(dt.date(2026, 1, 1), dt.date(2026, 1, 8), weekday=3), ["01-01", "01-08"]),
    ],
)
def test_weeks(rule: Recurrence, expected: list[str]) -> None:
    assert days(rule, last="2026-01-25") == expected


@pytest.mark.parametrize(
    ("nth", "step", "expected"),
    [
        (1, 1, ["02-02", "03-02", "04-06"]),
        (4, 1, ["01-26", "02-23", "03-23", "04-27"]),
        (-1, 1, ["01-26", "02-23", "03-30", "04-27"]),
        (-1, 3, ["01-26", "04-27"]),
        (2, 12, ["01-12"]),
    ],
)
def test_months(nth: int, step: int, expected: list[str]) -> None:
    rule = Recurrence(dt.date(2026, 1, 10), None, weekday=0, step=step, nth=nth)
    assert days(rule, last="2026-04-30") == expected


def series(**said: Any) -> EventSeries:
    plain: dict[str, Any] = {
        "title": "Walk",
        "weekday": SUNDAY,
        "begins": dt.time(19),
        "from_on": dt.date(2026, 1, 4),
    }
    return services.save_series(details=SeriesDetails(**plain | said))


@once_a_module
def _program() -> None:
    load_events(zone="America/New_York")


def make(now: dt.datetime) -> int:
    return durable(services.make_ahead)(now=now).events


def walls() -> list[str]:
    starts = Event.objects.order_by("starts_at").values_list("starts_at", flat=True)
    return [f"{at.astimezone(NEW_YORK):%m-%d %H:%M}" for at in starts]


def test_seven_in_the_evening_stays_seven_when_the_clocks_change() -> None:
    series()
    # Clocks go forward on 8 March 2026 and back on 1 November.
    assert make(dt.datetime(2026, 2, 25, 12, tzinfo=dt.UTC)) == 4
    assert walls() == ["03-01 19:00", "03-08 19:00", "03-15 19:00", "03-22 19:00"]
    starts = list(Event.objects.order_by("starts_at").values_list("starts_at", flat=True))
    assert [one.hour for one in starts] == [0, 23, 23, 23]
    assert starts[1] - starts[0] == dt.timedelta(days=7) - HOUR
    make(dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC))
    assert walls()[4:] == ["10-25 19:00", "11-01 19:00", "11-08 19:00", "11-15 19:00"]


def test_a_time_that_the_clock_skips_begins_right_after_the_gap_and_a_double_one_once() -> None:
    series(begins=dt.time(2, 30))
    series(begins=dt.time(1, 30), title="Owls")
    make(dt.datetime(2026, 3, 5, tzinfo=dt.UTC))
    [skipped] = Event.objects.filter(title="Walk", series_on="2026-03-08")
    assert skipped.starts_at == dt.datetime(2026, 3, 8, 7, tzinfo=dt.UTC)  # 03:00 EDT
    make(dt.datetime(2026, 10, 30, tzinfo=dt.UTC))
    [twice] = Event.objects.filter(title="Owls", series_on="2026-11-01")
    assert twice.starts_at == dt.datetime(2026, 11, 1, 5, 30, tzinfo=dt.UTC)  # EDT, the first


def test_events_are_made_once_and_stay_as_they_are() -> None:
    series()
    now = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
    assert make(now) == 4
    changed = Event.objects.earliest("starts_at")
    services.cancel_event(event=changed.id, reason="Rain")
    assert make(now) == 0
    assert make(now + dt.timedelta(days=7)) == 1
    changed.refresh_from_db()
    assert changed.state == "cancelled"
    assert Event.objects.count() == 5


def test_an_event_takes_what_its_series_says() -> None:
    host = MemberFactory.create()
    series(
        kind="live_class",
        seats=9,
        host_id=host.id,
        minutes=90,
        opens_hours=48,
        cancel_hours=6,
        claim_minutes=20,
        min_stay_minutes=45,
        level_floor=100,
    )
    make(dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC))
    made = Event.objects.earliest("starts_at")
    assert (made.kind, made.seats, made.host, made.state) == ("live_class", 9, host, "published")
    assert made.ends_at - made.starts_at == 1.5 * HOUR
    assert made.booking_opens_at == made.starts_at - 48 * HOUR
    assert made.cancel_until_at == made.starts_at - 6 * HOUR
    assert (made.claim_minutes, made.min_stay_minutes, made.level_floor) == (20, 45, 100)


def test_what_is_past_or_stopped_is_not_made() -> None:
    series(is_active=False)
    series(until_on=dt.date(2026, 5, 10), title="Last")
    assert make(dt.datetime(2026, 5, 10, 23, 1, tzinfo=dt.UTC)) == 0  # it began a minute ago
    assert make(dt.datetime(2026, 5, 10, 22, 59, tzinfo=dt.UTC)) == 1


def test_many_series_are_made_step_by_step() -> None:
    for number in range(5):
        series(title=f"Walk {number}")
    now, after, steps = timezone.now(), 0, 0
    while True:
        made = durable(services.make_ahead)(now=now, after=after, most=2)
        steps += 1
        if made.after is None:
            break
        after = made.after
    assert steps == 3
    assert len(set(Event.objects.values_list("series", flat=True))) == 5
