"""What members and operators see of windows, and which steps have come."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from kit.jobs import Moment
from rewards.errors import NoSuchRequest, NoSuchWindow
from rewards.models import (
    Policy,
    RequestState,
    Window,
    WindowItem,
    WindowRequest,
    WindowState,
)
from rewards.rules import draw_key
from rewards.selectors.replay import seed_of

LATEST_QUARTER_FIRST = ("-starts_on", "-id")
BY_RANK = ("item_id", "rank", "id")


@dataclass(frozen=True, slots=True)
class ItemShown:
    """A reward of a window: how many ask for it and, once everybody may know, how many won."""

    item: WindowItem
    requests: int
    won: int
    points: int
    """What the requests for it have set aside, in all."""


@dataclass(frozen=True, slots=True)
class WindowShown:
    """A window before a member."""

    window: Window
    items: Sequence[ItemShown]
    own: Sequence[WindowRequest]
    seed: str | None
    """Once the result is there for all to see."""


def windows() -> QuerySet[Window]:
    """Return all windows."""
    return Window.objects.all()


def window(*, id: int) -> Window:  # noqa: A002 - its name
    """Return a window. Raises NoSuchWindow."""
    found = Window.objects.filter(id=id).first()
    if found is None:
        raise NoSuchWindow
    return found


def window_shown(*, id: int, member: int) -> WindowShown:  # noqa: A002 - its name
    """Return a window as the member may see it. Raises NoSuchWindow."""
    found = window(id=id)
    own = own_requests(window=id, member=member).order_by("id")
    return WindowShown(found, window_items(window=found), list(own), revealed_seed(window=found))


def window_items(*, window: Window) -> list[ItemShown]:
    """Return the rewards of a window in their order, with the requests for each."""
    counted = WindowRequest.objects.filter(window=window).exclude(state=RequestState.WITHDRAWN)
    rows = (
        counted.order_by()
        .values("item")
        .annotate(
            requests=Count("id"),
            won=Count("id", filter=Q(state=RequestState.WON)),
            points=Sum("points", filter=~Q(held_at=None), default=0),
        )
    )
    sums: dict[int, Any] = {row["item"]: row for row in rows}
    nothing = {"requests": 0, "won": 0, "points": 0}
    shown = []
    for item in window.items.select_related("reward").order_by("position", "id"):
        of_item = sums.get(item.id, nothing)
        shown.append(ItemShown(item, of_item["requests"], of_item["won"], of_item["points"]))
    return shown


def own_requests(*, window: int, member: int) -> QuerySet[WindowRequest]:
    """Return what the member asks for in a window, withdrawn requests too."""
    theirs = WindowRequest.objects.filter(window=window, member=member)
    return theirs.select_related("item__reward", "window")


def own_request(*, id: int, window: int, member: int) -> WindowRequest:  # noqa: A002 - its name
    """Return one request of the member's own. Raises NoSuchRequest for any other."""
    found = own_requests(window=window, member=member).filter(id=id).first()
    if found is None:
        raise NoSuchRequest
    return found


def drawn_requests(*, id: int) -> QuerySet[WindowRequest]:  # noqa: A002 - the window's
    """Return what was shared out, by reward and rank; nothing before everybody may see it.

    Raises NoSuchWindow.
    """
    found = window(id=id)
    drawn = WindowRequest.objects.filter(window=found, rank__isnull=False)
    return drawn if found.is_revealed else drawn.none()


def revealed_seed(*, window: Window) -> str | None:
    """Return the seed of a draw once the result is there for all to see."""
    is_told = window.is_revealed and window.policy == Policy.DRAW
    return seed_of(drawn=window) if is_told else None


ORDERS: dict[str, tuple[str, ...]] = {
    Policy.FIRST_COME: ("held_at", "id"),
    Policy.PRIORITY: ("-level_reached", "-quarter_points", "held_at", "id"),
}


def order_of(*, item: WindowItem, window: Window) -> list[int]:
    """Return the ids of the requests for an item that hold their points, who comes first first."""
    held = WindowRequest.objects.filter(item=item, state=RequestState.HELD)
    if window.policy != Policy.DRAW:
        return list(held.order_by(*ORDERS[window.policy]).values_list("id", flat=True))
    seed = seed_of(drawn=window)
    ids = held.values_list("id", flat=True).iterator(chunk_size=10_000)
    return sorted(ids, key=lambda request: draw_key(seed=seed, request=request))


def as_told(*, state: str, rank: int | None, is_revealed: bool) -> tuple[str, int | None]:
    """Return how a request stands for its member: undecided until everybody may know."""
    return (state, rank) if is_revealed or rank is None else (RequestState.HELD.value, None)


def due_window_steps(*, now: dt.datetime) -> list[Moment]:
    """Return the next step of each window, where it has come: one at a time, in order.

    What needs an operator's approval is not published before it has that.
    """
    found = []
    for one in Window.objects.exclude(state=WindowState.SETTLED).order_by("starts_on"):
        step = next_step(window=one)
        due_at = one.instants()[step] if step else None
        if due_at and due_at <= now and not waits_for_approval(window=one):
            found.append(Moment(f"{one.name} {step}", due_at))
    return sorted(found, key=lambda moment: moment.due_at)


def next_step(*, window: Window) -> WindowState | None:
    """Return the step that comes next: what was begun, or the one after what is done; or None."""
    if window.state == WindowState.ALLOCATING:
        return WindowState.REVIEW
    passed = list(WindowState).index(WindowState(window.state))
    ahead = list(WindowState)[passed + 1 :]
    return next((step for step in ahead if step in window.instants()), None)


def waits_for_approval(*, window: Window) -> bool:
    """Tell whether the result waits for an operator."""
    asks = window.state == WindowState.REVIEW and window.terms["needs_approval"]
    return bool(asks) and window.approved_at is None


def windows_to_approve() -> int:
    """Return how many windows wait for an operator's approval."""
    asks = Window.objects.filter(state=WindowState.REVIEW, terms__needs_approval=True)
    return asks.filter(approved_at=None).count()
