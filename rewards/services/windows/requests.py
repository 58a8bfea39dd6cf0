"""Requests in a window: filed, funded and withdrawn while it takes them.

Lock order: accounts, then the window's turn. Who moves a request holds its member's account; who
opens or closes a window takes its turn alone, and so waits for all who are at it.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import QuerySet

import points.selectors
import points.services
from kit.jobs import database_now
from kit.transactions import RetryTransaction, go_together
from points.selectors import AccountView
from points.services import Wish
from rewards.errors import (
    AlreadyRequested,
    LimitReached,
    NotInWindow,
    RequestDecided,
    WindowClosed,
)
from rewards.models import (
    TAKES_REQUESTS,
    WAITING,
    RequestState,
    Window,
    WindowItem,
    WindowRequest,
    WindowState,
)
from rewards.rules import price_for, refusals
from rewards.selectors import own_request, shopper, terms, window

AT_ONCE = 500
"""Requests that one step moves."""


class WindowMoved(RetryTransaction):
    """The window opened while the request was on its way: start over, with a hold."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A request, and what the account holds after it."""

    request: WindowRequest
    account: AccountView


def turn_of(*, window: Window) -> str:
    """Return the name that requests go together at, and steps take alone."""
    return f"window:{window.pk}"


@transaction.atomic(savepoint=False)
def file_request(
    *,
    window: int,
    item: int,
    member: int,
    now: dt.datetime,
    clock: dt.datetime | None = None,
) -> Filed:
    """Ask for one piece: its points are set aside at once, or as the window opens.

    The window is seen to be open with the account locked, by the database's clock (or at `clock`).
    Raises NoSuchWindow, NotInWindow, WindowClosed, AlreadyRequested, InsufficientPoints and what
    `rewards.rules.refusals` yields.
    """
    found = _open_window(window, clock)
    offered = found.items.select_related("reward__stock").filter(id=item).first()
    if offered is None:
        raise NotInWindow
    points.services.lock_accounts(members=[member])
    price, level = _price(offered, member, now)
    made = WindowRequest(
        token=uuid.uuid4(),
        window=found,
        item=offered,
        member_id=member,
        points=price,
        level=level,
        state=RequestState.INTENT,
    )
    _refuse_repeated(made)
    if found.state == WindowState.OPEN:
        points.services.hold(member=member, points=price, reference=made.reference, now=now)
        made.state = RequestState.HELD
    go_together(name=turn_of(window=found))
    if _open_window(window, clock).state != found.state:
        raise WindowMoved
    made.created_at = clock or database_now()
    made.held_at = made.created_at if made.state == RequestState.HELD else None
    made.save(force_insert=True)
    return Filed(made, points.selectors.account_view(member=member, now=now))


def _open_window(id_: int, clock: dt.datetime | None) -> Window:
    found = window(id=id_)
    if found.state not in TAKES_REQUESTS or found.closes_at <= (clock or database_now()):
        raise WindowClosed
    return found


def _price(offered: WindowItem, member: int, now: dt.datetime) -> tuple[int, str]:
    """Return the price and the level it is for; raise the first reason why not, if there is any."""
    reward = offered.reward
    asked = replace(terms(reward=reward), stock=None, redeemable_from=None, redeemable_until=None)
    someone = shopper(rewards=[reward], member=member, now=now)
    reasons = refusals(
        terms=asked,
        standing=someone.standing(reward=reward.id),
        quantity=1,
        clock=someone.clock,
        now=now,
    )
    for reason in reasons:
        raise reason
    if offered.points is not None:
        return offered.points, ""
    return price_for(terms=asked, levels=someone.levels)


def _refuse_repeated(made: WindowRequest) -> None:
    """Refuse a second request for one reward, and more of them than the window lets one file."""
    theirs = WindowRequest.objects.filter(window=made.window, member=made.member_id)
    standing = list(theirs.exclude(state=RequestState.WITHDRAWN).values_list("item", flat=True))
    if made.item_id in standing:
        raise AlreadyRequested
    most = made.window.terms["requests"]
    if len(standing) >= most:
        raise LimitReached(limit=most, period="window")


@transaction.atomic(savepoint=False)
def withdraw_request(
    *,
    id: int,  # noqa: A002 - its name
    window: int,
    member: int,
    now: dt.datetime,
) -> Filed:
    """Take a request back while the window takes them; its points come back.

    Raises NoSuchWindow, NoSuchRequest, RequestDecided if it was withdrawn before, WindowClosed.
    """
    found = _open_window(window, None)
    points.services.lock_accounts(members=[member])
    go_together(name=turn_of(window=found))
    _open_window(window, None)
    request = own_request(id=id, window=window, member=member)
    if request.state == RequestState.WITHDRAWN:
        raise RequestDecided(state=request.state)
    _withdraw(request, now)
    return Filed(request, points.selectors.account_view(member=member, now=now))


@transaction.atomic(savepoint=False)
def withdraw_requests(*, member: int, now: dt.datetime) -> int:
    """Take back all that a member asks for in windows that are not settled; return how many.

    The account is locked only if there is something.
    """
    theirs = WindowRequest.objects.filter(member=member, settled_at=None)
    standing = theirs.exclude(state=RequestState.WITHDRAWN).order_by("id")
    if not standing.exists():
        return 0
    points.services.lock_accounts(members=[member])
    left = list(standing)
    for request in left:
        _withdraw(request, now)
    return len(left)


def _withdraw(request: WindowRequest, now: dt.datetime) -> None:
    if request.held_at is not None:
        points.services.release(reference=request.reference, now=now)
    request.state = RequestState.WITHDRAWN
    request.save(update_fields=["state"])


@transaction.atomic(savepoint=False)
def fund_requests(*, after: int, now: dt.datetime) -> tuple[int, int | None]:
    """Try again to set aside what was not there, in the windows that are open: a stretch of them.

    Returns how many requests got their points, and where to go on, if anywhere.
    """
    moment = database_now()
    open_now = WindowRequest.objects.filter(
        window__state=WindowState.OPEN, window__closes_at__gt=moment
    )
    rows = open_now.filter(state__in=WAITING, id__gt=after).order_by("id")
    waiting = list(rows.select_related("window")[:AT_ONCE])
    if not waiting:
        return 0, None
    points.services.lock_accounts(members={one.member_id for one in waiting})
    for found in {one.window_id: one.window for one in waiting}.values():
        go_together(name=turn_of(window=found))
    still = open_now.filter(window__closes_at__gt=database_now())
    held = fund(requests=[one.id for one in waiting], among=still, now=now)
    return held, waiting[-1].id if len(waiting) == AT_ONCE else None


def fund(*, requests: Sequence[int], among: "QuerySet[WindowRequest]", now: dt.datetime) -> int:
    """Set aside the points of those of these requests that still wait, in their order.

    The accounts are locked already. Returns how many got their points.
    """
    waiting = list(among.filter(id__in=requests, state__in=WAITING).order_by("id"))
    wishes = [Wish(one.member_id, one.points, one.reference) for one in waiting]
    held = points.services.hold_all(wishes=wishes, now=now) if wishes else set()
    funded = [one.id for one in waiting if one.reference in held]
    rest = [one.id for one in waiting if one.reference not in held]
    rows = WindowRequest.objects
    rows.filter(id__in=funded).update(state=RequestState.HELD, held_at=database_now())
    rows.filter(id__in=rest).update(state=RequestState.UNFUNDED)
    return len(funded)
