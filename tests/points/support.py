"""Short words for the scenarios of the points room, over its own services."""

import datetime as dt
import itertools
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from kit.transactions import durable
from members.models import Member
from points import selectors, services
from points.models import Entry
from points.program_file import ProgramFile
from points.services import Decision, Fact
from tests.factories import MemberFactory
from tests.hands import together
from tests.waiting import PATIENCE

T = TypeVar("T")

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
"""A Tuesday."""

GIFT = {"code": "gift", "action": "gift", "points": {"field": "amount"}}
FINE = {"code": "fine", "action": "fine", "points": {"field": "amount", "times": -1}}

numbers = itertools.count(1)


def load(
    *,
    rules: Sequence[Mapping[str, Any]] = (GIFT, FINE),
    caps: Sequence[Mapping[str, Any]] = (),
    brakes: Sequence[Mapping[str, Any]] = (),
    levels: Sequence[Mapping[str, Any]] = (),
    segments: Sequence[Mapping[str, Any]] = (),
    expiry: Mapping[str, Any] | None = None,
    **community: Any,
) -> None:
    """Load a program: UTC, no expiry, activities of any age, unless told otherwise."""
    source = {
        "community": {"name": "Guild", "time_zone": "UTC", "accept_late_hours": None} | community,
        "expiry": expiry or {"policy": "never"},
        "levels": [{"name": level["code"].title(), **level} for level in levels],
        "segments": [{"name": one["code"].title(), **one} for one in segments],
        "caps": list(caps),
        "brakes": list(brakes),
        "rules": list(rules),
    }
    services.load_program(source=ProgramFile.model_validate(source), dry_run=False)


def do(service: Callable[..., T], **said: Any) -> T:
    """Call a service of the points room as an outermost service would."""
    return durable(service)(**{"now": timezone.now()} | said)


def member() -> int:
    """Make a member and return the id."""
    made: Member = MemberFactory.create()
    return made.id


def fact(
    of: int,
    action: str = "gift",
    *,
    id: str = "",  # noqa: A002 - its name
    at: dt.datetime = NOON,
    **data: Any,
) -> Fact:
    """Return an activity with an id of its own."""
    return Fact(id or f"activity-{next(numbers)}", action, of, at, data)


def act(of: int, action: str = "gift", **said: Any) -> list[Decision]:
    """Award one activity and return what its rules decided."""
    (decisions,) = do(services.award, facts=[fact(of, action, **said)])
    return decisions


def earn(of: int, amount: int, *, id: str = "") -> Entry:  # noqa: A002 - an activity's name
    """Have the member earn an amount, and return the entry."""
    id = id or f"gift-{next(numbers)}"  # noqa: A001 - an activity's name
    act(of, id=id, amount=amount)
    return Entry.objects.get(reference=services.award_reference(rule="gift", activity=id))


def dice(seed: int) -> random.Random:
    """Return chance that is the same in every run."""
    return random.Random(seed)  # noqa: S311 - seeded, not secret


def shown(of: int) -> selectors.AccountShown:
    """Return what the member's account shows."""
    found = selectors.account(member=of)
    assert found is not None
    return found


def pass_days(days: int, *, of: int) -> None:
    """Let days pass for the member's points: the lots and entries grow older by them."""
    far = "interval '400000 days'"  # in two steps, for the unique key is checked row by row
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for shift in (f"- {far}", f"+ {far} - make_interval(days => {days})"):
            for table in ("points_lot", "points_entry"):
                cursor.execute(
                    f"UPDATE {table} SET expires_at = expires_at {shift} WHERE member_id = %s",
                    [of],
                )
        cursor.execute("SET LOCAL session_replication_role = origin")


def assert_reconciled() -> None:
    """The totals are what the entries say, for everybody."""
    found = selectors.reconcile()
    assert found.is_clean, found.differences


def at_once(calls: Sequence[Callable[[], Any]], *, threads: int = 16) -> list[Any]:
    """Run the calls, as many at once as there are threads, and return what came of each.

    An exception comes back as it is. Each thread has a connection of its own, open before the
    common start.
    """
    waiting = iter(range(len(calls)))
    lock = threading.Lock()
    results: list[Any] = [None] * len(calls)
    threads = min(threads, len(calls))
    start = threading.Barrier(threads, timeout=PATIENCE)

    def work() -> None:
        start.wait()
        while True:
            with lock:
                index = next(waiting, None)
            if index is None:
                return
            try:
                results[index] = calls[index]()
            except Exception as error:  # noqa: BLE001 - the test judges it
                results[index] = error

    together(work, hands=threads)
    return results
