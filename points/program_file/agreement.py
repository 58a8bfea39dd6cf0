"""What the parts of a file must agree on. Reads plain values, so one bad field hides nothing."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from points.program_file.faults import did_you_mean
from points.program_file.sections import room_lists
from points.program_file.tree import Path, shown
from points.segments import FACTS, LEVEL, comparisons

Disagreement: TypeAlias = tuple[Path, str, str]
"""Where, which kind, and what is wrong."""


def disagreements(value: object) -> Iterator[Disagreement]:
    """Yield codes given twice, thresholds that do not rise, and names of nothing that there is."""
    for section in ("levels", "segments", "caps", "brakes", "rules", *room_lists()):
        yield from _repeated_codes(section, _items(value, section))
    yield from _thresholds(_items(value, "levels"))
    yield from _unknown_caps(value)
    yield from _unknown_actions(value)
    yield from _unknown_facts(value)


def _items(value: object, section: str) -> list[tuple[int, dict[str, Any]]]:
    items = value.get(section) if isinstance(value, dict) else None
    if not isinstance(items, list):
        return []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]


def _codes(value: object, section: str) -> set[str]:
    """Return the codes that are given in a section."""
    return {code for _i, one in _items(value, section) if isinstance(code := one.get("code"), str)}


def _repeated_codes(
    section: str, items: list[tuple[int, dict[str, Any]]]
) -> Iterator[Disagreement]:
    first: dict[str, int] = {}
    for index, item in items:
        code = item.get("code")
        if isinstance(code, str) and first.setdefault(code, index) != index:
            detail = _("is the code of %s already") % shown((section, first[code]))
            yield (section, index, "code"), "repeated_code", detail


def _thresholds(levels: list[tuple[int, dict[str, Any]]]) -> Iterator[Disagreement]:
    highest = -1
    for index, level in levels:
        threshold = level.get("threshold")
        if type(threshold) is not int:
            continue
        if threshold <= highest:
            detail = _("should be above the threshold before it, %d") % highest
            yield ("levels", index, "threshold"), "not_ascending", detail
        highest = max(highest, threshold)


def _unknown_caps(value: object) -> Iterator[Disagreement]:
    known = _codes(value, "caps")
    for index, rule in _items(value, "rules"):
        caps = rule.get("caps")
        if not isinstance(caps, list):
            continue
        for place, code in enumerate(caps):
            path = ("rules", index, "caps", place)
            if not isinstance(code, str):
                continue
            if code not in known:
                detail = _("no such cap: %s") % code[:64] + did_you_mean(code[:64], known)
                yield path, "unknown_cap", detail
            elif code in caps[:place]:
                yield path, "repeated_cap", _("is listed twice")


def _unknown_actions(value: object) -> Iterator[Disagreement]:
    """A brake on an action that no rule counts holds nothing: most likely it is misspelt."""
    known = {
        rule["action"] for _i, rule in _items(value, "rules") if isinstance(rule.get("action"), str)
    }
    for index, brake in _items(value, "brakes"):
        actions = brake.get("actions")
        for place, action in enumerate(actions if isinstance(actions, list) else ()):
            if isinstance(action, str) and action not in known:
                detail = _("no rule counts this action: %s") % action[:64]
                detail += did_you_mean(action[:64], known)
                yield ("brakes", index, "actions", place), "unknown_action", detail


def _unknown_facts(value: object) -> Iterator[Disagreement]:
    """A segment on what nobody has, or on a level that is none, would be empty unseen."""
    known = _codes(value, "levels")
    for index, segment in _items(value, "segments"):
        for path, comparison in comparisons(segment.get("when"), ("segments", index, "when")):
            fact = comparison["field"]
            if isinstance(fact, str) and fact not in FACTS:
                detail = _("nothing is known of members by this name") + did_you_mean(fact, FACTS)
                yield (*path, "field"), "unknown_fact", detail
            elif fact == LEVEL:
                yield from _unknown_levels(path, comparison, known)


def _unknown_levels(
    path: Path, comparison: dict[str, Any], known: set[str]
) -> Iterator[Disagreement]:
    for operator, wanted in comparison.items():
        for code in wanted if isinstance(wanted, list) else [wanted]:
            if operator in {"eq", "ne", "in"} and isinstance(code, str) and code not in known:
                detail = _("no such level: %s") % code[:64] + did_you_mean(code[:64], known)
                yield (*path, operator), "unknown_level", detail
