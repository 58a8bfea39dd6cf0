"""The shapes of rules and levels."""

from typing import Any

from rest_framework import serializers

from kit.clock import Period
from points.models import OverCap
from points.rules import CapInForce, LevelInForce
from points.selectors import NextLevel, RuleTold, Step, WayToEarn


class LevelNameOut(serializers.Serializer[Any]):
    """A step of the ladder."""

    code = serializers.CharField()
    name = serializers.CharField()
    threshold = serializers.IntegerField()


class RuleOut(serializers.Serializer[Any]):
    """One version of a rule: for an `action` it grants `points`.

    With `per_field`, `points` count that many times: the whole number that the activity's data
    hold there. `when` is the condition on those data, `conditions` says it as a sentence. The rule
    counts activities from `starts_at` until `ends_at`. Its points are there `at_once`, after so
    many local `days`, `release_days`, or by an operator's `decision`.
    """

    code = serializers.CharField()
    version = serializers.IntegerField()
    action = serializers.CharField()
    points = serializers.IntegerField()
    per_field = serializers.CharField(allow_null=True)
    when = serializers.DictField(allow_null=True)
    conditions = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    release = serializers.ChoiceField(choices=["at_once", "days", "decision"])
    release_days = serializers.IntegerField(allow_null=True)


class CapOut(serializers.Serializer[Any]):
    """The most that its rules together grant one member in a period.

    Over it a grant pays the rest (`partial`) or nothing (`none`).
    """

    code = serializers.CharField()
    limit = serializers.IntegerField()
    period = serializers.ChoiceField(choices=[period.value for period in Period])
    over = serializers.ChoiceField(choices=OverCap.choices)


class WayToEarnOut(RuleOut):
    """A rule in force, with the caps that its grants pass in their order."""

    caps = CapOut(many=True)


class RulesOut(serializers.Serializer[Any]):
    """All rules in force."""

    rules = WayToEarnOut(many=True)


class LevelOut(LevelNameOut):
    """A step of the ladder: what it multiplies, and all that it gives, in sentences."""

    multiplier = serializers.CharField()
    benefits = serializers.ListField(child=serializers.CharField())


class LevelsOut(serializers.Serializer[Any]):
    """The whole ladder, lowest step first."""

    levels = LevelOut(many=True)


def show_way_to_earn(way: WayToEarn) -> dict[str, Any]:
    """Return a rule in force as the API shows it."""
    return show_rule(way.rule) | {"caps": [_show_cap(cap) for cap in way.caps]}


def _show_cap(cap: CapInForce) -> dict[str, Any]:
    over = OverCap.PARTIAL if cap.pays_rest else OverCap.NONE
    return {"code": cap.code, "limit": cap.limit, "period": cap.period, "over": over.value}


def show_step(step: Step) -> dict[str, Any]:
    """Return a step of the ladder as the API shows it."""
    told = {"multiplier": step.multiplier, "benefits": step.benefits}
    return show_level(step.level) | told


def show_level(level: LevelInForce | NextLevel) -> dict[str, Any]:
    """Return what every answer tells of a level."""
    return {"code": level.code, "name": level.name, "threshold": level.threshold}


def show_rule(rule: RuleTold) -> dict[str, Any]:
    """Return a rule as the API shows it."""
    release = {0: "at_once", None: "decision"}.get(rule.release_days, "days")
    return {
        "code": rule.code,
        "version": rule.version,
        "action": rule.action,
        "points": rule.points,
        "per_field": rule.per_field,
        "when": rule.when,
        "conditions": rule.conditions,
        "starts_at": rule.starts_at,
        "ends_at": rule.ends_at,
        "release": release,
        "release_days": rule.release_days or None,
    }
