"""Short words for the scenarios of events."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from activities import services
from activities.models import Attendance, Booking, Event
from activities.selectors import event_codes
from activities.services import EventDetails
from kit.transactions import durable
from members.models import Member
from points import services as points
from points.program_file import whole_file
from tests.factories import MemberFactory

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
RULES: list[dict[str, Any]] = [
    {"code": "attended", "action": "event.attended", "points": 10},
    {
        "code": "late",
        "action": "event.attended",
        "points": -2,
        "when": {"field": "late", "eq": True},
    },
    {"code": "hosted", "action": "event.hosted", "points": {"field": "attended", "times": 5}},
    {"code": "missed", "action": "event.missed", "points": -3},
    {"code": "gift", "action": "gift", "points": {"field": "amount"}},
]
LEVELS = [
    {"code": "new", "name": "Newcomer", "threshold": 0},
    {"code": "known", "name": "Known", "threshold": 100},
]


def load_events(*, zone: str = "Asia/Shanghai", **section: Any) -> None:
    """Load a program whose events section says this."""
    source = {
        "community": {"name": "Guild", "time_zone": zone, "accept_late_hours": None},
        "levels": LEVELS,
        "rules": RULES,
        "events": section,
    }
    points.load_program(source=whole_file().model_validate(source), dry_run=False)


def event(*, starts_in: dt.timedelta = 3 * HOUR, lasts: dt.timedelta = HOUR, **said: Any) -> Event:
    """Make and publish an event that starts so long from now."""
    starts_at = said.pop("starts_at", timezone.now() + starts_in)
    said = {"title": "Evening", "starts_at": starts_at, "ends_at": starts_at + lasts} | said
    made = services.create_event(details=EventDetails(**said))
    return services.publish_event(event=made.id)


def at(instant: dt.datetime) -> Callable[[], dt.datetime]:
    """Return a clock that stands still."""
    return lambda: instant


def people(count: int) -> list[Member]:
    """Make members."""
    return MemberFactory.create_batch(count)


def book(of: Event, *who: Member, **said: Any) -> list[str]:
    """Book for each, in turn, and return the states."""
    return [services.book(event=of.id, member=one.id, **said).booking.state for one in who]


def states(of: Event, *who: Member) -> list[str]:
    """Return where each stands with the event."""
    found = dict(Booking.objects.filter(event=of).values_list("member", "state"))
    return [found.get(one.id, "") for one in who]


def code(of: Event, *, now: dt.datetime | None = None) -> str:
    """Return what the event's screen shows."""
    return event_codes.code_of(event=of.id, now=now or timezone.now(), seconds=30).text


def close(*, now: dt.datetime, chunk: int = 200) -> None:
    """Do what the job does."""
    while not durable(services.close_events)(now=now, chunk=chunk).is_over:
        pass


def attended(of: Event, who: Member) -> Attendance:
    """Return the attendance."""
    return Attendance.objects.get(event=of, member=who)
