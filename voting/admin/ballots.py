"""The admin's pages of odd ballots, and of who looked at whose."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import DomainError
from kit.pages import ReadOnlyAdmin, display
from points.admin.cells import NONE
from points.admin.forms import ReasonForm
from voting import selectors, services
from voting.models import Ballot, BallotLook, BallotState
from voting.rules.fairness import BURST, MUTUAL, NEW_ACCOUNTS, ONE_TIME

COLOURS = {
    BallotState.COUNTED.value: "success",
    BallotState.QUARANTINED.value: "warning",
    BallotState.DISCARDED.value: "danger",
}
MARKS: dict[str, str | Promise] = {
    NEW_ACCOUNTS: gettext_lazy("new accounts that say the same"),
    ONE_TIME: gettext_lazy("came once, for one name"),
    MUTUAL: gettext_lazy("two for each other"),
    BURST: gettext_lazy("many alike at once"),
}


class DecisionForm(ReasonForm):
    """Why, and for which ballots: what the list has sent along."""

    def __init__(self, *args: Any, action: str, ballots: Sequence[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"] = forms.CharField(initial=action, widget=forms.HiddenInput)
        self.fields["decided"] = forms.CharField(initial="1", widget=forms.HiddenInput)
        self.fields[ACTION_CHECKBOX_NAME] = forms.MultipleChoiceField(
            choices=[(str(ballot), str(ballot)) for ballot in ballots],
            initial=[str(ballot) for ballot in ballots],
            widget=forms.MultipleHiddenInput,
        )


@admin.register(Ballot)
class BallotAdmin(ReadOnlyAdmin[Ballot]):
    """The quarantine desk: ballots with marks, without names; many may be decided at once."""

    list_display = (
        *("__str__", "poll", "cast_at", "shown_marks", "shown_state"),
        *("decided_by", "decided_at", "reason"),
    )
    list_select_related = ("poll", "decided_by")
    list_filter = (("state", ChoicesRadioFilter),)
    ordering = ("-poll", "-state", "cast_at", "id")
    fieldsets = (
        (None, {"fields": (("poll", "shown_state"), ("shown_marks", "cast_at", "number"))}),
        (gettext_lazy("Decided"), {"fields": (("decided_by", "decided_at"), "reason")}),
    )
    actions = ("count", "discard")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ballot]:
        return selectors.marked_ballots(among=super().get_queryset(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "poll" or super().lookup_allowed(lookup, value, request)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Tell whether the operator may decide."""
        return request.user.has_perm("voting.decide_ballot")

    @admin.action(description=gettext_lazy("Count these ballots"), permissions=["decide"])
    def count(self, request: HttpRequest, queryset: QuerySet[Ballot]) -> HttpResponse | None:
        """Ask for the reason, then count them."""
        title = _("Count these ballots?")
        return self._decide(request, queryset, "count", title, counts=True)

    @admin.action(description=gettext_lazy("Discard these ballots"), permissions=["decide"])
    def discard(self, request: HttpRequest, queryset: QuerySet[Ballot]) -> HttpResponse | None:
        """Ask for the reason, then leave them out."""
        title = _("Discard these ballots?")
        return self._decide(request, queryset, "discard", title, counts=False)

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[Ballot],
        action: str,
        title: str,
        *,
        counts: bool,
    ) -> HttpResponse | None:
        ballots = [ballot.pk for ballot in queryset]
        sent = request.POST if "decided" in request.POST else None
        form = DecisionForm(sent, action=action, ballots=ballots)
        if form.is_valid():
            try:
                services.decide_ballots(
                    ballots=ballots,
                    counts=counts,
                    reason=form.cleaned_data["reason"],
                    by=request.user.pk or 0,
                    now=timezone.now(),
                )
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                for ballot in queryset.all():
                    self.log_change(request, ballot, f"{title} {form.cleaned_data['reason']}")
                self.message_user(request, _("It is decided."), messages.SUCCESS)
            return None
        told = ngettext(
            "%(count)d ballot. None is deleted; the results tell those that do not count.",
            "%(count)d ballots. None is deleted; the results tell those that do not count.",
            len(ballots),
        ) % {"count": len(ballots)}
        return self.form_page(
            request, title=title, text=told, form=form, submit=_("Decide"), is_grave=not counts
        )

    @display(description=gettext_lazy("marks"))
    def shown_marks(self, ballot: Ballot) -> str:
        return ", ".join(str(MARKS.get(mark, mark)) for mark in ballot.marks) or NONE

    @display(description=gettext_lazy("state"), colours=COLOURS)
    def shown_state(self, ballot: Ballot) -> tuple[str, str]:
        return ballot.state, str(BallotState(ballot.state).label)


@admin.register(BallotLook)
class BallotLookAdmin(ReadOnlyAdmin[BallotLook]):
    """Who looked at ballots by name, when and why."""

    list_display = ("looked_at", "looked_by", "poll", "reason")
    list_select_related = ("looked_by", "poll")
    ordering = ("-id",)
    fieldsets = ((None, {"fields": (("looked_at", "looked_by"), "poll", "reason")}),)
