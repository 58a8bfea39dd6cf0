"""What operators type into, and bring to, the rewards room's pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

import points.selectors
from kit.fields import POINTS_LIMIT
from points.rules import LevelInForce, SegmentInForce
from rewards.models import Reward
from rewards.program_file.draws import MOST_SHARES
from rewards.rules.pictures import MOST_BYTES
from rewards.services.stock import MOST_STOCK

MOST_HOURS = 30 * 24
"""By which a window closes later, and for which a red packet can be taken."""

SHEET = 8 * 1024 * 1024


def _nothing(exclude: object = None) -> None:
    """Check nothing."""


def price_field(place: int) -> str:
    """Return the name of the field that holds the price of a level, by its place."""
    return f"price_{place}"


class RewardForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    """A reward, with a price for each level and, where it is new, its first stock."""

    class Meta:
        model = Reward
        exclude = ("created_at",)  # noqa: DJ006 - what is left is what a reward says
        help_texts = {
            "position": _("Smaller numbers stand first."),
            "cash": _("For reference; it is paid elsewhere."),
            "is_instant": _("The points are spent within the request, and nobody has to do more."),
            "must_be_claimed": _("With a code that is written off where it is used."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ladder = points.selectors.ladder()
        self._choose("level", [step.level for step in ladder])
        self._choose("segment", points.selectors.segments())
        known = {one.level: one.points for one in self.instance.prices.all()} if self._old else {}
        for place, step in enumerate(ladder):
            if price_field(place) in self.fields:
                self.fields[price_field(place)].label = step.level.name
                self.initial.setdefault(price_field(place), known.get(step.level.code))

    def _choose(self, name: str, among: Sequence[LevelInForce] | Sequence[SegmentInForce]) -> None:
        """Have a code chosen by the name of what it stands for."""
        if name in self.fields:
            self.fields[name] = forms.ChoiceField(
                choices=[("", "-"), *((one.code, one.name) for one in among)],
                required=False,
                label=self.fields[name].label,
                widget=forms.Select(attrs=self.fields[name].widget.attrs),
            )

    @property
    def _old(self) -> bool:
        return self.instance.pk is not None

    def prices(self) -> dict[str, int]:
        """Return the prices that were typed, by level."""
        typed = {
            step.level.code: self.cleaned_data.get(price_field(place))
            for place, step in enumerate(points.selectors.ladder())
        }
        return {level: price for level, price in typed.items() if price is not None}

    def validate_unique(self) -> None:
        """Leave it to the service."""

    def _post_clean(self) -> None:
        """Leave constraints to the service, which says what does not go together in words."""
        self.instance.validate_constraints = _nothing
        super()._post_clean()  # type: ignore[misc]  # Django's own, without a type


class PictureForm(forms.Form):
    """A picture to upload."""

    picture = forms.FileField(
        label=capfirst(_("picture")),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP. It is made small, and what the camera noted is dropped."),
    )

    def clean_picture(self) -> bytes:
        """Return its bytes; what is too large is cut off, and refused as no picture."""
        content: bytes = self.cleaned_data["picture"].read(MOST_BYTES + 1)
        return content


class SheetForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(
        label=capfirst(_("file")), widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv"})
    )
    dry_run = forms.BooleanField(
        label=_("Only look, change nothing"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def clean_file(self) -> Any:
        """Refuse what is larger than any such file."""
        file = self.cleaned_data["file"]
        if file.size > SHEET:
            raise forms.ValidationError(_("The file is too large."))
        return file


class StockForm(forms.Form):
    """What an operator counted."""

    left = forms.IntegerField(
        label=capfirst(_("in stock")),
        required=False,
        min_value=0,
        max_value=MOST_STOCK,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Empty: without an end."),
    )
    reason = forms.CharField(
        label=capfirst(_("reason")), max_length=500, widget=UnfoldAdminTextInputWidget
    )


class ShippingForm(forms.Form):
    """A parcel on its way."""

    carrier = forms.CharField(
        label=capfirst(_("carrier")), max_length=100, widget=UnfoldAdminTextInputWidget
    )
    tracking_number = forms.CharField(
        label=capfirst(_("tracking number")), max_length=100, widget=UnfoldAdminTextInputWidget
    )


class ReturnForm(forms.Form):
    """Why something is taken back, and whether it can be had again."""

    reason = forms.CharField(
        label=capfirst(_("reason")), max_length=500, widget=UnfoldAdminTextInputWidget
    )
    restock = forms.BooleanField(
        label=_("Back into stock"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Voucher codes go back to their pool only if none of them was used."),
    )


class DelayForm(forms.Form):
    """By how much a window closes later, and why."""

    hours = forms.IntegerField(
        label=capfirst(_("hours")),
        min_value=1,
        max_value=MOST_HOURS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.CharField(
        label=capfirst(_("reason")), max_length=500, widget=UnfoldAdminTextInputWidget
    )


class PacketForm(forms.Form):
    """A red packet of the community's."""

    points = forms.IntegerField(
        label=_("points"), min_value=1, max_value=POINTS_LIMIT, widget=UnfoldAdminIntegerFieldWidget
    )
    shares = forms.IntegerField(
        label=_("shares"), min_value=1, max_value=MOST_SHARES, widget=UnfoldAdminIntegerFieldWidget
    )
    hours = forms.IntegerField(
        label=_("hours that it can be taken"),
        min_value=1,
        max_value=MOST_HOURS,
        initial=24,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    greeting = forms.CharField(
        label=_("greeting"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget
    )
