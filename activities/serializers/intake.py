"""The shapes of activities, in and out."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activities.models import Activity, ActivityState, Reversal
from activities.serializers.outcomes import AwardOut, show_award, show_awards
from activities.services import ActivityIn, ItemResult, Refused, Reversed
from kit.api import StrictCharField, StrictSerializer
from kit.clock import parse_instant
from kit.errors import FieldError
from kit.fields import is_identifier

MOST_ACTIVITIES = 1_000
"""In one call."""

LONGEST_MEMBER = 64
"""Characters of a member's external id."""

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~@+=-]{0,127}")
ACTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
REQUIRED = ("id", "action", "member", "occurred_at")
KNOWN = frozenset((*REQUIRED, "data"))


def parse_activity(raw: object) -> ActivityIn | Refused:
    """Read one item of an intake. Never raises: a bad one comes back refused, with its errors.

    Written out by hand because a thousand of these make a call, and a serializer costs more for
    each than the database does.
    """
    if not isinstance(raw, dict):
        return Refused("invalid", _("An activity is a JSON object."))
    id_, action, member = raw.get("id"), raw.get("action"), raw.get("member")
    data = raw.get("data", {})
    try:
        occurred_at = parse_instant(raw["occurred_at"])
    except (KeyError, TypeError, AttributeError, ValueError):
        occurred_at = None
    if (
        occurred_at is not None
        and type(id_) is str
        and type(action) is str
        and type(member) is str
        and type(data) is dict
        and ID.fullmatch(id_)
        and ACTION.fullmatch(action)
        and 0 < len(member) <= LONGEST_MEMBER
        and is_identifier(member)
        and KNOWN.issuperset(raw)
    ):
        return ActivityIn(id_, action, member, occurred_at, data)
    errors = tuple(_errors(raw, bad_instant=occurred_at is None))
    return Refused(
        "invalid",
        _("The activity is not valid."),
        id_ if isinstance(id_, str) and ID.fullmatch(id_) else None,
        errors,
    )


def _errors(raw: Mapping[str, Any], *, bad_instant: bool) -> list[FieldError]:
    errors = [
        FieldError(name, "required", _("This field is required."))
        for name in REQUIRED
        if name not in raw
    ]
    errors += [
        FieldError(str(name)[:100], "unknown_field", _("There is no such field."))
        for name in raw
        if name not in KNOWN
    ]
    checks: dict[str, Callable[[Any], object]] = {
        "id": lambda value: isinstance(value, str) and ID.fullmatch(value),
        "action": lambda value: isinstance(value, str) and ACTION.fullmatch(value),
        "member": lambda value: (
            isinstance(value, str) and len(value) <= LONGEST_MEMBER and is_identifier(value)
        ),
        "occurred_at": lambda _value: not bad_instant,
        "data": lambda value: isinstance(value, dict),
    }
    expected = {
        "id": _("Expected 1 to 128 letters, digits and . _ : ~ @ + = -"),
        "action": _("Expected 1 to 64 letters, digits and . _ : -"),
        "member": _("Expected the member's external id."),
        "occurred_at": _("Expected an instant with an offset, such as 2026-11-22T10:00:00+08:00."),
        "data": _("Expected a JSON object."),
    }
    errors += [
        FieldError(name, "invalid", expected[name])
        for name, is_good in checks.items()
        if name in raw and not is_good(raw[name])
    ]
    return errors


class ActivityInSerializer(StrictSerializer):
    """An activity: who did what, when. Described here, read by `parse_activity`."""

    id = serializers.CharField(max_length=128)
    action = serializers.CharField(max_length=64)
    member = serializers.CharField(max_length=LONGEST_MEMBER)
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField(required=False)  # type: ignore[assignment]  # the API's word


@extend_schema_field(ActivityInSerializer)
class AnyItemField(serializers.Field[Any, Any, Any, Any]):
    """An item as it came: a bad one is rejected beside the others, and not with them."""

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - anything
        return data


class IntakeIn(StrictSerializer):
    """A call of the intake: up to a thousand activities."""

    activities = serializers.ListField(
        child=AnyItemField(allow_null=True), max_length=MOST_ACTIVITIES
    )


class ItemProblemOut(serializers.Serializer[Any]):
    """Why an item was rejected."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.ListField(  # type: ignore[assignment]  # the API's word
        child=serializers.DictField(), required=False
    )


class ItemOut(serializers.Serializer[Any]):
    """What became of one item."""

    id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=["accepted", "duplicate", "rejected"])
    awards = AwardOut(many=True)
    problem = ItemProblemOut(required=False)


class IntakeOut(serializers.Serializer[Any]):
    """What became of a call's items, in their order."""

    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = ItemOut(many=True)


def show_intake(results: list[ItemResult]) -> dict[str, Any]:
    """Return the answer to an intake."""
    counts = {"accepted": 0, "duplicate": 0, "rejected": 0}
    shown = []
    for result in results:
        counts[result.status] += 1
        awards = [show_award(award.rule, award.points, award.pending) for award in result.awards]
        item: dict[str, Any] = {"id": result.id, "status": result.status, "awards": awards}
        if result.problem is not None:
            item["problem"] = _show_problem(result.problem)
        shown.append(item)
    return {
        "accepted": counts["accepted"],
        "duplicates": counts["duplicate"],
        "rejected": counts["rejected"],
        "results": shown,
    }


def _show_problem(problem: Refused) -> dict[str, Any]:
    return {
        "code": problem.code,
        "detail": str(problem.detail),
        "errors": [
            {"field": error.field, "code": error.code, "detail": str(error.detail)}
            for error in problem.errors
        ],
    }


class ActivityOut(serializers.Serializer[Any]):
    """An activity, and what each rule of its action made of it.

    `outcome` has an object a rule: `rule`, `version`, `points`, and how they came about: `base`,
    `multiplier`, `inputs` and `caps` (each with its limit and what had been used), or `refused`
    with what it rests on and, where time will help, `next_at`. `pending` tells of points that had
    to wait: their `state` (waiting, released or dropped), `release_at`, which is null where
    somebody must decide, and `decided_at`.
    """

    id = serializers.CharField()
    action = serializers.CharField()
    member = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # the API's word
    state = serializers.ChoiceField(choices=ActivityState.choices)
    awards = AwardOut(many=True)
    outcome = serializers.ListField(child=serializers.DictField())
    reversal_reason = serializers.CharField(allow_null=True)


def show_activity(
    found: Activity, outcome: list[dict[str, Any]], reversal: Reversal | None
) -> dict[str, Any]:
    """Return an activity as the API shows it, with its outcome as it stands."""
    return {
        "id": found.id,
        "action": found.action,
        "member": found.member.external_id,
        "occurred_at": found.occurred_at,
        "received_at": found.received_at,
        "data": found.data,
        "state": found.state,
        "awards": show_awards(outcome),
        "outcome": outcome,
        "reversal_reason": reversal.reason if reversal else None,
    }


class ReversalIn(StrictSerializer):
    """Why an activity is taken back."""

    reason = StrictCharField(max_length=500, required=False, default="", allow_blank=True)


class ReversalOut(serializers.Serializer[Any]):
    """What was taken back; `parked` means the activity has not arrived yet."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=["reversed", "parked"])
    awards = AwardOut(many=True)


def show_reversal(made: Reversed) -> dict[str, Any]:
    """Return a reversal as the API shows it."""
    awards = [show_award(award.rule, award.points) for award in made.awards]
    return {"id": made.id, "state": made.state, "awards": awards}
