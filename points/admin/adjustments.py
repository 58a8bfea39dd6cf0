"""The admin's pages of adjustments: one operator asks, above a limit another approves."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import DomainError, Text
from kit.pages import RoomAdmin, button, display
from members.models import Member
from points import services
from points.admin.cells import NONE, link, operator, signed
from points.admin.forms import ApprovalForm, ReasonForm
from points.models import Adjustment, AdjustmentState, Entry

COLOURS = {
    AdjustmentState.WAITING.value: "warning",
    AdjustmentState.POSTED.value: "success",
    AdjustmentState.REJECTED.value: "danger",
    AdjustmentState.LAPSED.value: "info",
}


class AdjustmentForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    """What to move, and why. The reference is made with the form, so that it counts once."""

    class Meta:
        model = Adjustment
        fields = ("member", "points", "reason", "reference")
        help_texts = {
            "points": _("With a minus sign to take points."),
            "reason": _("The member can read it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reference" in self.fields:  # it is not where the page only shows
            self.fields["reference"].widget.attrs["readonly"] = True
            self.fields["reference"].help_text = _("Sent twice, the form counts once.")

    def validate_unique(self) -> None:
        """Leave it to the service, which knows the same request again."""


@admin.register(Adjustment)
class AdjustmentAdmin(RoomAdmin[Adjustment]):
    """Adjustments are asked for, approved or rejected; nothing of one changes otherwise."""

    form = AdjustmentForm
    list_display = (
        *("created_at", "of_member", "shown_points", "reason", "shown_state"),
        *("asked_by", "decided_by", "expires_at"),
    )
    list_display_links = ("created_at",)
    list_select_related = ("member", "requested_by", "decided_by")
    list_filter = (("state", ChoicesRadioFilter),)
    ordering = ("-id",)
    search_fields = ("=reference", "=member__external_id")
    search_help_text = _("External id of a member, or reference")
    autocomplete_fields = ("member",)
    add_fieldsets = ((None, {"fields": ("member", "points", "reason", "reference")}),)
    fieldsets = (
        (None, {"fields": ("shown_state", ("of_member", "shown_points"), "reason")}),
        (_("Asked for"), {"fields": (("asked_by", "created_at", "expires_at"), "reference")}),
        (
            _("Decided"),
            {"fields": (("decided_by", "decided_at"), ("rejection", "shown_entry"))},
        ),
    )
    actions_detail = ("approve", "reject")

    def has_change_permission(self, request: HttpRequest, obj: Adjustment | None = None) -> bool:
        """Nobody: what was asked for stays as it was."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Make the reference with the form."""
        reference = f"operator:{uuid.uuid4()}"
        return {**super().get_changeform_initial_data(request), "reference": reference}

    def save_model(self, request: HttpRequest, obj: Adjustment, form: Any, change: bool) -> None:
        said = form.cleaned_data
        made = services.request_adjustment(
            member=said["member"].pk,
            points=said["points"],
            reason=said["reason"],
            reference=said["reference"],
            by=operator(request),
            now=timezone.now(),
        )
        obj.pk, obj.state = made.pk, made.state

    def response_add(
        self, request: HttpRequest, obj: Adjustment, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Say whether it is posted or waits, and show it."""
        return self._decided(request, obj)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> Sequence[Any]:
        """Offer what this operator may still do."""
        found = self.get_object(request, str(object_id))
        if found is None:
            return ()
        open_ = found.decisions_open_to(user=operator(request), now=timezone.now())
        skin: Any = super()
        allowed = skin.get_actions_detail(request, object_id)
        return [one for one in allowed if one.method.original_function_name in open_]

    @button(description=_("Approve"), permission="points.change_adjustment", icon="check")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then post the adjustment."""

        def approve(adjustment: Adjustment, _form: forms.Form) -> Adjustment:
            return services.approve(
                adjustment=adjustment.pk, by=operator(request), now=timezone.now()
            )

        title = _("Approve this adjustment?")
        return self._decide(request, object_id, ApprovalForm, approve, title, _("Approve"))

    @button(description=_("Reject"), permission="points.change_adjustment", icon="close")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then reject the adjustment."""

        def reject(adjustment: Adjustment, form: forms.Form) -> Adjustment:
            return services.reject(
                adjustment=adjustment.pk,
                by=operator(request),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )

        title = _("Reject this adjustment?")
        return self._decide(request, object_id, ReasonForm, reject, title, _("Reject"))

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        form_class: type[forms.Form],
        service: Callable[[Adjustment, forms.Form], Adjustment],
        title: Text,
        submit: Text,
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        form = form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                made = service(found, form)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_change(request, made, str(submit))
                return self._decided(request, made)
        said = {"points": signed(found.points), "member": found.member, "reason": found.reason}
        text = _("%(points)s points for %(member)s: %(reason)s") % said
        return self.form_page(request, title=title, text=text, form=form, submit=submit, obj=found)

    def _decided(self, request: HttpRequest, made: Adjustment) -> HttpResponse:
        told, level = {
            AdjustmentState.POSTED: (_("The points have been posted."), messages.SUCCESS),
            AdjustmentState.WAITING: (
                _("Waits for a second operator to approve it."),
                messages.WARNING,
            ),
        }.get(AdjustmentState(made.state), (_("The adjustment is not made."), messages.INFO))
        self.message_user(request, str(told), level)
        return HttpResponseRedirect(reverse("admin:points_adjustment_change", args=[made.pk]))

    @display(description=_("member"))
    def of_member(self, adjustment: Adjustment) -> str:
        return link(Member, adjustment.member_id, adjustment.member)

    @display(description=_("points"))
    def shown_points(self, adjustment: Adjustment) -> str:
        return signed(adjustment.points)

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, adjustment: Adjustment) -> tuple[str, str]:
        return adjustment.state, str(AdjustmentState(adjustment.state).label)

    @display(description=_("requested by"))
    def asked_by(self, adjustment: Adjustment) -> str:
        return str(adjustment.requested_by or adjustment.requested_by_key)

    @display(description=_("entry"))
    def shown_entry(self, adjustment: Adjustment) -> str:
        return link(Entry, adjustment.entry_id, _("Why?")) if adjustment.entry_id else NONE
