"""The admin's pages of cases: what brakes hold of a member, decided as a whole."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import DomainError
from kit.pages import Panel, ReadOnlyAdmin, button, display
from members.models import Member
from points import selectors, services
from points.admin.cells import link, link_to, operator
from points.admin.entries import EntryAdmin
from points.admin.forms import ApprovalForm, ReasonForm
from points.models import Brake, BrakeCase, CaseState, PendingAward, PendingState
from points.selectors import CasePage

COLOURS = {
    CaseState.OPEN.value: "warning",
    CaseState.RELEASED.value: "success",
    CaseState.REVERSED.value: "danger",
}


@admin.register(BrakeCase)
class BrakeCaseAdmin(ReadOnlyAdmin[BrakeCase]):
    """Cases, open ones first. Members never learn what is told here."""

    list_display = (
        *("opened_at", "of_member", "shown_state", "held", "held_points"),
        *("decided_by", "decided_at"),
    )
    list_display_links = ("opened_at",)
    list_select_related = ("member", "decided_by")
    list_filter = (("state", ChoicesRadioFilter),)
    # Open ones first, then the newest.
    ordering = (Case(When(state=CaseState.OPEN, then=0), default=1), "-id")
    search_fields = ("=member__external_id",)
    search_help_text = _("External id of a member")
    fieldsets = (
        (None, {"fields": (("of_member", "shown_state"), ("opened_at",))}),
        (_("Decided"), {"fields": (("decided_by", "decided_at"), "reason")}),
    )
    actions_detail = ("release_all", "reverse_all")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BrakeCase]:
        return selectors.with_what_is_held(among=super().get_queryset(request))

    def panels(self, request: HttpRequest, obj: BrakeCase) -> Sequence[Panel]:
        page = selectors.case_page(case=obj)
        return [_signals(page), _awards(page)]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> Sequence[Any]:
        """Offer a decision while there is one to make."""
        found = self.get_object(request, str(object_id))
        if found is None or found.state != CaseState.OPEN:
            return ()
        skin: Any = super()
        allowed: Sequence[Any] = skin.get_actions_detail(request, object_id)
        return allowed

    @button(description=_("Release all"), permission="points.change_brakecase", icon="check")
    def release_all(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then release all that the case holds."""
        return self._decide(request, object_id, is_reversal=False)

    @button(description=_("Reverse all"), permission="points.change_brakecase", icon="undo")
    def reverse_all(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then drop all that the case holds."""
        return self._decide(request, object_id, is_reversal=True)

    def _decide(self, request: HttpRequest, object_id: str, *, is_reversal: bool) -> HttpResponse:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        form_class: type[forms.Form] = ReasonForm if is_reversal else ApprovalForm
        form = form_class(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._has_decided(request, found, form, is_reversal=is_reversal):
            address = reverse("admin:points_brakecase_change", args=[found.pk])
            return HttpResponseRedirect(address)
        page = selectors.case_page(case=found)
        release = _("What would wait yet by its own rule goes on to wait for its day.")
        reverse_ = _("The points are not given, and caps have their room back. It stays so.")
        return self.form_page(
            request,
            title=_("Reverse all of it?") if is_reversal else _("Release all of it?"),
            text=reverse_ if is_reversal else release,
            form=form,
            submit=_("Reverse all") if is_reversal else _("Release all"),
            panels=[_signals(page)],
            obj=found,
            is_grave=is_reversal,
        )

    def _has_decided(
        self, request: HttpRequest, found: BrakeCase, form: forms.Form, *, is_reversal: bool
    ) -> bool:
        """Decide; where that is refused, say so in the form."""
        said: dict[str, Any] = {
            "case": found.pk,
            "by": operator(request),
            "now": timezone.now(),
        }
        try:
            if is_reversal:
                services.reverse_case(**said, reason=form.cleaned_data["reason"])
            else:
                services.release_case(**said)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return False
        told = _("All of it is reversed.") if is_reversal else _("All of it is released.")
        self.log_change(request, found, str(told))
        self.message_user(request, str(told), messages.SUCCESS)
        return True

    @display(description=_("member"))
    def of_member(self, case: BrakeCase) -> str:
        return link(Member, case.member_id, case.member)

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, case: BrakeCase) -> tuple[str, str]:
        return case.state, str(CaseState(case.state).label)

    @display(description=_("awards"))
    def held(self, case: BrakeCase) -> object:
        return case.held  # type: ignore[attr-defined]  # annotated

    @display(description=_("points"))
    def held_points(self, case: BrakeCase) -> object:
        return case.held_points  # type: ignore[attr-defined]  # annotated


@admin.register(Brake)
class BrakeAdmin(ReadOnlyAdmin[Brake]):
    """Brakes, as the program file set them."""

    list_display = (
        *("code", "counts", "limit", "period", "minutes", "shown_actions", "same"),
        *("younger_than_days", "is_active"),
    )
    ordering = ("-is_active", "position", "id")
    search_fields = ("code",)
    fields = (
        *("code", "counts", "limit", "period", "minutes", "shown_actions", "same"),
        *("younger_than_days", "is_active"),
    )

    @display(description=_("actions"))
    def shown_actions(self, brake: Brake) -> object:
        return ", ".join(brake.actions) or _("all")


def _signals(page: CasePage) -> Panel:
    headers = (_("brake"), _("awards"), _("counted at most"), _("limit"))
    rows = [(one.brake, one.awards, one.used, one.limit) for one in page.fired]
    text = _("Awards: %(count)s; points: %(points)s.")
    said = {"points": f"{page.points:,}", "count": page.awards}
    return Panel(_("Brakes that fired"), text % said, headers=headers, rows=rows)


def _awards(page: CasePage) -> Panel:
    headers = (*(_("created at"), _("rule"), _("points"), _("activity"), _("brakes"), _("state")),)
    return Panel(_("Held"), headers=headers, rows=[_award(award) for award in page.first])


def _award(award: PendingAward) -> Sequence[object]:
    activity = award.activity
    if EntryAdmin.activity_page:
        activity = link_to(reverse(EntryAdmin.activity_page, args=[quote(activity)]), activity)
    return (
        award.created_at,
        link(PendingAward, award.pk, award.rule_version.rule.code),
        *(award.points, activity),
        ", ".join(signal["brake"] for signal in award.signals),
        PendingState(award.state).label,
    )
