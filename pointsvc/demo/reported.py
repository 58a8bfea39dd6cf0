"""The demo community's program and members, and what other systems report of them."""

import datetime as dt
from pathlib import Path

from django.conf import settings

from activities.history import History
from activities.services import ActivityIn, intake
from members.rules import MemberIn
from members.selectors import community
from members.services import put_members
from points.program_file import parse
from points.services import load_program

MEMBERS = 60
DAYS = 30
BATCH = 200


def load_reported(*, now: dt.datetime, seed: int) -> None:
    """Bring in the program, the members, and the month of activities that other systems report.

    Doing it again on the same day changes nothing.
    """
    program = Path(settings.BASE_DIR) / "examples" / "program.yaml"
    load_program(source=parse(content=program.read_bytes()), dry_run=False)
    history = _history(now, seed)
    put_members(
        rows=[
            MemberIn(member.external_id, member.nickname, member.joined_at)
            for member in history.all_members()
            if member.joined_at <= now
        ]
    )
    items = [
        ActivityIn(
            activity.id, activity.action, activity.member, activity.occurred_at, activity.data
        )
        for activity in history.activities()
        if activity.occurred_at <= now
    ]
    for start in range(0, len(items), BATCH):
        intake(items=items[start : start + BATCH], now=now, any_age=True)


def _history(now: dt.datetime, seed: int) -> History:
    """Return the month that ends with the community's day at `now`."""
    clock = community().clock
    return History(
        members=MEMBERS,
        days=DAYS,
        seed=seed,
        starts_on=clock.local_date(now) - dt.timedelta(days=DAYS - 1),
        zone=clock.zone,
        day_starts_at=clock.day_starts_at,
    )
