"""The shapes of adjustments, in and out."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from kit.api import (
    StrictCharField,
    StrictIdentifierField,
    StrictIntegerField,
    StrictSerializer,
)
from kit.fields import POINTS_LIMIT
from points.models import Adjustment, AdjustmentState
from points.serializers.entries import EntryOut, show_entry


class AdjustmentIn(StrictSerializer):
    """Points to add (positive) or to take (negative), and why.

    `member` is an external id. `reference` is the caller's own name for this adjustment: the same
    one again finds what became of it.
    """

    member = StrictIdentifierField(max_length=64)
    points = StrictIntegerField(min_value=-POINTS_LIMIT, max_value=POINTS_LIMIT)
    reason = StrictCharField(max_length=500)
    reference = StrictIdentifierField(max_length=128)

    default_error_messages = {"zero": _("Points must not be 0.")}

    def validate_points(self, points: int) -> int:
        """Refuse to move nothing."""
        if points == 0:
            raise serializers.ValidationError(self.error_messages["zero"], code="zero")
        return points


class AdjustmentOut(serializers.Serializer[Any]):
    """An adjustment: `entry` is there once it is posted.

    One that waits for an operator does so until `expires_at`.
    """

    id = serializers.IntegerField()
    member = serializers.CharField()
    points = serializers.IntegerField()
    reason = serializers.CharField()
    reference = serializers.CharField()
    state = serializers.ChoiceField(choices=AdjustmentState.choices)
    rejection = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    entry = EntryOut(allow_null=True)


def show_adjustment(adjustment: Adjustment) -> dict[str, Any]:
    """Return an adjustment as the API shows it."""
    return {
        "id": adjustment.id,
        "member": adjustment.member.external_id,
        "points": adjustment.points,
        "reason": adjustment.reason,
        "reference": adjustment.reference,
        "state": adjustment.state,
        "rejection": adjustment.rejection,
        "created_at": adjustment.created_at,
        "expires_at": adjustment.expires_at,
        "entry": show_entry(adjustment.entry) if adjustment.entry else None,
    }
