"""What operators may do with a window: let it close later, and approve its result."""

import datetime as dt

from django.db import transaction

from kit.jobs import database_now
from kit.transactions import durable, take_turns
from rewards.errors import NotExtended, NothingToApprove
from rewards.models import TAKES_REQUESTS, Window, WindowDelay, WindowState
from rewards.selectors import window
from rewards.services.windows.requests import turn_of


@durable
def extend_window(*, id: int, closes_at: dt.datetime, reason: str, by: int) -> Window:  # noqa: A002 - its name
    """Let a window close later, and all that comes after that as much later. It is written down.

    Raises NoSuchWindow, and NotExtended if it has closed or `closes_at` is not later.
    """
    found = _taken(id)
    later = closes_at - found.closes_at
    is_open = found.state in TAKES_REQUESTS and database_now() < found.closes_at
    if not is_open or later <= dt.timedelta(0):
        raise NotExtended
    WindowDelay.objects.create(
        window=found, before_at=found.closes_at, after_at=closes_at, reason=reason, by_id=by
    )
    names = ("closes_at", "allocate_at", "publish_at", "settle_at", "fulfil_by_at")
    for name in names:
        setattr(found, name, getattr(found, name) + later)
    found.save(update_fields=names)
    return found


@durable
def approve_window(*, id: int, by: int) -> Window:  # noqa: A002 - its name
    """Approve a window's result: it is published when that is due. Approving again is no change.

    Raises NoSuchWindow, and NothingToApprove if it is not in review.
    """
    found = _taken(id)
    if found.state != WindowState.REVIEW:
        raise NothingToApprove
    if found.approved_at is None:
        found.approved_at, found.approved_by_id = database_now(), by
        found.save(update_fields=["approved_at", "approved_by"])
    return found


@transaction.atomic(savepoint=False)
def _taken(id_: int) -> Window:
    """Return the window, with nobody else at it until the transaction ends."""
    take_turns(name=turn_of(window=window(id=id_)))
    return window(id=id_)
