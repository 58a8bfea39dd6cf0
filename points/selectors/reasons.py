"""Conditions in words, and why a rule granted nothing: what decisions and activities keep."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from points.selectors.program import program

Story = Mapping[str, Any]

MOST_NAMED = 10
"""Values of a list that a sentence names."""


def reason(*, story: Story) -> str:
    """Return why a rule granted nothing, a sentence in the current language; empty if it did.

    `story` is what a decision keeps (`points.decisions`). A reason that is not known yet stands
    for itself.
    """
    refused = story.get("refused")
    if refused is None:
        return ""
    told = _REASONS.get(refused)
    return str(refused) if told is None else told(story)


def pending_in_words(*, story: Story) -> str:
    """Return where points stand that were granted to wait, a sentence in the current language.

    Empty if they were there at once. What holds them stays unsaid: it may be a brake.
    """
    told = story.get("pending")
    if told is None:
        return ""
    state, instant = told.get("state", "waiting"), told["release_at"]
    if state == "released":
        return _("Released %(at)s.") % {"at": local_time(text=told["decided_at"])}
    if state == "dropped":
        return _("Dropped %(at)s: these points are not given.") % {
            "at": local_time(text=told["decided_at"])
        }
    if instant is None:
        return _("Pending: held for review.")
    return _("Pending until %(at)s.") % {"at": local_time(text=instant)}


def condition_in_words(*, when: Mapping[str, Any]) -> str:
    """Return a rule's condition as people say it, in the current language."""
    if "field" in when:
        return _comparison(when)
    ((connective, inner),) = when.items()
    if connective == "not":
        return _("not (%(condition)s)") % {"condition": condition_in_words(when=inner)}
    link = _(" and ") if connective == "all" else _(" or ")
    return link.join(map(_grouped, inner))


def _grouped(part: Mapping[str, Any]) -> str:
    text = condition_in_words(when=part)
    is_list = any(len(part.get(name, ())) > 1 for name in ("all", "any"))
    return _("(%(condition)s)") % {"condition": text} if is_list else text


def _comparison(part: Mapping[str, Any]) -> str:
    ((operator, wanted),) = ((name, value) for name, value in part.items() if name != "field")
    if operator == "exists":
        return (_("%(field)s is there") if wanted else _("%(field)s is missing")) % part
    said = {
        "eq": _("%(field)s is %(value)s"),
        "ne": _("%(field)s is not %(value)s"),
        "gt": _("%(field)s is more than %(value)s"),
        "gte": _("%(field)s is at least %(value)s"),
        "lt": _("%(field)s is less than %(value)s"),
        "lte": _("%(field)s is at most %(value)s"),
        "in": _("%(field)s is one of %(value)s"),
    }
    return said[operator] % {"field": part["field"], "value": _value(wanted)}


def _value(value: object) -> str:
    if isinstance(value, list):
        named = [_value(one) for one in value[:MOST_NAMED]]
        return ", ".join([*named, "…"] if len(value) > MOST_NAMED else named)
    return json.dumps(value, ensure_ascii=False)


def _not_in_force(story: Story) -> str:
    begins, ends = story["from"], story["to"]
    if begins and ends:
        said = _("The rule counts only what happens from %(from)s to %(to)s.")
    elif begins:
        said = _("The rule counts only what happens from %(from)s on.")
    else:
        said = _("The rule counts only what happens before %(to)s.")
    return said % {"from": local_time(text=begins), "to": local_time(text=ends)}


def _condition_failed(story: Story) -> str:
    failed = story["failed"]
    asked, found = condition_in_words(when=_asked(failed)), ", ".join(_found(failed))
    if not found:  # the rule leaves out what fits: there is no value to show
        return _("Asked for: %(condition)s.") % {"condition": asked}
    return _("Asked for: %(condition)s. Found: %(found)s.") % {"condition": asked, "found": found}


def _asked(failed: Story) -> Story:
    """Return the part of the condition that failed, without what was found."""
    if "any" in failed:
        return {"any": [_asked(part) for part in failed["any"]]}
    return {name: value for name, value in failed.items() if name != "value"}


def _found(failed: Story) -> Iterator[str]:
    """Say what the activity held in each field that was looked at."""
    if "any" in failed:
        for part in failed["any"]:
            yield from _found(part)
    elif "value" in failed:
        field, value = failed["field"], failed["value"]
        if value is None:
            yield _("%(field)s is missing") % {"field": field}
        else:
            yield f"{field} = {_value(value)}"


def _cap_reached(story: Story) -> str:
    if story.get("next_at"):
        said = _("The cap %(cap)s is used up until %(next_at)s.")
    else:
        said = _("The cap %(cap)s is used up.")
    return said % {"cap": story["cap"], "next_at": local_time(text=story.get("next_at"))}


def local_time(*, text: str | None) -> str:
    """Return a kept instant by the community's clock."""
    if not text:
        return ""
    instant = dt.datetime.fromisoformat(text)
    return f"{instant.astimezone(program().clock.at(instant).zone):%Y-%m-%d %H:%M}"


_REASONS: Mapping[str, Callable[[Story], str]] = {
    "not_in_force": _not_in_force,
    "condition_failed": _condition_failed,
    "cap_reached": _cap_reached,
    "field_missing": lambda story: (
        _("“%(field)s” is missing, and the points depend on it.") % {"field": story["field"]}
    ),
    "field_not_whole_number": lambda story: (
        _("“%(field)s” is not a whole number, and the points depend on it.")
        % {"field": story["field"]}
    ),
    "field_out_of_range": lambda story: (
        _("“%(field)s” is too large a number.") % {"field": story["field"]}
    ),
    "no_points": lambda _story: _("It comes to no points."),
    "points_out_of_range": lambda _story: _("It comes to more points than one entry may have."),
    "balance_is_zero": lambda _story: _("There is nothing to take: the balance is zero."),
}
