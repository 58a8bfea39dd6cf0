"""Redemption windows of the demo community: one that runs, and one that is settled."""

import contextlib
import datetime as dt
import random

from django.contrib.auth.models import User

from kit.clock import Clock, Period
from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member
from members.selectors import community
from points.selectors import program_file, section
from points.services import load_program
from rewards import selectors, services
from rewards.program_file import WindowsSection

OPENED_AGO, STAYS_OPEN, FULFILLED_IN = 1, 5, 45
"""Days of the window that runs: the program's calendar is moved so that it does."""

ASKERS = 16


def load_windows(*, now: dt.datetime, seed: int) -> None:
    """Give the demo a window that is open at `now`, and last quarter's, drawn and settled.

    Through the services; the same seed asks for the same. Where there are windows nothing is done.
    """
    if selectors.windows().exists():
        return
    clock = community().clock
    present = clock.period_start(clock.local_date(now), Period.QUARTER)
    _move_calendar(clock, present, now)
    last = clock.period_start(present - dt.timedelta(days=1), Period.QUARTER)
    for quarter in (last, present):
        started_at = clock.start_of(quarter) + dt.timedelta(hours=1)
        durable(services.plan_windows)(now=min(started_at, now))
    chance = random.Random(f"windows {seed}")  # noqa: S311 - seeded, not secret
    for window in selectors.windows().order_by("starts_on")[:2]:
        # Before the opening, so that the opening itself sets the points aside.
        _ask(window.pk, window.opens_at - dt.timedelta(hours=1), now, chance)
        for _step in window.instants():
            _take_next_step(window.pk, now)
    _hand_out(now)
    _extend(window.pk)


def _move_calendar(clock: Clock, quarter: dt.date, now: dt.datetime) -> None:
    """Have the quarter's window open since yesterday; last quarter's was as long before its end."""
    end = clock.period_end(quarter, Period.QUARTER)
    opens = (clock.local_date(now) - end).days - OPENED_AGO
    closes = opens + STAYS_OPEN
    calendar = {
        "opens": opens,
        "closes": closes,
        "allocate": closes,
        "publish": closes + 1,
        "settle": closes + 1,
        "fulfil_by": closes + FULFILLED_IN,
    }
    said = section(shape=WindowsSection).model_dump() | {"calendar": calendar}
    after = program_file().model_copy(update={"windows": WindowsSection.model_validate(said)})
    load_program(source=after, dry_run=False)


def _ask(window: int, at: dt.datetime, now: dt.datetime, chance: random.Random) -> None:
    """Have members ask for something, those who have the points for it."""
    items = [one.item for one in selectors.window_items(window=selectors.window(id=window))]
    members = Member.objects.filter(account__available__gte=20)
    for member in members.order_by("-account__available", "id")[:ASKERS]:
        for item in chance.sample(items, chance.randint(1, 2)):
            with contextlib.suppress(DomainError):  # not for this member
                durable(services.file_request)(
                    window=window, item=item.id, member=member.id, now=now, clock=at
                )


def _take_next_step(window: int, now: dt.datetime) -> None:
    """Take the step that comes next, if it has come."""
    found = selectors.window(id=window)
    step = selectors.next_step(window=found)
    if step is None or found.instants()[step] > now:
        return
    take, key = durable(services.take_window_step), f"{found.name} {step}"
    done = take(key=key, cursor=None, now=now)
    while done.cursor is not None:
        done = take(key=key, cursor=done.cursor, now=now)


def _extend(window: int) -> None:
    """Have an operator let the window that runs close an hour later."""
    clerk, _made = User.objects.get_or_create(username="demo-clerk")
    closes_at = selectors.window(id=window).closes_at + dt.timedelta(hours=1)
    reason = "服务器维护 Maintenance"
    services.extend_window(id=window, closes_at=closes_at, reason=reason, by=clerk.pk)


def _hand_out(now: dt.datetime) -> None:
    """Give the winners what a program can give."""
    durable(services.claim_approved)()
    after = 0
    while seen := durable(services.fulfil_next)(after=after, now=now):
        after = seen.id
