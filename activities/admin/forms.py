"""What operators type about posts."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from activities.models import Decision, Post
from activities.rules.texts import LONGEST_REASON

GRADES = [(str(grade), str(grade)) for grade in range(6)]


class GradeForm(forms.Form):
    """The grade of a post, and a word about it."""

    grade = forms.TypedChoiceField(
        label=capfirst(_("grade")),
        choices=GRADES,
        coerce=int,
        widget=UnfoldAdminRadioSelectWidget,
    )
    reason = forms.CharField(
        label=capfirst(_("reason")),
        max_length=LONGEST_REASON,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )


class DecisionForm(forms.Form):
    """One post of the review page: decided when something is chosen. The fields need no script."""

    decision = forms.ChoiceField(choices=Decision.choices, required=False, widget=forms.RadioSelect)
    grade = forms.TypedChoiceField(
        choices=GRADES, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    reason = forms.CharField(max_length=LONGEST_REASON, required=False)

    def __init__(self, data: Any, *, post: Post) -> None:
        super().__init__(data, prefix=f"post-{post.pk}")
        self.post = post
        self.fields["reason"].widget.attrs |= {
            "placeholder": _("Reason, for a rejection"),
            "aria-label": _("Reason, for a rejection"),
            "autocomplete": "off",
            "style": "width: 100%; padding: .4rem .6rem; border: 1px solid #9ca3af; "
            "border-radius: .375rem; background: transparent",
        }

    @property
    def is_decided(self) -> bool:
        """Whether something is chosen."""
        return bool(self.cleaned_data.get("decision"))
