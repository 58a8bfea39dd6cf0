"""The pages on which an event is run: live attendance, the code on a screen, and lists."""

from collections.abc import Callable
from typing import Any

import segno
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities import selectors, services
from activities.admin.event_forms import ListForm, ScanForm
from activities.admin.event_lists import LARGEST, take_list
from activities.models import Attendance, AttendanceState, Event, EventState
from activities.selectors import event_codes
from kit.errors import DomainError
from kit.jobs import database_now
from kit.pages import ReadOnlyAdmin, button, display
from kit.sheets import UnreadableSheet
from members.models import Member
from points.admin.cells import link
from points.admin.forms import ReasonForm

COLOURS = {
    AttendanceState.HERE.value: "info",
    AttendanceState.COUNTED.value: "success",
    AttendanceState.SHORT.value: "warning",
    AttendanceState.VOID.value: "danger",
}


def picture(*, text: str) -> str:
    """Return the text as a QR picture, in SVG."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(omitsize=True, border=4, light="white")


class EventPages:
    """What an event's page leads to while it goes on."""

    get_object: Callable[..., Event | None]
    admin_site: admin.AdminSite
    opts: Any
    message_user: Callable[..., None]
    form_page: Callable[..., TemplateResponse]

    def get_urls(self) -> list[URLPattern]:
        """Add what the pages ask for again and again."""
        door = self.admin_site.admin_view
        return [
            path("<path:object_id>/live/", door(self.live), name="activities_event_live"),
            path("<path:object_id>/code/", door(self.code), name="activities_event_code"),
            *super().get_urls(),  # type: ignore[misc]  # the admin's
        ]

    @button(description=_("Attendance"), permission="activities.view_attendance", icon="how_to_reg")
    def attendance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show who is there, and take what staff scan."""
        event = self._event(request, object_id)
        form = ScanForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            if not request.user.has_perm("activities.add_attendance"):
                raise PermissionDenied
            if form.is_valid():
                self._scan(request, event, form.cleaned_data["text"])
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": event.title,
            "opts": self.opts,
            "original": event,
            "form": form,
            "may_scan": request.user.has_perm("activities.add_attendance")
            and event.state == EventState.PUBLISHED,
            "live": reverse("admin:activities_event_live", args=[event.pk]),
            **_presence(event),
        }
        return TemplateResponse(request, "admin/activities/event/attendance.html", context)

    def _scan(self, request: HttpRequest, event: Event, text: str) -> None:
        try:
            taken = services.attend_by_scan(event=event.pk, text=text.strip())
        except DomainError as refusal:
            self.message_user(request, f"{text}: {refusal}", messages.ERROR)
            return
        who = taken.attendance.member
        known = AttendanceState(taken.attendance.state).label
        told = _("%(member)s is in.") if taken.is_new else _("%(member)s was in before: %(state)s.")
        said = str(told) % {"member": who, "state": known}
        self.message_user(request, said, messages.SUCCESS if taken.is_new else messages.INFO)

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with who is there now, as a part of the page."""
        if not request.user.has_perm("activities.view_attendance"):
            raise PermissionDenied
        event = self._event(request, object_id)
        html = render_to_string(
            "admin/activities/event/present.html", _presence(event), request=request
        )
        return JsonResponse({"html": html})

    @button(description=_("QR screen"), permission="activities.view_event", icon="qr_code_2")
    def screen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the code for attendance on a screen of its own."""
        event = self._event(request, object_id)
        context = {
            "event": event,
            "seconds": selectors.event_settings().code_seconds,
            "address": reverse("admin:activities_event_code", args=[event.pk]),
            "back": reverse("admin:activities_event_change", args=[event.pk]),
        }
        return TemplateResponse(request, "admin/activities/event/screen.html", context)

    def code(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with the present code as a picture, and when the next one comes."""
        if not request.user.has_perm("activities.view_event"):
            raise PermissionDenied
        event = self._event(request, object_id)
        if event.state != EventState.PUBLISHED:
            return JsonResponse({"svg": "", "said": str(_("This event takes no attendance."))})
        now = database_now()  # as who reads the code
        seconds = selectors.event_settings().code_seconds
        shown = event_codes.code_of(event=event.pk, now=now, seconds=seconds)
        attended = selectors.present(event=event.pk).attended
        return JsonResponse(
            {
                "svg": picture(text=shown.text),
                "seconds": (shown.next_at - now).total_seconds(),
                "said": str(_("%(count)d are here")) % {"count": attended},
            }
        )

    @button(description=_("Upload a list"), permission="activities.add_attendance", icon="upload")
    def upload(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a list of who was there, or only check it, and say what is wrong with it."""
        event = self._event(request, object_id)
        is_sent = request.method == "POST"
        form = ListForm(request.POST, request.FILES) if is_sent else ListForm()
        panels: list[Any] = []
        if form.is_valid():
            file, is_dry_run = form.cleaned_data["file"], form.cleaned_data["is_dry_run"]
            try:
                if file.size > LARGEST:
                    raise UnreadableSheet(_("The file is too large."))
                told = take_list(event=event.pk, file=file, is_dry_run=is_dry_run)
                panels = told.panels(is_dry_run=is_dry_run)
            except (UnreadableSheet, DomainError) as refusal:
                form.add_error("file", str(refusal))
        return self.form_page(
            request,
            title=_("Upload a list"),
            text=_("Who is known already stays as they are; the same list again changes nothing."),
            form=form,
            submit=_("Upload"),
            panels=panels,
            obj=event,
        )

    def _event(self, request: HttpRequest, object_id: str) -> Event:
        event = self.get_object(request, unquote(object_id))
        if event is None:
            raise Http404
        return event


def _presence(event: Event) -> dict[str, Any]:
    return {"present": selectors.present(event=event.pk), "event": event}


@admin.register(Attendance)
class AttendanceAdmin(ReadOnlyAdmin[Attendance]):
    """Who was where; an attendance that was none is declared void."""

    list_display = (
        *("taken_at", "of_member", "of_event", "shown_way", "shown_state", "arrived_at"),
        "late_minutes",
    )
    list_display_links = ("taken_at",)
    list_select_related = ("member", "event")
    ordering = ("-id",)
    search_fields = ("=member__external_id",)
    search_help_text = _("External id of a member")
    fieldsets = (
        (None, {"fields": (("of_member", "of_event"), ("shown_state", "shown_way"), "reason")}),
        (
            _("Times"),
            {"fields": (("arrived_at", "left_at"), ("late_minutes", "minutes"), "taken_at")},
        ),
    )
    actions_detail = ("void",)

    @button(description=_("Declare void"), permission="activities.change_attendance", icon="block")
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then take back what the attendance granted."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            services.void_attendance(
                attendance=found.pk, reason=form.cleaned_data["reason"], now=timezone.now()
            )
            self.log_change(request, found, str(_("Declared void.")))
            return HttpResponseRedirect(
                reverse("admin:activities_attendance_change", args=[found.pk])
            )
        return self.form_page(
            request,
            title=_("Declare this attendance void?"),
            text=_("What it granted is taken back. It stays so."),
            form=form,
            submit=_("Declare void"),
            obj=found,
            is_grave=True,
        )

    @display(description=_("member"))
    def of_member(self, attendance: Attendance) -> str:
        return link(Member, attendance.member_id, attendance.member)

    @display(description=_("event"))
    def of_event(self, attendance: Attendance) -> str:
        return link(Event, attendance.event_id, attendance.event)

    @display(description=_("way"))
    def shown_way(self, attendance: Attendance) -> str:
        return str(attendance.get_way_display())

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, attendance: Attendance) -> tuple[str, str]:
        return attendance.state, str(AttendanceState(attendance.state).label)
