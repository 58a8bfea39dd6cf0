"""The admin's pages of activities, and what they add to members and entries."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

import points.selectors
from activities import selectors, services
from activities.models import Activity, ActivityState
from kit.errors import DomainError
from kit.pages import Panel, ReadOnlyAdmin, button, display
from members.models import Member
from points.admin.cells import NONE, decisions, link, signed
from points.admin.entries import EntryAdmin
from points.admin.forms import ReasonForm
from points.admin.members import PointsMemberAdmin

COLOURS = {ActivityState.TAKEN.value: "success", ActivityState.REVERSED.value: "warning"}


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin[Activity]):
    """What members did, what it granted and why, and what it did not."""

    list_display = (
        *("occurred_at", "id", "of_member", "action", "granted", "shown_state", "received_at"),
    )
    list_display_links = ("id",)
    ordering = ("-occurred_at",)
    search_fields = ("id",)
    search_help_text = _("Id of an activity, or external id of a member")
    fieldsets = (
        (None, {"fields": (("id", "shown_state"), ("of_member", "action", "granted"))}),
        (_("Times"), {"fields": (("occurred_at", "received_at"),)}),
        (_("data"), {"fields": ("shown_data",)}),
    )
    actions_detail = ("see_entries", "reverse")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        return super().get_queryset(request).select_related("member")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Activity], search_term: str
    ) -> tuple[QuerySet[Activity], bool]:
        return selectors.find_activities(among=queryset, text=search_term.strip()), False

    def panels(self, request: HttpRequest, obj: Activity) -> Sequence[Panel]:
        outcome = points.selectors.as_it_stands(outcome=obj.outcome, activity=obj.pk)
        made = [points.selectors.decided(story=story) for story in outcome]
        reversal = selectors.reversal(activity=obj.pk)
        told = [decisions(_("What the rules made of it"), made, empty=_("No rule counted it."))]
        if reversal is not None:
            headers = (_("asked for at"), _("reason"))
            rows = [(reversal.requested_at, reversal.reason or NONE)]
            told += [Panel(_("Taken back"), headers=headers, rows=rows)]
        return told

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer to reverse what is not reversed yet."""
        skin: Any = super()
        found = self.get_object(request, unquote(object_id))
        is_reversed = found is not None and found.state == ActivityState.REVERSED
        return [
            one
            for one in skin.get_actions_detail(request, object_id)
            if not (is_reversed and one.method.original_function_name == "reverse")
        ]

    @button(description=_("Entries"), permission="points.view_entry", icon="receipt_long")
    def see_entries(self, request: HttpRequest, object_id: str) -> HttpResponse:
        query = urlencode({"q": unquote(object_id)})
        return HttpResponseRedirect(f"{reverse('admin:points_entry_changelist')}?{query}")

    @button(description=_("Reverse"), permission="activities.change_activity", icon="undo")
    def reverse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then take back what the activity granted."""
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                services.reverse_activity(id=found.pk, reason=reason, now=timezone.now())
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.log_change(request, found, str(_("Reversed.")))
                self.message_user(request, str(_("The activity is reversed.")), messages.SUCCESS)
            return HttpResponseRedirect(
                reverse("admin:activities_activity_change", args=[quote(found.pk)])
            )
        return self.form_page(
            request,
            title=_("Reverse this activity?"),
            text=_("Its points, caps, standings and level score move back. It stays so."),
            form=form,
            submit=_("Reverse"),
            obj=found,
            is_grave=True,
        )

    @display(description=_("member"))
    def of_member(self, activity: Activity) -> str:
        return link(Member, activity.member_id, activity.member)

    @display(description=_("points"))
    def granted(self, activity: Activity) -> str:
        made = selectors.awards_of(outcome=activity.outcome)
        return signed(sum(award.points for award in made)) if made else "0"

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, activity: Activity) -> tuple[str, str]:
        return activity.state, str(ActivityState(activity.state).label)

    @display(description=_("data"))
    def shown_data(self, activity: Activity) -> str:
        text = json.dumps(activity.data, indent=2, ensure_ascii=False)
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)


admin.site.unregister(Member)


@admin.register(Member)
class ActivityMemberAdmin(PointsMemberAdmin):
    """Members, with when they last did something."""

    list_display = (*PointsMemberAdmin.list_display, "last_activity")
    actions_detail = (*PointsMemberAdmin.actions_detail, "see_activities", "see_check_ins")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        last = selectors.last_activity_at(member="pk")
        return super().get_queryset(request).annotate(last=last)

    @button(description=_("Activities"), permission="activities.view_activity", icon="bolt")
    def see_activities(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member = self.get_object(request, object_id)
        if member is None:
            raise Http404
        query = urlencode({"q": member.external_id})
        return HttpResponseRedirect(f"{reverse('admin:activities_activity_changelist')}?{query}")

    @button(description=_("Check-ins"), permission="activities.view_checkin", icon="calendar_month")
    def see_check_ins(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if self.get_object(request, object_id) is None:
            raise Http404
        return HttpResponseRedirect(reverse("admin:activities_checkin_calendar", args=[object_id]))

    @display(description=_("last activity"))
    def last_activity(self, member: Member) -> object:
        return member.last  # type: ignore[attr-defined]  # annotated


# An entry's page leads to its activity's.
EntryAdmin.activity_page = "admin:activities_activity_change"
