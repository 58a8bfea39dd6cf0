"""The admin's pages of accounts."""

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.errors import Text
from kit.pages import Panel, ReadOnlyAdmin, display
from members.models import Member
from points import selectors
from points.admin.cells import NONE, link, link_to, signed
from points.models import Account, Entry, EntryKind, Hold, Lot, PendingAward


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin[Account]):
    """Members' totals, those who earned most first."""

    list_display = (
        *("member_shown", "live_available", "pending", "held", "debt", "lifetime"),
        "shown_level",
    )
    ordering = ("-lifetime", "lifetime_reached_at", "member")
    search_fields = ("member__external_id", "member__nickname")
    search_help_text = _("External id or nickname")
    fieldsets = (
        (None, {"fields": ("of_member", ("shown_level", "lifetime", "lifetime_reached_at"))}),
        (_("Points"), {"fields": (("live_available", "pending", "held", "debt"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        live = selectors.live_points(member="member", available="available", now=timezone.now())
        return super().get_queryset(request).select_related("member", "level").annotate(live=live)

    def panels(self, request: HttpRequest, obj: Account) -> Sequence[Panel]:
        shown = selectors.account_page(account=obj)
        waiting = selectors.waiting_of(member=obj.member_id)
        return [
            _lots(shown.lots, timezone.now()),
            *_holds(shown.holds),
            *_pending(waiting),
            _latest(shown.latest, obj.member),
        ]

    @display(description=_("member"))
    def member_shown(self, account: Account) -> str:
        return str(account.member)

    @display(description=_("member"))
    def of_member(self, account: Account) -> str:
        return link(Member, account.member_id, account.member)

    @display(description=_("available"))
    def live_available(self, account: Account) -> int:
        live: int = account.live  # type: ignore[attr-defined]  # annotated
        return live

    @display(description=_("level"))
    def shown_level(self, account: Account) -> str:
        return account.level.name if account.level else NONE


def entries_of(member: Member) -> str:
    """Return the address of a member's entries."""
    return f"{reverse('admin:points_entry_changelist')}?{urlencode({'q': member.external_id})}"


def _lots(lots: list[Lot], now: dt.datetime) -> Panel:
    return Panel(
        _("Lots"),
        headers=(_("expires at"), _("granted"), _("remaining"), _("held"), _("state")),
        rows=[
            (lot.expires_at or _("never"), lot.granted, lot.remaining, lot.held, _state(lot, now))
            for lot in lots
        ],
        empty=_("No lot holds points."),
    )


def _state(lot: Lot, now: dt.datetime) -> Text:
    if lot.expires_at is None or now < lot.expires_at:
        return _("can be spent")
    return _("lapsed; what is held stays") if lot.held else _("lapsed")


def _holds(holds: list[Hold]) -> list[Panel]:
    headers = (_("created at"), _("points"), _("reference"))
    rows = [(hold.created_at, hold.points, hold.reference) for hold in holds]
    return [Panel(_("Set aside"), headers=headers, rows=rows)] if rows else []


def _pending(waiting: list[PendingAward]) -> list[Panel]:
    headers = (_("created at"), _("points"), _("released at"), _("rule"))
    rows = [
        (
            award.created_at,
            award.points,
            award.shown_release_at or _("by decision"),
            link(PendingAward, award.pk, award.rule_version.rule.code),
        )
        for award in waiting
    ]
    return [Panel(_("Pending"), headers=headers, rows=rows)] if rows else []


def _latest(latest: list[Entry], member: Member) -> Panel:
    headers = (_("posted at"), _("kind"), _("points"), _("net after"), _("reference"), _("why"))
    rows: list[Sequence[object]] = [
        (
            *(entry.posted_at, EntryKind(entry.kind).label, signed(entry.points)),
            *(entry.net_after, entry.reference, link(Entry, entry.pk, _("Why?"))),
        )
        for entry in latest
    ]
    rows.append((link_to(entries_of(member), _("All entries")), *[""] * 5))
    return Panel(_("Latest entries"), headers=headers, rows=rows)
