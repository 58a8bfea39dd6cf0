"""The admin's pages of check-ins: the list, a member's calendar, and what is done by hand."""

import calendar
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

import members.selectors
from activities import selectors, services
from activities.models import CheckIn, CheckInKind, StreakItemKind
from activities.selectors import Month
from kit.errors import DomainError, Text
from kit.pages import Panel, ReadOnlyAdmin, button, display
from members.models import Member
from points.admin.cells import NONE, facts, link, link_to, plain
from points.admin.forms import ReasonForm

COLOURS = {
    CheckInKind.DONE.value: "success",
    CheckInKind.MAKEUP.value: "info",
    CheckInKind.FROZEN.value: "warning",
}
STATES: Mapping[str, Text] = {
    **{kind.value: kind.label for kind in CheckInKind},
    "missed": _("missed"),
    "open": _("still open"),
}


class GrantForm(forms.Form):
    """What is given to a member. `token` names this giving: sent twice, it is given once."""

    kind = forms.ChoiceField(
        label=capfirst(_("kind")), choices=StreakItemKind.choices, widget=UnfoldAdminSelectWidget
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


@admin.register(CheckIn)
class CheckInAdmin(ReadOnlyAdmin[CheckIn]):
    """The days that members kept, and how."""

    list_display = ("local_on", "of_member", "shown_kind", "checked_in_at", "cost", "is_standing")
    list_display_links = ("local_on",)
    ordering = ("-id",)
    search_fields = ("member__external_id",)
    search_help_text = _("External id of a member")
    fieldsets = (
        (None, {"fields": (("local_on", "shown_kind"), ("of_member", "checked_in_at", "cost"))}),
        (_("Taken back"), {"fields": (("revoked_at", "reason"),)}),
    )
    actions_detail = ("see_calendar", "see_activity", "revoke")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CheckIn]:
        return super().get_queryset(request).select_related("member")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CheckIn], search_term: str
    ) -> tuple[QuerySet[CheckIn], bool]:
        found = selectors.find_check_ins(among=queryset, external_id=search_term.strip())
        return found, False

    def get_urls(self) -> list[URLPattern]:
        """Return the pages of the table, and a member's calendar and gifts before them."""
        own = [
            path(
                "member/<id:member_id>/",
                self.admin_site.admin_view(self.calendar_page),
                name="activities_checkin_calendar",
            ),
            path(
                "member/<id:member_id>/grant/",
                self.admin_site.admin_view(self.grant_page),
                name="activities_checkin_grant",
            ),
        ]
        return own + super().get_urls()

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer to take back what stands, and what is an activity to look at."""
        skin: Any = super()
        found = self.get_object(request, object_id)
        left_out = set()
        if found is not None and found.kind == CheckInKind.FROZEN:
            left_out = {"see_activity", "revoke"}
        elif found is not None and found.revoked_at:
            left_out = {"revoke"}
        return [
            one
            for one in skin.get_actions_detail(request, object_id)
            if one.method.original_function_name not in left_out
        ]

    @button(description=_("Calendar"), permission="activities.view_checkin", icon="calendar_month")
    def see_calendar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._row(request, object_id)
        return HttpResponseRedirect(f"{calendar_of(row.member_id)}?month={row.local_on:%Y-%m}")

    @button(description=_("Activity"), permission="activities.view_activity", icon="bolt")
    def see_activity(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._row(request, object_id)
        return HttpResponseRedirect(
            reverse("admin:activities_activity_change", args=[quote(row.activity_id)])
        )

    @button(description=_("Take back"), permission="activities.change_checkin", icon="undo")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then take the check-in back."""
        row = self._row(request, object_id)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                services.revoke_check_in(check_in=row.pk, reason=form.cleaned_data["reason"])
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.log_change(request, row, str(_("Taken back.")))
                self.message_user(request, str(_("The check-in is taken back.")), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:activities_checkin_change", args=[row.pk]))
        return self.form_page(
            request,
            title=_("Take this check-in back?"),
            text=_(
                "Its points go back, and those of milestones that the streak no longer reaches. "
                "The day is missed and stays so; what a makeup cost comes back."
            ),
            form=form,
            submit=_("Take back"),
            obj=row,
            is_grave=True,
        )

    def calendar_page(self, request: HttpRequest, member_id: int) -> HttpResponse:
        """Show a member's month."""
        if not request.user.has_perm("activities.view_checkin"):
            raise PermissionDenied
        member = _member(member_id)
        try:
            shown = selectors.calendar_of(
                member=member.pk, month=request.GET.get("month", ""), now=timezone.now()
            )
        except DomainError as refusal:
            raise BadRequest from refusal
        first = dt.date.fromisoformat(f"{shown.month}-01")
        rows = selectors.check_ins_between(member=member.pk, first=first, last=_last(first))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check-ins of %(member)s") % {"member": member},
            "opts": self.opts,
            "shown": shown,
            "before": f"{first - dt.timedelta(days=1):%Y-%m}",
            "after": f"{_last(first) + dt.timedelta(days=1):%Y-%m}"
            if shown.today > _last(first)
            else "",
            "may_grant": request.user.has_perm("activities.add_streakitem"),
            "grant": reverse("admin:activities_checkin_grant", args=[member.pk]),
            "page": reverse("admin:members_member_change", args=[member.pk]),
            "panels": [_standing(shown), _grid(shown, first, rows)],
        }
        return TemplateResponse(request, "admin/activities/checkin/calendar.html", context)

    def grant_page(self, request: HttpRequest, member_id: int) -> HttpResponse:
        """Ask what to give a member, then give it."""
        if not request.user.has_perm("activities.add_streakitem"):
            raise PermissionDenied
        member = _member(member_id)
        form = GrantForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            kind, token = form.cleaned_data["kind"], form.cleaned_data["token"]
            try:
                services.grant_item(member=member.pk, kind=kind, source=str(token))
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                label = str(StreakItemKind(kind).label)
                log: Any = self.log_change  # it takes any row: this is the member's
                log(request, member, str(_("Given: %(item)s.") % {"item": label}))
                said = _("%(member)s has it: %(item)s.") % {"member": member, "item": label}
                self.message_user(request, str(said), messages.SUCCESS)
            return HttpResponseRedirect(calendar_of(member.pk))
        return self.form_page(
            request,
            title=_("Give %(member)s a card or a freeze") % {"member": member},
            text=_("A card pays for a makeup. A freeze keeps the streak on a day that is missed."),
            form=form,
            submit=_("Give"),
        )

    def _row(self, request: HttpRequest, object_id: str) -> CheckIn:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    @display(description=_("member"))
    def of_member(self, row: CheckIn) -> str:
        return link(Member, row.member_id, row.member)

    @display(description=_("kind"), colours=COLOURS)
    def shown_kind(self, row: CheckIn) -> tuple[str, str]:
        return row.kind, str(CheckInKind(row.kind).label)

    @display(description=_("stands"))
    def is_standing(self, row: CheckIn) -> object:
        return _("taken back") if row.revoked_at else _("yes")


def calendar_of(member_id: int) -> str:
    """Return the address of a member's calendar."""
    return reverse("admin:activities_checkin_calendar", args=[member_id])


def _member(member_id: int) -> Member:
    found = members.selectors.member_by_id(member_id=member_id)
    if found is None:
        raise Http404
    return found


def _last(first: dt.date) -> dt.date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _standing(shown: Month) -> Panel:
    ahead = shown.next_milestone
    return facts(
        _("Streak"),
        [
            (_("days in a row"), shown.streak),
            (_("days to the next milestone"), plain(ahead and ahead.missing)),
            (_("makeups left this month"), shown.makeups.left),
            (_("makeup cards"), shown.makeups.cards),
            (_("freezes"), f"{shown.freezes.held} / {shown.freezes.most_held}"),
            (_("freezes are used by themselves"), _("yes") if shown.freezes.in_use else _("no")),
        ],
    )


def _grid(shown: Month, first: dt.date, rows: Mapping[dt.date, CheckIn]) -> Panel:
    """Return the month as a table, a row a week."""
    states = {one.date: one.state for one in shown.days}
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return Panel(
        str(formats.date_format(first, "YEAR_MONTH_FORMAT")),
        headers=[capfirst(WEEKDAYS_ABBR[n]) for n in range(7)],
        rows=[[_cell(day, first, states, rows) for day in week] for week in weeks],
    )


def _cell(
    day: dt.date, first: dt.date, states: Mapping[dt.date, str], rows: Mapping[dt.date, CheckIn]
) -> object:
    if day.month != first.month:
        return ""
    row, state = rows.get(day), states.get(day)
    text = str(STATES[state]) if state else NONE
    if row is not None and row.revoked_at:
        text = str(_("taken back"))
    shown = (
        link_to(reverse("admin:activities_checkin_change", args=[row.pk]), text) if row else text
    )
    return format_html("{}<br>{}", day.day, shown)
