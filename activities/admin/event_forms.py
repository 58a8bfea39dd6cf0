"""What operators type about events."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

import points.selectors
from activities.models import Event, EventSeries

COMMON = (
    *("title", "kind", "host", "description", "place", "link"),
    *("seats", "has_waitlist", "claim_minutes"),
    *("level_floor", "member_days", "takes_walk_ins"),
    *("min_stay_minutes", "late_after_minutes"),
)
HELP = {
    "seats": _("Empty: no limit."),
    "claim_minutes": _("How long a seat that has come free is kept for the next in line."),
    "link": _("Where seats are limited, only those who have one see it."),
    "host": _("Rules may grant the host something when the event closes."),
    "min_stay_minutes": _("0: it counts on arrival."),
}


def floors() -> list[tuple[int, str]]:
    """Return the levels that an event may ask for, by their thresholds."""
    levels = [(step.level.threshold, step.level.name) for step in points.selectors.ladder()]
    return [(0, str(_("every level"))), *((floor, name) for floor, name in levels if floor)]


class GatheringForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    """What an event and a series have in common."""

    level_floor = forms.TypedChoiceField(
        label=capfirst(_("level at least")),
        coerce=int,
        choices=floors,
        initial=0,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        floor = self.instance.level_floor
        choices = floors()
        field = self.fields.get("level_floor")
        if field is not None and floor not in dict(choices):  # of a ladder that has changed since
            field.choices = [*choices, (floor, str(floor))]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.help_text = field.help_text or HELP.get(name, "")
        if "description" in self.fields:
            self.fields["description"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})


class EventForm(GatheringForm):
    """An event."""

    class Meta:
        model = Event
        fields = (*COMMON, "starts_at", "ends_at", "booking_opens_at", "cancel_until_at")
        help_texts = {
            "booking_opens_at": _("Empty: at once."),
            "cancel_until_at": _("Empty: until it begins."),
        }


class SeriesForm(GatheringForm):
    """A series."""

    class Meta:
        model = EventSeries
        fields = (
            *COMMON,
            *("frequency", "step", "weekday", "nth", "begins", "minutes"),
            *("from_on", "until_on", "opens_hours", "cancel_hours", "is_active"),
        )
        help_texts = {
            "nth": _("Only of a series that comes back every month."),
            "begins": _("The community's wall time, summer and winter."),
            "opens_hours": _("Empty: at once."),
        }


class ScanForm(forms.Form):
    """What a scanner types, or staff."""

    text = forms.CharField(
        label=capfirst(_("pass or external id")),
        max_length=200,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class ListForm(forms.Form):
    """A list of who was there."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("Columns: member,arrived_at,minutes. Empty cells: came in time, and stayed."),
    )
    is_dry_run = forms.BooleanField(
        label=_("Only check it"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget
    )
