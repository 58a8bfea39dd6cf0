"""Short words for the scenarios of quarterly windows, over the room's services and its API."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from kit import jobs
from kit.clock import Period
from kit.transactions import durable
from members.models import Member
from members.selectors import community
from points.program_file import whole_file
from points.services import load_program
from rewards import services
from rewards.models import Reward, Window, WindowRequest, WindowState
from rewards.services import WindowProgress
from tests.members.sessions import signed_in
from tests.points.support import FINE, GIFT
from tests.rewards.support import post

WINDOWS = "/api/v1/windows/"
STEPS = (
    WindowState.OPEN,
    WindowState.CLOSED,
    WindowState.REVIEW,
    WindowState.PUBLISHED,
    WindowState.SETTLED,
)


LEVELS = (
    {"code": "new", "name": "New", "threshold": 0},
    {"code": "gold", "name": "Gold", "threshold": 500},
)


def load(
    *offers: tuple[Reward, int],
    opens_in: int = -1,
    levels: Sequence[Mapping[str, Any]] = LEVELS,
    **windows: Any,
) -> None:
    """Load a program whose window opens so many days from today, and closes after three more."""
    clock = community().clock
    today = clock.local_date(timezone.now())
    end = clock.period_end(clock.period_start(today, Period.QUARTER), Period.QUARTER)
    first = (today - end).days + opens_in
    days = zip(
        ("opens", "closes", "allocate", "publish", "settle", "fulfil_by"),
        (first, first + 3, first + 3, first + 4, first + 4, first + 30),
        strict=True,
    )
    source: dict[str, Any] = {
        "community": {"name": "Guild", "time_zone": "UTC", "accept_late_hours": None},
        "levels": list(levels),
        "rules": [GIFT, FINE],
        "windows": {
            "calendar": dict(days),
            "catalogue": [{"reward": one.code, "quota": quota} for one, quota in offers],
            **windows,
        },
    }
    load_program(source=whole_file().model_validate(source), dry_run=False)


def planned(*offers: tuple[Reward, int], **said: Any) -> Window:
    """Plan the windows of a program; return the one of this quarter."""
    load(*offers, **said)
    durable(services.plan_windows)(now=timezone.now() - dt.timedelta(days=10))
    return Window.objects.order_by("starts_on")[0]


def opened(*offers: tuple[Reward, int], **said: Any) -> Window:
    """Plan a window and have it open."""
    window = planned(*offers, **said)
    lead(window, WindowState.OPEN)
    return window


def step(window: Window, to: WindowState, cursor: int | None = None) -> WindowProgress:
    """Do one part of a step."""
    return durable(services.take_window_step)(
        key=f"{window.name} {to}", cursor=cursor, now=timezone.now()
    )


def lead(window: Window, to: WindowState) -> dict[str, int]:
    """Take all steps up to this one, whatever the hour; return the sums of what they counted."""
    counts: dict[str, int] = {}
    window.refresh_from_db()
    for state in STEPS[: STEPS.index(to) + 1]:
        progress = step(window, state)
        while True:
            for name, count in progress.counts.items():
                counts[name] = counts.get(name, 0) + count
            if progress.cursor is None:
                break
            progress = step(window, state, progress.cursor)
    window.refresh_from_db()
    return counts


def ask(who: Member, window: Window, what: Reward, *, key: str = "") -> Any:
    """Ask for a piece over the API and return the answer."""
    item = window.items.get(reward=what)
    path = f"{WINDOWS}{window.pk}/requests/"
    return post(signed_in(who), path, {"item": item.pk}, key=key)


def asked(who: Member, window: Window, what: Reward) -> WindowRequest:
    """Ask over the API, which must work, and return the row."""
    answer = ask(who, window, what)
    assert answer.status_code == 201, answer.content.decode()
    return WindowRequest.objects.get(id=answer.json()["id"])


def withdraw(who: Member, request: WindowRequest) -> Any:
    return signed_in(who).delete(
        f"{WINDOWS}{request.window_id}/requests/{request.pk}/",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )


def shown(who: Member, window: Window) -> Any:
    answer = signed_in(who).get(f"{WINDOWS}{window.pk}/")
    assert answer.status_code == 200
    return answer.json()


def asleep_until(window: Window, *, opened_ago: dt.timedelta) -> None:
    """Move all of a window's instants so that it opened so long ago."""
    by = timezone.now() - opened_ago - window.opens_at
    for name in ("opens", "closes", "allocate", "publish", "settle", "fulfil_by"):
        setattr(window, f"{name}_at", getattr(window, f"{name}_at") + by)
    window.save()


def beat(times: int = 1) -> None:
    """Record what is due and do it, as every minute."""
    for _minute in range(times):
        jobs.record_due(now=timezone.now(), clock=community().clock)
        jobs.work()


def outcome(windows: Sequence[Window]) -> list[tuple[Any, ...]]:
    """Return what became of each request."""
    rows = WindowRequest.objects.filter(window__in=windows).order_by("id")
    return list(rows.values_list("member", "item", "state", "rank", "redemption__state"))
