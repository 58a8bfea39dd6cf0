"""Small calls of the intake that come at once share one transaction.

A call of one activity pays for a transaction what a call of a hundred does. So while one call of
this process is at the database, the small ones that come meanwhile wait, and the next of them
takes them all along: under load the cost is shared, and a lone call goes ahead at once.
"""

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from activities.services.intake import ActivityIn, ItemResult, Refused, intake

SMALL = 20
"""Items. A larger call has enough to share its transaction with itself."""

MOST_TOGETHER = 200
"""Items, so that no call waits for long."""


@dataclass(slots=True)
class _Call:
    items: Sequence[ActivityIn | Refused]
    now: dt.datetime
    results: list[ItemResult] | None = None
    error: Exception | None = None
    goes_alone: bool = False
    """Whether the call failed among others: whose fault that was is not known."""

    @property
    def is_over(self) -> bool:
        return self.results is not None or self.error is not None or self.goes_alone


_turn = threading.Lock()
_door = threading.Lock()
_waiting: list[_Call] = []


def intake_together(*, items: Sequence[ActivityIn | Refused], now: dt.datetime) -> list[ItemResult]:
    """Do what `intake` does, perhaps in one transaction with other calls of this process.

    Each call gets its own results. If the shared transaction fails, each goes again by itself, so
    a call is refused only for its own sake.
    """
    if len(items) > SMALL:
        return intake(items=items, now=now)
    call = _Call(items, now)
    with _door:
        _waiting.append(call)
    with _turn:
        while not call.is_over:
            _lead(_next())
    if call.error is not None:
        raise call.error
    return intake(items=items, now=now) if call.results is None else call.results


def _next() -> list[_Call]:
    """Take the calls that have waited longest, as many as may go together."""
    with _door:
        count, size = 0, 0
        while count < len(_waiting) and size < MOST_TOGETHER:
            size += len(_waiting[count].items)
            count += 1
        taken = _waiting[:count]
        del _waiting[:count]
    return taken


def _lead(calls: Sequence[_Call]) -> None:
    """Take in the calls as one; each has its results, its error, or is to go alone."""
    try:
        results = intake(
            items=[item for call in calls for item in call.items],
            now=max(call.now for call in calls),
        )
    except BaseException as error:
        for call in calls:
            call.goes_alone = True
        if not isinstance(error, Exception):
            raise
        if len(calls) == 1:
            calls[0].error = error
        return
    start = 0
    for call in calls:
        call.results = results[start : start + len(call.items)]
        start += len(call.items)
