"""What operators type into the points room's pages."""

import json
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from kit.api import InstantField, StrictCharField, StrictIdentifierField, StrictSerializer
from kit.api.parsers import loads
from kit.errors import DomainError

TYPED = {"rows": 12, "spellcheck": "false", "class": "font-mono"}


class ActivityIn(StrictSerializer):
    """An activity to try: as it would be sent, without what a trial can do without."""

    id = StrictCharField(max_length=128, required=False)
    action = StrictCharField(max_length=64)
    member = StrictIdentifierField(required=False, allow_blank=True, default="")
    occurred_at = InstantField(required=False, default=None)
    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]  # the API's word


class TrialForm(forms.Form):
    """An activity as JSON, as `POST /activities/` takes it."""

    activity = forms.CharField(
        label=capfirst(_("activity")),
        widget=UnfoldAdminTextareaWidget(attrs=TYPED),
        help_text=_(
            "JSON with action and, as you like, member (an external id; without one a newcomer is "
            "tried), occurred_at (without it, now) and data."
        ),
    )

    def clean_activity(self) -> dict[str, Any]:
        """Return the activity. Raises ValidationError with the line and column, or the fields."""
        try:
            shape = ActivityIn(data=loads(self.cleaned_data["activity"].encode()))
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if not shape.is_valid():
            raise forms.ValidationError(
                [f"{field}: {error}" for field, errors in shape.errors.items() for error in errors]
            )
        said: dict[str, Any] = shape.validated_data
        return said


def example(*, action: str) -> str:
    """Return an activity to begin with."""
    return json.dumps({"action": action, "data": {}}, indent=2, ensure_ascii=False)


class ApprovalForm(forms.Form):
    """A word of approval needs no more than the word."""


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=capfirst(_("reason")), max_length=500, widget=UnfoldAdminTextInputWidget
    )
