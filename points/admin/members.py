"""What the points room adds to the admin's pages of members."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.pages import Panel, button, display
from members.admin import MemberAdmin
from members.models import Member
from points import selectors
from points.admin.accounts import entries_of
from points.admin.cells import NONE, facts, plain

admin.site.unregister(Member)


@admin.register(Member)
class PointsMemberAdmin(MemberAdmin):
    """Members with their level and points."""

    list_display = (*MemberAdmin.list_display[:3], "level", "live_points", "joined_at")
    actions_detail: tuple[str, ...] = ("see_entries", "adjust_points")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        live = selectors.live_points(
            member="pk", available="account__available", now=timezone.now()
        )
        found = super().get_queryset(request)
        return found.select_related("account__level").annotate(live=live)

    def panels(self, request: HttpRequest, obj: Member) -> Sequence[Panel]:
        """Return the member's points below what others show of the member."""
        shown = selectors.account(member=obj.pk)
        if shown is None or not request.user.has_perm("points.view_account"):
            return super().panels(request, obj)
        level = self.level(obj)
        totals = [
            (_("available"), shown.available),
            (_("pending"), shown.pending),
            (_("held"), shown.held),
            (_("debt"), shown.debt),
            (_("lifetime"), shown.lifetime),
            (_("level"), level),
        ]
        return [facts(_("Points"), totals), *super().panels(request, obj)]

    @button(description=_("Entries"), permission="points.view_entry", icon="receipt_long")
    def see_entries(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member = self.get_object(request, object_id)
        if member is None:
            raise Http404
        return HttpResponseRedirect(entries_of(member))

    @button(description=_("Adjust points"), permission="points.add_adjustment", icon="tune")
    def adjust_points(self, request: HttpRequest, object_id: str) -> HttpResponse:
        query = urlencode({"member": object_id})
        return HttpResponseRedirect(f"{reverse('admin:points_adjustment_add')}?{query}")

    @display(description=_("level"))
    def level(self, member: Member) -> str:
        account = getattr(member, "account", None)
        return account.level.name if account and account.level else NONE

    @display(description=_("available"))
    def live_points(self, member: Member) -> object:
        return plain(member.live)  # type: ignore[attr-defined]  # annotated
