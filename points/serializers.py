"""The shapes of accounts, entries and the program, as they go out and come in."""

from typing import Any

from rest_framework import serializers

from kit.clock import Period
from points.models import Entry, EntryKind, OverCap
from points.rules import CapInForce, LevelInForce
from points.selectors import (
    AccountView,
    CapPassed,
    Explanation,
    NextLevel,
    RuleTold,
    Step,
    WayToEarn,
)


class LevelNameOut(serializers.Serializer[Any]):
    """A step of the ladder."""

    code = serializers.CharField()
    name = serializers.CharField()
    threshold = serializers.IntegerField()


class NextLevelOut(LevelNameOut):
    """The next step of the ladder, and the points that lack."""

    missing = serializers.IntegerField()


class ExpiringOut(serializers.Serializer[Any]):
    """Points that lapse together."""

    points = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


class AccountOut(serializers.Serializer[AccountView]):
    """A member's totals, level and the points that lapse next, soonest first, at most ten lots.

    `available` can be spent now; `pending` is not released yet, `held` is set aside, `debt` is
    what the next earnings repay first. `lifetime` is the level score. `next_level` is null at the
    top of the ladder.
    """

    available = serializers.IntegerField()
    pending = serializers.IntegerField()
    held = serializers.IntegerField()
    debt = serializers.IntegerField()
    lifetime = serializers.IntegerField()
    level = LevelNameOut(allow_null=True)
    next_level = NextLevelOut(allow_null=True)
    expiring = ExpiringOut(many=True)


def show_account(account: AccountView) -> dict[str, Any]:
    """Return an account as the API shows it: an `AccountOut`, in a tenth of its time."""
    after = account.next_level
    return {
        "available": account.available,
        "pending": account.pending,
        "held": account.held,
        "debt": account.debt,
        "lifetime": account.lifetime,
        "level": _show_level(account.level) if account.level else None,
        "next_level": _show_level(after) | {"missing": after.missing} if after else None,
        "expiring": [
            {"points": lot.points, "expires_at": lot.expires_at} for lot in account.expiring
        ],
    }


def _show_level(level: LevelInForce | NextLevel) -> dict[str, Any]:
    return {"code": level.code, "name": level.name, "threshold": level.threshold}


# --- Entries ------------------------------------------------------------------------------------


class EntryOut(serializers.Serializer[Any]):
    """One movement of points. `action` is null where no activity stands behind it.

    `points` are signed; `net_after` is what the member's entries added up to after this one.
    """

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EntryKind.choices)
    points = serializers.IntegerField()
    net_after = serializers.IntegerField()
    action = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    posted_at = serializers.DateTimeField()


class RuleOut(serializers.Serializer[Any]):
    """One version of a rule: for an `action` it grants `points`.

    With `per_field`, `points` count that many times: the whole number that the activity's data
    hold there. `when` is the condition on those data, `conditions` says it as a sentence. The rule
    counts activities from `starts_at` until `ends_at`.
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


class CapPassedOut(serializers.Serializer[Any]):
    """A cap on the way of a grant: its use of the period before and after, and what it let by."""

    code = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    limit = serializers.IntegerField()
    used_before = serializers.IntegerField()
    used_after = serializers.IntegerField()
    asked = serializers.IntegerField()
    let_through = serializers.IntegerField()


class LotShareOut(serializers.Serializer[Any]):
    """Points that a lot gained or paid; without an instant they never lapse."""

    points = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)


class ExplanationOut(serializers.Serializer[Any]):
    """What an entry rests on; `sentence` says it to a person.

    `rule` is what the rule said when it counted, `inputs` what it read of the activity, `base`
    what it gave before the `multiplier` of `level` and the `caps`. `asked` is what an adjustment
    was to move. `debt_moved` is the part that became debt (positive) or repaid it (negative).
    `reverses`, `reversed_by` and `refunds` are other entries' ids.
    """

    sentence = serializers.CharField()
    activity = serializers.CharField(allow_null=True)
    rule = RuleOut(allow_null=True)
    inputs = serializers.DictField()
    base = serializers.IntegerField(allow_null=True)
    multiplier = serializers.CharField(allow_null=True)
    level = serializers.CharField(allow_null=True)
    caps = CapPassedOut(many=True)
    asked = serializers.IntegerField(allow_null=True)
    debt_moved = serializers.IntegerField()
    lots = LotShareOut(many=True)
    reverses = serializers.IntegerField(allow_null=True)
    reversed_by = serializers.IntegerField(allow_null=True)
    refunds = serializers.IntegerField(allow_null=True)


class ExplainedEntryOut(EntryOut):
    """One movement of points, and why."""

    explanation = ExplanationOut()


def show_entry(entry: Entry) -> dict[str, Any]:
    """Return an entry as the API shows it."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "points": entry.points,
        "net_after": entry.net_after,
        "action": entry.action,
        "reason": entry.reason,
        "posted_at": entry.posted_at,
    }


def show_explained(entry: Entry, why: Explanation) -> dict[str, Any]:
    """Return an entry with its explanation as the API shows it."""
    return show_entry(entry) | {
        "explanation": {
            "sentence": why.sentence,
            "activity": why.activity,
            "rule": _show_rule(why.rule) if why.rule else None,
            "inputs": why.inputs,
            "base": why.base,
            "multiplier": why.multiplier,
            "level": why.level,
            "caps": [_show_cap_passed(cap) for cap in why.caps],
            "asked": why.asked,
            "debt_moved": why.debt_moved,
            "lots": [{"points": lot.points, "expires_at": lot.expires_at} for lot in why.lots],
            "reverses": why.reverses,
            "reversed_by": why.reversed_by,
            "refunds": why.refunds,
        }
    }


def _show_rule(rule: RuleTold) -> dict[str, Any]:
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
    }


def _show_cap_passed(cap: CapPassed) -> dict[str, Any]:
    return {
        "code": cap.code,
        "starts_on": cap.starts_on,
        "limit": cap.limit,
        "used_before": cap.used_before,
        "used_after": cap.used_after,
        "asked": cap.asked,
        "let_through": cap.let_through,
    }


# --- The program --------------------------------------------------------------------------------


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
    return _show_rule(way.rule) | {"caps": [_show_cap(cap) for cap in way.caps]}


def _show_cap(cap: CapInForce) -> dict[str, Any]:
    over = OverCap.PARTIAL if cap.pays_rest else OverCap.NONE
    return {"code": cap.code, "limit": cap.limit, "period": cap.period, "over": over.value}


def show_step(step: Step) -> dict[str, Any]:
    """Return a step of the ladder as the API shows it."""
    told = {"multiplier": step.multiplier, "benefits": step.benefits}
    return _show_level(step.level) | told
