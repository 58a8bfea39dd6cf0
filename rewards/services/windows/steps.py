"""Leading a window through its steps: each once, in order, in parts that can be done again.

A part keeps what it did and where the next goes on in one transaction (`kit.jobs`), so a worker
that dies leaves whole parts behind, and the next one goes on with the part that is missing.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

import points.selectors
import points.services
from kit import bulk
from kit.transactions import take_turns
from rewards.models import (
    WAITING,
    Policy,
    RequestState,
    Window,
    WindowRequest,
    WindowState,
)
from rewards.selectors import next_step, order_of
from rewards.services.stock import free, set_aside
from rewards.services.windows.requests import AT_ONCE, fund, turn_of
from rewards.services.windows.settling import settle

RANKED_AT_ONCE = 10_000
"""Rows that one statement ranks."""


@dataclass(frozen=True, slots=True)
class WindowProgress:
    """What a part did, where the next one goes on, and what somebody should look at."""

    counts: Mapping[str, int] = field(default_factory=dict)
    cursor: int | None = None
    alarm: str = ""


@transaction.atomic(savepoint=False)
def take_window_step(*, key: str, cursor: int | None, now: dt.datetime) -> WindowProgress:
    """Do the next part of a window's step. One that was done, or whose window is gone, is nothing.

    `key` is that of `due_window_steps`. Where it goes on is an id; None at the beginning.
    """
    name, _blank, word = key.partition(" ")
    step = WindowState(word)
    take_turns(name=f"steps of window {name}")  # a worker that was taken over may still be at it
    window = Window.objects.filter(name=name).first()
    if window is None or (cursor is None and next_step(window=window) != step):
        return WindowProgress()
    return WORK[step](window, cursor, now)


def _enter(window: Window, state: WindowState) -> None:
    window.state = state
    window.save(update_fields=["state"])


# --- Opening --------------------------------------------------------------------------------------


def _open(window: Window, cursor: int | None, now: dt.datetime) -> WindowProgress:
    """Set the quotas aside, then the points of what was asked for before, some at a time."""
    if cursor is None:
        take_turns(name=turn_of(window=window))
        _enter(window, WindowState.OPEN)
        return WindowProgress(cursor=0, alarm=_set_aside(window))
    waiting = WindowRequest.objects.filter(window=window, state=RequestState.INTENT)
    part = dict(waiting.filter(id__gt=cursor).order_by("id").values_list("id", "member")[:AT_ONCE])
    if not part:
        return WindowProgress()
    points.services.lock_accounts(members=set(part.values()))
    held = fund(requests=list(part), among=waiting, now=now)
    return WindowProgress({"held": held, "unfunded": len(part) - held}, cursor=max(part))


def _set_aside(window: Window) -> str:
    """Take each quota out of the reward's stock, or what there is; return what is short."""
    short = []
    for item in window.items.select_related("reward").order_by("reward"):
        item.set_aside = set_aside(reward=item.reward_id, quota=item.quota, reason=window.name)
        item.capacity = item.quota if item.set_aside is None else item.set_aside
        if item.capacity < item.quota:
            short.append(f"{item.reward.code} {item.capacity}/{item.quota}")
        item.save(update_fields=["capacity", "set_aside"])
    told = _("%(window)s: there is less than the quota of %(rewards)s.")
    return told % {"window": window.name, "rewards": ", ".join(short)} if short else ""


# --- Closing and sharing out ----------------------------------------------------------------------


def _close(window: Window, cursor: int | None, _now: dt.datetime) -> WindowProgress:
    """Close, then note what the policy goes by: as it is now, whatever happens later."""
    if cursor is None:
        take_turns(name=turn_of(window=window))
        _enter(window, WindowState.CLOSED)
        late = WindowRequest.objects.filter(window=window, state__in=WAITING)
        late.update(state=RequestState.UNFUNDED)
        return WindowProgress(cursor=0 if window.policy == Policy.PRIORITY else None)
    held = WindowRequest.objects.filter(window=window, state=RequestState.HELD, id__gt=cursor)
    part = list(held.order_by("id")[:AT_ONCE])
    if not part:
        return WindowProgress()
    ranks = points.selectors.ranks_of(
        members={one.member_id for one in part}, quarter=window.starts_on
    )
    bulk.update(
        WindowRequest,
        fields=("level_reached", "quarter_points"),
        rows=[(one.id, *ranks.get(one.member_id, (0, 0))) for one in part],
    )
    return WindowProgress({"noted": len(part)}, cursor=part[-1].id)


def _allocate(window: Window, cursor: int | None, _now: dt.datetime) -> WindowProgress:
    """Put the requests of one reward in order, all at once; after the last comes the review."""
    if cursor is None:
        _enter(window, WindowState.ALLOCATING)
        return WindowProgress(cursor=0)
    item = window.items.filter(id__gt=cursor).order_by("id").first()
    if item is None:
        _enter(window, WindowState.REVIEW)
        return WindowProgress()
    order = list(enumerate(order_of(item=item, window=window), start=1))
    capacity = item.capacity or 0
    for start in range(0, len(order), RANKED_AT_ONCE):
        part = order[start : start + RANKED_AT_ONCE]
        ranked = [(id_, rank, _lot(rank, capacity)) for rank, id_ in part]
        bulk.update(WindowRequest, fields=("rank", "state"), rows=ranked)
    return WindowProgress({"ranked": len(order)}, cursor=item.id)


def _lot(rank: int, capacity: int) -> str:
    return (RequestState.WON if rank <= capacity else RequestState.LOST).value


def _publish(window: Window, _cursor: int | None, _now: dt.datetime) -> WindowProgress:
    _enter(window, WindowState.PUBLISHED)
    return WindowProgress()


# --- Settling -------------------------------------------------------------------------------------


def _settle(window: Window, cursor: int | None, now: dt.datetime) -> WindowProgress:
    """Capture what winners pay and release what others set aside, together, some at a time."""
    settled = settle(window=window, after=cursor or 0, limit=AT_ONCE, now=now)
    if settled is not None:
        counts = {"won": settled.won, "released": settled.released}
        return WindowProgress(counts, cursor=settled.last)
    for item in window.items.filter(set_aside__gt=0).order_by("reward"):
        free(reward=item.reward_id, pieces=item.set_aside or 0, reason=window.name)
    window.items.filter(set_aside__gt=0).update(set_aside=0)
    _enter(window, WindowState.SETTLED)
    return WindowProgress()


WORK: Mapping[WindowState, Callable[[Window, int | None, dt.datetime], WindowProgress]] = {
    WindowState.OPEN: _open,
    WindowState.CLOSED: _close,
    WindowState.REVIEW: _allocate,
    WindowState.PUBLISHED: _publish,
    WindowState.SETTLED: _settle,
}
