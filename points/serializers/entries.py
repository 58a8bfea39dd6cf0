"""The shapes of entries and their explanations."""

from typing import Any

from rest_framework import serializers

from points.models import Entry, EntryKind
from points.selectors import CapPassed, Explanation
from points.serializers.program import RuleOut, show_rule


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
    `reverses`, `reversed_by` and `refunds` are other entries' ids. `pending_since` is when points
    were granted that were released later.
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
    pending_since = serializers.DateTimeField(allow_null=True)


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
            "rule": show_rule(why.rule) if why.rule else None,
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
            "pending_since": why.pending_since,
        }
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
