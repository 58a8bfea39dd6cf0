"""The admin's pages of members, of the community, and of the keys that other systems call with."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesRadioFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from kit.clock import zones
from kit.pages import Panel, RoomAdmin, display
from members import services
from members.models import ApiKey, Community, KeyState, Member, MemberState, Scope


@admin.register(Member)
class MemberAdmin(RoomAdmin[Member]):
    """Who there is. A room above adds what it knows of a member by registering a subclass."""

    list_display: tuple[str, ...] = ("nickname_shown", "external_id", "shown_state", "joined_at")
    list_filter = (
        ("state", ChoicesRadioFilter),
        ("is_staff", BooleanRadioFilter),
        ("is_hidden", BooleanRadioFilter),
    )
    search_fields = ("external_id", "nickname")
    search_help_text = _("External id or nickname")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("external_id", "nickname", "state", "joined_at", "erased_at")}),
        (_("Leaderboards"), {"fields": ("is_staff", "is_hidden")}),
        (_("Admin"), {"fields": ("operator",)}),
    )
    readonly_fields = ("external_id", "joined_at", "erased_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: members come over the API, with a log-in or from a file."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        """Who may change members; of an erased one there is nothing to change."""
        is_erased = obj is not None and obj.erased_at is not None
        return not is_erased and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        said = form.cleaned_data
        services.edit_member(
            member_id=obj.pk,
            nickname=said["nickname"],
            state=said["state"],
            is_staff=said["is_staff"],
            is_hidden=said["is_hidden"],
            operator=said["operator"].pk if said["operator"] else None,
        )

    @display(description=_("nickname"))
    def nickname_shown(self, member: Member) -> str:
        return str(member)

    @display(
        description=_("state"),
        colours={
            MemberState.ACTIVE: "success",
            MemberState.PAUSED: "warning",
            MemberState.LEFT: "danger",
        },
    )
    def shown_state(self, member: Member) -> tuple[str, str]:
        return member.state, member.get_state_display()


class CommunityForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    """The community, with the zones there are."""

    time_zone = forms.ChoiceField(
        label=_("time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(zones())],
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "Days, weeks and months begin and end by its clock: a change is in force from the next "
            "day on, and what was before keeps its date."
        ),
    )

    class Meta:
        model = Community
        fields = ("name", "time_zone", "day_starts_at")
        help_texts = {
            "day_starts_at": _("What happens earlier counts as the day before."),
        }


@admin.register(Community)
class CommunityAdmin(RoomAdmin[Community]):
    """The one community: its list is its page."""

    form = CommunityForm
    fields = ("name", "time_zone", "day_starts_at", "fiscal_year")
    readonly_fields = ("fiscal_year",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: there is one."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:members_community_change", args=[1]))

    def save_model(self, request: HttpRequest, obj: Community, form: Any, change: bool) -> None:
        said = form.cleaned_data
        services.set_community(
            name=said["name"],
            time_zone=said["time_zone"],
            day_starts_at=said["day_starts_at"],
            fiscal_year_starts=obj.fiscal_year_starts,
        )

    def panels(self, request: HttpRequest, obj: Community) -> Sequence[Panel]:
        """Say from when another clock is in force, while it waits."""
        clock = obj.clock
        present = clock.at(timezone.now())
        if present is clock:
            return super().panels(request, obj)
        facts = [
            (_("in force now"), f"{present.zone.key}, {present.day_starts_at:%H:%M}"),
            (_("in force next"), f"{clock.zone.key}, {clock.day_starts_at:%H:%M}"),
            (_("from"), clock.since),
        ]
        return [Panel(_("Change of the clock"), facts=facts), *super().panels(request, obj)]

    @display(description=_("fiscal year starts in month"))
    def fiscal_year(self, community: Community) -> str:
        hint = _("%(month)d (changed by loading a program file, which counts the totals anew)")
        return hint % {"month": community.fiscal_year_starts}


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    """What a new key is for."""

    scopes = forms.MultipleChoiceField(
        label=_("scopes"), choices=Scope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at")
        help_texts = {
            "name": _("Who will use the key."),
            "expires_at": _("Empty: never."),
        }

    def clean_expires_at(self) -> dt.datetime | None:
        """Return when the key ends. Raises ValidationError where it would end before it begins."""
        expires_at: dt.datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError(_("This time has passed."))
        return expires_at


@admin.register(ApiKey)
class ApiKeyAdmin(RoomAdmin[ApiKey]):
    """Keys are made, shown once, looked at and revoked; nothing of a key changes."""

    form = ApiKeyForm
    list_display = ("name", "shown_prefix", "standing", "allows", "last_used_at", "expires_at")
    ordering = ("-id",)
    search_fields = ("name", "prefix")
    add_fieldsets = ((None, {"fields": ("name", "scopes", "expires_at")}),)
    fieldsets = (
        (None, {"fields": ("name", "shown_prefix", "allows")}),
        (_("Times"), {"fields": ("created_at", "last_used_at", "expires_at", "revoked_at")}),
    )
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Nobody: what a key may do is what its user was told."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may change keys, as Django's permissions call it."""
        return request.user.has_perm("members.change_apikey")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        said = form.cleaned_data
        row, key = services.create_api_key(
            name=said["name"],
            scopes=said["scopes"],
            expires_at=said["expires_at"],
            now=timezone.now(),
        )
        obj.pk, obj.prefix = row.pk, row.prefix
        request.key_to_show = key  # type: ignore[attr-defined]  # until the answer, and no longer

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the key, this once: nothing keeps it, so there is no page to go to."""
        return TemplateResponse(
            request,
            "admin/members/apikey/shown_once.html",
            {
                **self.admin_site.each_context(request),
                "title": _("The new key"),
                "opts": self.opts,
                "original": obj,
                "key": request.key_to_show,  # type: ignore[attr-defined]  # by save_model
            },
        )

    @admin.action(description=_("Revoke the selected keys"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        revoked = [key for key in queryset if services.revoke_api_key(key_id=key.pk, now=now)]
        for key in revoked:
            self.log_change(request, key, _("Revoked."))
        told = ngettext("%d key revoked.", "%d keys revoked.", len(revoked)) % len(revoked)
        self.message_user(request, told, messages.SUCCESS)

    @display(description=_("begins with"))
    def shown_prefix(self, key: ApiKey) -> str:
        return f"psk_{key.prefix}…"

    @display(description=_("allows"))
    def allows(self, key: ApiKey) -> str:
        return ", ".join(str(Scope(scope).label) for scope in key.scopes)

    @display(
        description=_("state"),
        colours={
            KeyState.LIVE: "success",
            KeyState.EXPIRED: "warning",
            KeyState.REVOKED: "danger",
        },
    )
    def standing(self, key: ApiKey) -> tuple[str, str]:
        state = key.state(now=timezone.now())
        return state.value, str(state.label)
