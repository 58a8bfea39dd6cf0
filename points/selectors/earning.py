"""How points are earned: the rules in force and the ladder, as people are told of them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from points.models import RuleVersion
from points.rules import CapInForce, LevelInForce, RuleInForce, in_force
from points.selectors.program import program, release_days
from points.selectors.reasons import condition_in_words


@dataclass(frozen=True, slots=True)
class RuleTold:
    """One version of a rule.

    It grants `points`, or `points` times the whole number that an activity's data hold in
    `per_field`, if the data meet `when`, for activities from `starts_at` until `ends_at`.
    `conditions` is `when` as a sentence. Its grants wait `release_days`, 0 is at once; None is
    until an operator decides.
    """

    code: str
    version: int
    action: str
    points: int
    per_field: str | None
    when: Mapping[str, Any] | None
    conditions: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    release_days: int | None = 0


@dataclass(frozen=True, slots=True)
class WayToEarn:
    """A rule in force, and the caps that its grants pass in their order."""

    rule: RuleTold
    caps: tuple[CapInForce, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A level, and what it gives its members: a sentence each, in the current language."""

    level: LevelInForce
    multiplier: str
    benefits: tuple[str, ...]


def ways_to_earn(*, now: dt.datetime) -> list[WayToEarn]:
    """Return the rules that count an activity of `now`, those of one action together."""
    return [
        WayToEarn(_rule_in_force(rule), rule.caps)
        for rules in program().rules.values()
        for rule in rules
        if in_force(rule, now)
    ]


def ladder() -> list[Step]:
    """Return the levels, lowest first."""
    return [_step(level) for level in program().levels]


def _step(level: LevelInForce) -> Step:
    multiplier = f"{level.multiplier.normalize():f}"  # the database keeps zeros: 1.100
    earns = _("Earns %(multiplier)s times the points.") % {"multiplier": multiplier}
    return Step(level, multiplier, () if level.multiplier == 1 else (earns,))


def rule_told(*, version: RuleVersion) -> RuleTold:
    """Return what the rule said in that version."""
    said: Mapping[str, Any] = version.definition
    points = said["points"]
    varies = isinstance(points, dict)
    return RuleTold(
        code=version.rule.code,
        version=version.number,
        action=version.action,
        points=points["times"] if varies else points,
        per_field=points["field"] if varies else None,
        when=said["when"],
        conditions=_conditions(said["when"]),
        starts_at=_instant(said["starts_at"]),
        ends_at=_instant(said["ends_at"]),
        release_days=release_days(said),
    )


def _rule_in_force(rule: RuleInForce) -> RuleTold:
    return RuleTold(
        code=rule.code,
        version=rule.number,
        action=rule.action,
        points=rule.points,
        per_field=rule.field or None,
        when=rule.when,
        conditions=_conditions(rule.when),
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
        release_days=rule.release_days,
    )


def _conditions(when: Mapping[str, Any] | None) -> str:
    return condition_in_words(when=when) if when else ""


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
