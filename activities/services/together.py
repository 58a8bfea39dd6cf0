"""Small calls of the intake that come at once share one transaction."""

import datetime as dt
from collections.abc import Sequence

from activities.services.intake import ActivityIn, ItemResult, Refused, intake
from kit.together import PATIENCE, Together

SMALL = 20
"""Items. A larger call has enough to share its transaction with itself."""

MOST_TOGETHER = 10
"""Small calls, so that no call waits for long."""

Items = Sequence[ActivityIn | Refused]


def intake_together(*, items: Items, now: dt.datetime) -> list[ItemResult]:
    """Do what `intake` does, perhaps in one transaction with other calls of this process.

    Each call gets its own results, and is refused only for its own sake.
    """
    if len(items) > SMALL:
        return intake(items=items, now=now)
    return calls((items, now))


def _intake_all(asked: Sequence[tuple[Items, dt.datetime]]) -> list[list[ItemResult]]:
    """Take in the items of all calls in one transaction, and hand each call its results."""
    results = iter(
        intake(
            items=[item for items, _now in asked for item in items],
            now=max(now for _items, now in asked),
        )
    )
    return [[next(results) for _item in items] for items, _now in asked]


calls = Together(_intake_all, most=MOST_TOGETHER, patience=PATIENCE)
