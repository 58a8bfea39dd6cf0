"""The admin's pages of notices: what members are told before their points lapse."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.pages import ReadOnlyAdmin, display
from members.models import Member
from points import selectors
from points.admin.cells import link
from points.models import ExpiryNotice


@admin.register(ExpiryNotice)
class ExpiryNoticeAdmin(ReadOnlyAdmin[ExpiryNotice]):
    """Notices, the newest first. How many points lapse is counted when it is looked at."""

    list_display = ("created_at", "of_member", "expires_on", "step_days", "sent_at")
    list_display_links = ("created_at",)
    list_select_related = ("member",)
    ordering = ("-id",)
    search_fields = ("=member__external_id",)
    search_help_text = _("External id")
    fieldsets = (
        (None, {"fields": ("of_member", ("expires_on", "step_days"), "points_now")}),
        (None, {"fields": (("created_at", "sent_at"),)}),
    )

    @display(description=_("member"))
    def of_member(self, notice: ExpiryNotice) -> str:
        return link(Member, notice.member_id, notice.member)

    @display(description=_("points as of now"))
    def points_now(self, notice: ExpiryNotice) -> int:
        told = selectors.notices(member=notice.member_id, now=timezone.now())
        lapsing = told.lapsing.get(notice.expires_on)
        return lapsing.points if lapsing else 0
