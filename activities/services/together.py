"""Small calls of the intake that come at once share one transaction."""

import datetime as dt
from collections.abc import Sequence
from typing import TypeAlias

from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from activities.services.shared import Together

SMALL = 20
"""Items. A larger call has enough to share its transaction with itself."""

MOST_TOGETHER = 200
"""Items, so that no call waits for long."""

Call: TypeAlias = tuple[Sequence[ActivityIn | Refused], dt.datetime]


def _intake(calls: Sequence[Call]) -> list[list[ItemResult]]:
    """Take in the calls as one, and deal out what came of it."""
    results = iter(
        intake(
            items=[item for items, _now in calls for item in items],
            now=max(now for _items, now in calls),
        )
    )
    return [[next(results) for _item in items] for items, _now in calls]


_together: Together[Call, list[ItemResult]] = Together(_intake, MOST_TOGETHER)
_waiting = _together.waiting


def intake_together(*, items: Sequence[ActivityIn | Refused], now: dt.datetime) -> list[ItemResult]:
    """Do what `intake` does, perhaps in one transaction with other calls of this process.

    Each call gets its own results. If the shared transaction fails, each goes again by itself, so
    a call is refused only for its own sake.
    """
    if len(items) > SMALL:
        return intake(items=items, now=now)
    return _together((items, now), size=len(items))
