"""What a rule grants: plain arithmetic on plain values.

No database, no clock, no settings: everything comes in as an argument.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kit.clock import Clock, Period
from kit.fields import POINTS_LIMIT


@dataclass(frozen=True, slots=True)
class CapInForce:
    """A cap as the rules see it."""

    id: int
    code: str
    limit: int
    period: Period
    pays_rest: bool


@dataclass(frozen=True, slots=True)
class BrakeInForce:
    """The most that is let through of a member in a window; what goes over waits in a case.

    It counts `activities`, or points, by the calendar's `period` or, without one, by so many
    `minutes`; of these `actions`, or of all; by pairs, where the data name the other member in
    `same`; only of members `younger_than_days`, unless that is None.
    """

    id: int
    code: str
    counts_activities: bool
    limit: int
    period: Period | None
    minutes: int
    actions: frozenset[str]
    same: str
    younger_than_days: int | None


@dataclass(frozen=True, slots=True)
class LevelInForce:
    """A step of the ladder."""

    id: int
    code: str
    name: str
    threshold: int
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class SegmentInForce:
    """A name for the members of whom `when` holds, a condition on points.segments.FACTS."""

    code: str
    name: str
    when: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """The version in force of one rule.

    `points` is fixed when `field` is empty; otherwise it multiplies the whole number that the
    activity's data holds in `field`. A grant waits `release_days`, 0 is at once; None is until
    somebody decides.
    """

    code: str
    version_id: int
    number: int
    action: str
    points: int
    field: str = ""
    caps: tuple[CapInForce, ...] = ()
    when: Mapping[str, Any] | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    release_days: int | None = 0


@dataclass(frozen=True, slots=True)
class ProgramInForce:
    """Everything that decides what an activity grants. Levels come lowest first."""

    revision: str
    clock: Clock
    overdraft: str
    expiry: str
    expiry_days: int
    revive_days: int
    accept_late_hours: int | None
    levels: tuple[LevelInForce, ...]
    rules: Mapping[str, tuple[RuleInForce, ...]]
    """Rules by action, in the program's order."""
    notice_days: tuple[int, ...] = ()
    """On how many days before points lapse members are told, most first."""
    sections: Mapping[str, object] = field(default_factory=dict)
    """The rooms' own settings by the names of their sections."""
    brakes: tuple[BrakeInForce, ...] = ()
    segments: tuple[SegmentInForce, ...] = ()


@dataclass(frozen=True, slots=True)
class NoPoints:
    """Why a rule names no amount: a stable reason, and the field that should have held it."""

    reason: str
    field: str


def in_force(rule: RuleInForce, occurred_at: dt.datetime) -> bool:
    """Say whether the rule counts an activity of that instant: `starts_at <= it < ends_at`."""
    return (rule.starts_at is None or rule.starts_at <= occurred_at) and (
        rule.ends_at is None or occurred_at < rule.ends_at
    )


def base_points(*, rule: RuleInForce, data: Mapping[str, Any]) -> int | NoPoints:
    """Return what the rule grants before multiplier and caps; 0 grants nothing.

    A field must hold a whole number, and the product must stay within the ledger's bounds.
    """
    if not rule.field:
        return rule.points
    amount = data.get(rule.field)
    if amount is None:
        return NoPoints("field_missing", rule.field)
    if type(amount) is not int:  # True is an int to isinstance
        return NoPoints("field_not_whole_number", rule.field)
    points = amount * rule.points
    if abs(points) > POINTS_LIMIT:
        return NoPoints("field_out_of_range", rule.field)
    return points


def multiplied(*, points: int, multiplier: Decimal) -> int:
    """Return a positive grant times the level's multiplier, rounded down; a deduction as it is."""
    if points <= 0 or multiplier == 1:
        return points
    numerator, denominator = multiplier.as_integer_ratio()
    return points * numerator // denominator


def let_through(*, points: int, cap: CapInForce, used: int) -> int:
    """Return what a cap lets through of a grant, with so much of it used before."""
    room = max(cap.limit - used, 0)
    if points <= room:
        return points
    return room if cap.pays_rest else 0


def level_at(*, levels: tuple[LevelInForce, ...], lifetime: int) -> LevelInForce | None:
    """Return the highest level whose threshold is reached; levels come lowest first."""
    for level in reversed(levels):  # few, so quicker than a bisection with a key
        if lifetime >= level.threshold:
            return level
    return None


def expires_at(*, program: ProgramInForce, now: dt.datetime) -> dt.datetime | None:
    """Return when points granted at `now` lapse: the start of a local day after it, or never."""
    clock = program.clock
    if program.expiry == "never":
        return None
    first_day_without = clock.local_date(now) + dt.timedelta(days=1)
    if program.expiry != "days":
        period = Period(program.expiry)
        this_period = clock.period_start(clock.local_date(now), period)
        first_day_without = clock.period_end(this_period, period)
    return clock.start_of(first_day_without + dt.timedelta(days=program.expiry_days))


def release_at(*, program: ProgramInForce, now: dt.datetime, days: int) -> dt.datetime:
    """Return when points counted at `now` are released: as that many local days later begins."""
    clock = program.clock
    return clock.start_of(clock.local_date(now) + dt.timedelta(days=days))


def revives_until(*, program: ProgramInForce, now: dt.datetime) -> dt.datetime:
    """Return when points lapse that come back at `now` after their lot has lapsed."""
    today = program.clock.local_date(now)
    return program.clock.start_of(today + dt.timedelta(days=program.revive_days + 1))


def first_failure(
    *, when: Mapping[str, Any] | None, data: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return None when the condition holds on an activity's data, else the part that does not.

    The part is ready for JSON: a comparison with the `value` it met, `any` with all its failed
    parts, `not` with the condition that held. Null is the same as missing. A missing field or a
    value of another kind fails every comparison but `ne`, the opposite of `eq`, and
    `exists: false`. Never raises, whatever the data hold.
    """
    return None if when is None else _failure(when, data)


def _failure(condition: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any] | None:
    if "field" in condition:
        return _failed_comparison(condition, data.get(condition["field"]))
    ((connective, parts),) = condition.items()
    if connective == "not":
        return None if _failure(parts, data) else {"not": parts}
    failures = []
    for part in parts:
        failure = _failure(part, data)
        if failure is None and connective == "any":
            return None
        if failure is not None and connective == "all":
            return failure
        failures.append(failure)
    return {"any": failures} if connective == "any" else None


def _failed_comparison(comparison: Mapping[str, Any], value: object) -> dict[str, Any] | None:
    for operator, wanted in comparison.items():
        if operator != "field" and not _COMPARISONS[operator](value, wanted):
            return {**comparison, "value": _shown(value)}
    return None


def _shown(value: object) -> object:
    """Keep an explanation short, whatever was sent."""
    if isinstance(value, str):
        return value[:100]
    return f"({type(value).__name__})" if isinstance(value, list | dict) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(value: object, wanted: object) -> bool:
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": _same,
    "ne": lambda value, wanted: not _same(value, wanted),
    "gt": lambda value, wanted: _is_number(value) and value > wanted,
    "gte": lambda value, wanted: _is_number(value) and value >= wanted,
    "lt": lambda value, wanted: _is_number(value) and value < wanted,
    "lte": lambda value, wanted: _is_number(value) and value <= wanted,
    "in": lambda value, wanted: any(_same(value, one) for one in wanted),
    "exists": lambda value, wanted: (value is not None) == wanted,
}
"""Every comparison of a condition: the value met, the value wanted."""
