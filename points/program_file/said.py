"""A program's parts as YAML words: what a file writes and what a comparison shows.

Two parts are the same when they read the same, so `true` is not `1`.
"""

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import singledispatch
from typing import Any, TypeAlias

from points.program_file.faults import Section
from points.program_file.shape import (
    AT_ONCE,
    AdjustmentsSection,
    BrakeSection,
    CapSection,
    CommunitySection,
    ExpirySection,
    FieldPoints,
    LevelSection,
    ReleaseAfter,
    RuleSection,
    SegmentSection,
)

Words: TypeAlias = Mapping[str, str]
"""A part's fields in the order in which they are written, each with its value as YAML."""

_KEYWORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def of_community(community: CommunitySection) -> Words:
    """Say the community's settings, its clock among them."""
    return {
        **({"name": _flow(community.name)} if community.name is not None else {}),
        **({"time_zone": _flow(community.time_zone)} if community.time_zone is not None else {}),
        "day_starts_at": _flow(community.day_starts_at),
        "fiscal_year_starts": _flow(community.fiscal_year_starts),
        "overdraft": _flow(community.overdraft),
        "accept_late_hours": _flow(community.accept_late_hours),
    }


def of_expiry(expiry: ExpirySection) -> Words:
    """Say when points lapse."""
    said: dict[str, Any] = {"policy": "never"}
    if expiry.days is not None:
        said = {"days": expiry.days}
    elif expiry.end_of is not None:
        said = {"end_of": expiry.end_of, "grace_days": expiry.grace_days or 0}
    rest = {"revive_days": expiry.revive_days, "notice_days": expiry.notice_days}
    return _words({**said, **rest})


def of_adjustments(adjustments: AdjustmentsSection) -> Words:
    """Say how much one person may adjust alone."""
    return _words(adjustments.model_dump())


def of_section(section: Section) -> Words:
    """Say a room's own settings, all of them."""
    return _words(section.model_dump())


def of_listed(item: Section) -> Words:
    """Say one thing of a room's list; what it leaves out is left out."""
    return _words(item.model_dump(exclude_defaults=True))


def of_level(level: LevelSection) -> Words:
    """Say one step of the ladder."""
    said = {"code": level.code, "name": level.name, "threshold": level.threshold}
    return _words(said | ({"multiplier": level.multiplier} if level.multiplier != 1 else {}))


def of_segment(segment: SegmentSection) -> Words:
    """Say one segment."""
    return _words(segment.model_dump())


def of_cap(cap: CapSection) -> Words:
    """Say one cap."""
    return _words(cap.model_dump())


def of_brake(brake: BrakeSection) -> Words:
    """Say one brake; what it leaves out is left out."""
    said = brake.model_dump()
    return _words({name: value for name, value in said.items() if value not in (None, [])})


def of_rule(rule: RuleSection) -> Words:
    """Say one rule; what it leaves out is left out."""
    said: dict[str, Any] = {"code": rule.code, "action": rule.action, "points": rule.points}
    if isinstance(rule.points, FieldPoints):
        said["points"] = rule.points.model_dump(exclude_defaults=True)
    rest: dict[str, Any] = {
        "caps": rule.caps,
        "when": rule.when,
        "starts_at": rule.starts_at,
        "ends_at": rule.ends_at,
    }
    release = rule.release.model_dump() if isinstance(rule.release, ReleaseAfter) else rule.release
    rest |= {"release": release if release != AT_ONCE else None}
    return _words(said | {name: value for name, value in rest.items() if value})


def _words(said: Mapping[str, Any]) -> Words:
    return {name: _flow(value) for name, value in said.items()}


@singledispatch
def _flow(value: object) -> str:
    return json.dumps(value)


@_flow.register
def _(value: str) -> str:
    return value if _is_plain(value) else _quoted(value)


@_flow.register
def _(value: Decimal) -> str:
    return f'"{value.normalize():f}"'


@_flow.register
def _(value: dt.datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


@_flow.register
def _(value: dt.time) -> str:
    return f'"{value.isoformat().removesuffix(":00")}"'


@_flow.register(dict)
def _(value: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items()) + "}"


@_flow.register(list)
def _(value: list[object]) -> str:
    return "[" + ", ".join(map(_flow, value)) + "]"


def _is_plain(text: str) -> bool:
    """Say whether any reader of YAML, old or new, takes the bare text for text."""
    return (
        text[:1].isalpha()
        and text[-1:] != " "
        and text.lower() not in _KEYWORDS
        and all(char.isalnum() or char in " ._/-" for char in text)
    )


def _quoted(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in written)
