"""Short words for the scenarios of check-ins."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

from django.test import Client

from activities.models import CheckIn
from activities.selectors import CheckedIn, Month, calendar_of, streak
from activities.services import check_in, make_up
from members.models import Member
from members.selectors import community
from points import services
from points.program_file import whole_file

RULES: list[dict[str, Any]] = [
    {"code": "daily", "action": "check_in.done", "points": 5},
    {"code": "made-up", "action": "check_in.made_up", "points": 1, "when": {"field": "no"}},
    {"code": "milestone", "action": "check_in.milestone", "points": {"field": "days", "times": 10}},
    {"code": "cycle", "action": "check_in.cycle_completed", "points": 70},
    {"code": "month", "action": "check_in.month_completed", "points": 300},
]
DAILY = RULES[0]
ROUTE = "/api/v1/check-ins/"
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
NOON = dt.timedelta(hours=12)


def load(
    *,
    rules: Sequence[Mapping[str, Any]] = (DAILY, *RULES[2:]),
    check_ins: Mapping[str, Any] | None = None,
    **said: Any,
) -> None:
    """Load a program with these check-ins: in Shanghai, unless told otherwise."""
    source = {
        "community": {"name": "Club", "time_zone": "Asia/Shanghai", "day_starts_at": "00:00"}
        | said.pop("community", {}),
        "rules": list(rules),
        "check_ins": check_ins or {},
        **said,
    }
    services.load_program(source=whole_file().model_validate(source), dry_run=False)


def day(text: str) -> dt.date:
    """Return a date of 2026, `11-22`, or of the year it names."""
    return dt.date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def noon(date: dt.date | str) -> dt.datetime:
    """Return an instant in the middle of the community's date."""
    date = day(date) if isinstance(date, str) else date
    return community().clock.start_of(date) + NOON


def keep(member: Member, first: str, last: str = "") -> list[CheckedIn]:
    """Check the member in on each day of a span."""
    start, end = day(first), day(last or first)
    days = [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]
    return [check_in(member=member.id, now=noon(one)) for one in days]


def fill(member: Member, date: str, *, on: str) -> CheckedIn:
    """Make up for a date, on another."""
    return make_up(member=member.id, day=day(date), now=noon(on))


def streak_of(member: Member, date: str) -> int:
    """Return the streak at noon of a date."""
    return streak(member=member.id, now=noon(date))


def month_of(member: Member, date: str, month: str = "") -> Month:
    """Return the calendar as it is at noon of a date."""
    return calendar_of(member=member.id, month=month, now=noon(date))


def states(shown: Month) -> dict[str, str]:
    """Return the states of a calendar by the day of the month."""
    return {f"{one.date:%d}": one.state for one in shown.days}


def kinds(member: Member) -> dict[str, str]:
    """Return the rows of a member that stand, by date."""
    rows = CheckIn.objects.standing().filter(member=member).order_by("local_on")
    return {f"{row.local_on:%m-%d}": row.kind for row in rows}


def points_of(record: CheckedIn) -> dict[str, int]:
    """Return what a record granted, by rule."""
    return {story["rule"]: story["points"] for story in record.outcome}


def post(client: Client, body: Any = None, **headers: str) -> Any:
    """Check in over HTTP."""
    return client.post(
        ROUTE, {} if body is None else body, content_type="application/json", headers=headers
    )
