"""Segments: the members of whom something is true, such as that they have been here for a year.

No database, no clock, no settings: everything comes in as an argument.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from points.rules import SegmentInForce, first_failure

NUMBERS = frozenset(
    {
        *("joined_days", "joined_year"),
        *("available", "lifetime"),
        *("earned_month", "earned_quarter", "earned_year"),
    }
)
"""Facts that are whole numbers: local days since joining and the local year of it, points to spend
and points ever earned, and points earned in the month, the fiscal quarter and the fiscal year."""

LEVEL = "level"
"""The fact that is a text: the code of the level that is reached."""

FACTS = NUMBERS | {LEVEL}


def belongs_to(
    *, segments: Sequence[SegmentInForce], facts: Mapping[str, object]
) -> frozenset[str]:
    """Return the codes of the segments whose condition holds."""
    return frozenset(
        segment.code for segment in segments if first_failure(when=segment.when, data=facts) is None
    )


def comparisons(when: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield each comparison of a condition, and where it stands; what is no condition is passed."""
    if not isinstance(when, dict):
        return
    if "field" in when:
        yield path, when
    for connective in ("all", "any"):
        parts = when.get(connective)
        for place, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from comparisons(part, (*path, connective, place))
    yield from comparisons(when.get("not"), (*path, "not"))
