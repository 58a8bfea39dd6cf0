"""The admin's pages of pending awards: what waits, released or dropped by an operator."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import DomainError
from kit.pages import Panel, ReadOnlyAdmin, button, display
from members.models import Member
from points import selectors, services
from points.admin.cells import NONE, decisions, link, link_to, operator
from points.admin.entries import EntryAdmin
from points.admin.forms import ApprovalForm, ReasonForm
from points.models import BrakeCase, CaseState, Entry, PendingAward, PendingState

AWARD = "points_pendingaward"
MOST_AT_ONCE = 500
"""Awards that are decided by one form."""

ID = re.compile("[0-9]{1,18}")

RELEASED = ngettext_lazy(
    "%(count)d award has been released.", "%(count)d awards have been released.", "count"
)
DROPPED = ngettext_lazy(
    "%(count)d award has been dropped.", "%(count)d awards have been dropped.", "count"
)
COLOURS = {
    PendingState.WAITING.value: "warning",
    PendingState.RELEASED.value: "success",
    PendingState.DROPPED.value: "danger",
}


@admin.register(PendingAward)
class PendingAwardAdmin(ReadOnlyAdmin[PendingAward]):
    """Points that are not there yet, newest first. Those in an open case are decided with it."""

    list_display = (
        *("created_at", "of_member", "of_rule", "points", "shown_release", "of_activity"),
        *("shown_state", "of_case"),
    )
    list_display_links = ("created_at",)
    list_select_related = ("member", "rule_version__rule", "case", "decided_by")
    list_filter = (("state", ChoicesRadioFilter),)
    ordering = ("-id",)
    search_fields = ("=activity", "=member__external_id")
    search_help_text = _("External id of a member, or id of an activity")
    fieldsets = (
        (None, {"fields": (("of_member", "shown_state"), ("points", "shown_release"), "of_case")}),
        (_("Granted"), {"fields": (("of_rule", "of_activity"), ("created_at", "occurred_at"))}),
        (
            _("Decided"),
            {"fields": (("decided_by", "decided_at"), ("reason", "shown_entry"))},
        ),
    )
    actions = ("release_chosen", "drop_chosen")
    actions_detail = ("release", "drop")

    def panels(self, request: HttpRequest, obj: PendingAward) -> Sequence[Panel]:
        told = selectors.decided(story=obj.explanation)
        return [decisions(_("What the rule granted"), [told], empty="")]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> Sequence[Any]:
        """Offer a decision on what waits and is in no open case."""
        found = self.get_object(request, str(object_id))
        if found is None or found.state != PendingState.WAITING or found.is_held:
            return ()
        skin: Any = super()
        allowed: Sequence[Any] = skin.get_actions_detail(request, object_id)
        return allowed

    @button(description=_("Release"), permission="points.change_pendingaward", icon="check")
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then release the points."""
        return self._decide(request, [self._one(request, object_id).pk], is_drop=False)

    @button(description=_("Drop"), permission="points.change_pendingaward", icon="close")
    def drop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then drop the points."""
        return self._decide(request, [self._one(request, object_id).pk], is_drop=True)

    @admin.action(description=_("Release the selected points"), permissions=["decide"])
    def release_chosen(
        self, request: HttpRequest, queryset: QuerySet[PendingAward]
    ) -> HttpResponse:
        """Lead to the page that asks."""
        return _ask("release", queryset)

    @admin.action(description=_("Drop the selected points"), permissions=["decide"])
    def drop_chosen(self, request: HttpRequest, queryset: QuerySet[PendingAward]) -> HttpResponse:
        """Lead to the page that asks for the reason."""
        return _ask("drop", queryset)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Tell who may release and drop."""
        return request.user.has_perm("points.change_pendingaward")

    def get_urls(self) -> list[Any]:
        """Add the pages that ask about several awards at once."""
        pages = {"release": self.release_several, "drop": self.drop_several}
        asking = [
            path(f"{name}/", self.admin_site.admin_view(page), name=f"{AWARD}_{name}_several")
            for name, page in pages.items()
        ]
        return [*asking, *super().get_urls()]

    def release_several(self, request: HttpRequest) -> HttpResponse:
        """Ask, then release those that the address names."""
        return self._decide(request, _named(request), is_drop=False)

    def drop_several(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason, then drop those that the address names."""
        return self._decide(request, _named(request), is_drop=True)

    def _one(self, request: HttpRequest, object_id: str) -> PendingAward:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def _decide(self, request: HttpRequest, awards: list[int], *, is_drop: bool) -> HttpResponse:
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form_class = ReasonForm if is_drop else ApprovalForm
        form = form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            said: dict[str, Any] = {"awards": awards, "by": operator(request)}
            try:
                if is_drop:
                    reason = form.cleaned_data["reason"]
                    count = services.drop_awards(**said, reason=reason, now=timezone.now())
                else:
                    count = services.release_awards(**said, now=timezone.now())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                told = DROPPED if is_drop else RELEASED
                self.message_user(request, str(told % {"count": count}), messages.SUCCESS)
                return HttpResponseRedirect(reverse(f"admin:{AWARD}_changelist"))
        points, count = selectors.points_waiting(awards=awards)
        text = _("Awards that wait: %(count)s; their points: %(points)s.")
        return self.form_page(
            request,
            title=_("Drop these points?") if is_drop else _("Release these points?"),
            text=text % {"points": points, "count": count},
            form=form,
            submit=_("Drop") if is_drop else _("Release"),
            is_grave=is_drop,
        )

    @display(description=_("member"))
    def of_member(self, award: PendingAward) -> str:
        return link(Member, award.member_id, award.member)

    @display(description=_("rule"))
    def of_rule(self, award: PendingAward) -> str:
        return award.rule_version.rule.code

    @display(description=_("released at"))
    def shown_release(self, award: PendingAward) -> object:
        if award.state != PendingState.WAITING:
            return NONE
        if award.is_held:
            return _("with its case")
        return award.release_at or _("by decision")

    @display(description=_("activity"))
    def of_activity(self, award: PendingAward) -> str:
        page = EntryAdmin.activity_page
        if not page:
            return award.activity
        return link_to(reverse(page, args=[quote(award.activity)]), award.activity)

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, award: PendingAward) -> tuple[str, str]:
        return award.state, str(PendingState(award.state).label)

    @display(description=_("case"))
    def of_case(self, award: PendingAward) -> str:
        if award.case is None:
            return NONE
        return link(BrakeCase, award.case.pk, CaseState(award.case.state).label)

    @display(description=_("entry"))
    def shown_entry(self, award: PendingAward) -> str:
        return link(Entry, award.entry_id, _("Why?")) if award.entry_id else NONE


def _ask(what: str, chosen: QuerySet[PendingAward]) -> HttpResponse:
    """Lead to the page that asks about the chosen awards."""
    ids = chosen.order_by("id").values_list("pk", flat=True)[:MOST_AT_ONCE]
    address = reverse(f"admin:{AWARD}_{what}_several")
    return HttpResponseRedirect(f"{address}?{urlencode({'ids': ','.join(map(str, ids))})}")


def _named(request: HttpRequest) -> list[int]:
    words = request.GET.get("ids", "").split(",")[:MOST_AT_ONCE]
    return [int(word) for word in words if ID.fullmatch(word)]
