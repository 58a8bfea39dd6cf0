"""The demo community of `make run`: a program, members, and a month of what they did."""

import datetime as dt
from pathlib import Path

from django.conf import settings
from rich.console import Console
from rich.progress import track

from activities.history import History
from activities.services import ActivityIn, intake
from members.rules import MemberIn
from members.selectors import community
from members.services import put_members
from points.program_file import parse
from points.services import load_program

MEMBERS = 60
DAYS = 30
SEED = 0
BATCH = 200


def load_demo(*, now: dt.datetime, progress: bool) -> None:
    """Fill an empty database with a small community whose month ends at `now`.

    Everything goes in through the services, as it would over the API. `progress` shows a bar on
    the terminal. Doing it again on the same day changes nothing.
    """
    program = Path(settings.BASE_DIR) / "examples" / "program.yaml"
    load_program(source=parse(content=program.read_bytes()), dry_run=False)
    history = _history(now)
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
    for start in track(
        range(0, len(items), BATCH),
        description="Demo community",
        console=Console(stderr=True),
        transient=True,
        disable=not progress,
    ):
        intake(items=items[start : start + BATCH], now=now, any_age=True)


def _history(now: dt.datetime) -> History:
    """Return the month that ends with the community's day at `now`."""
    clock = community().clock
    return History(
        members=MEMBERS,
        days=DAYS,
        seed=SEED,
        starts_on=clock.local_date(now) - dt.timedelta(days=DAYS - 1),
        zone=clock.zone,
        day_starts_at=clock.day_starts_at,
    )
