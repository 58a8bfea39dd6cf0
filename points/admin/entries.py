"""The admin's pages of entries: what moved, and why."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kit.pages import Panel, ReadOnlyAdmin, RoomAdmin, display
from members.models import Member
from points import selectors
from points.admin.cells import (
    KIND_COLOURS,
    NONE,
    TIMES,
    facts,
    link,
    link_to,
    points_of,
    read,
    signed,
)
from points.models import Entry, EntryKind
from points.selectors import Explanation


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin[Entry]):
    """The ledger, newest first. Each entry's page explains it."""

    list_display = (
        *("posted_at", "of_member", "shown_kind", "shown_points", "net_after"),
        *("shown_action", "reference", "why"),
    )
    list_display_links = ("posted_at",)
    ordering = ("-id",)
    search_fields = ("reference",)
    search_help_text = _("External id of a member, id of an activity, or reference")
    fieldsets = (
        (None, {"fields": (("of_member", "shown_kind"), ("shown_points", "net_after"))}),
        (_("Names"), {"fields": (("shown_action", "of_activity"), ("reference", "reason"))}),
        (
            _("Times"),
            {"fields": (("posted_at", "occurred_at"), ("occurred_on", "expires_at"))},
        ),
    )
    # Why comes first.
    change_form_outer_before_template = RoomAdmin.change_form_outer_after_template
    change_form_outer_after_template = None

    activity_page: ClassVar[str] = ""
    """The name of an activity's page, told by the room above that has it."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        related = ("member", "rule_version__rule", "reverses__rule_version", "reversed_by")
        return super().get_queryset(request).select_related(*related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        if not search_term.strip():
            return queryset, False
        return selectors.find_entries(among=queryset, text=search_term.strip()), False

    def panels(self, request: HttpRequest, obj: Entry) -> Sequence[Panel]:
        return explained(selectors.explanation(entry=obj))

    @display(description=_("member"))
    def of_member(self, entry: Entry) -> str:
        return link(Member, entry.member_id, entry.member)

    @display(description=_("kind"), colours=KIND_COLOURS)
    def shown_kind(self, entry: Entry) -> tuple[str, str]:
        return entry.kind, str(EntryKind(entry.kind).label)

    @display(description=_("points"))
    def shown_points(self, entry: Entry) -> str:
        return signed(entry.points)

    @display(description=_("action"))
    def shown_action(self, entry: Entry) -> str:
        return entry.action or NONE

    @display(description=_("activity"))
    def of_activity(self, entry: Entry) -> str:
        if not entry.activity or not self.activity_page:
            return entry.activity or NONE
        return link_to(reverse(self.activity_page, args=[quote(entry.activity)]), entry.activity)

    @display(description=_("why"))
    def why(self, entry: Entry) -> str:
        return link(Entry, entry.pk, _("Why?"))


def explained(why: Explanation) -> list[Panel]:
    """Return an explanation as panels: the sentence, the rule, the caps and the lots."""
    pairs: list[tuple[Any, object]] = []
    if why.rule is not None:
        pairs += [
            (_("rule"), why.rule.code),
            (_("version"), why.rule.version),
            (_("grants"), points_of(why.rule)),
            *([(_("condition"), why.rule.conditions)] if why.rule.conditions else []),
            *([(_("read from the data"), read(why.inputs))] if why.inputs else []),
            (_("base"), why.base),
        ]
    if why.level is not None:
        pairs += [(_("level"), f"{why.level} ({TIMES} {why.multiplier})")]
    if why.asked is not None:
        pairs += [(_("asked for"), signed(why.asked))]
    if why.debt_moved:
        pairs += [(_("debt moved"), signed(why.debt_moved))]
    for title, entry in (
        (_("reverses"), why.reverses),
        (_("reversed by"), why.reversed_by),
        (_("refunds"), why.refunds),
    ):
        if entry is not None:
            pairs += [(title, link(Entry, entry, _("entry %(id)d") % {"id": entry}))]
    return [facts(_("Why"), pairs, why.sentence), *_caps(why), *_lots(why)]


def _caps(why: Explanation) -> list[Panel]:
    if not why.caps:
        return []
    headers = (
        *(_("cap"), _("counts from"), _("limit"), _("used before")),
        *(_("asked for"), _("let through"), _("used after")),
    )
    rows = [
        (
            *(cap.code, cap.starts_on, cap.limit, cap.used_before),
            *(cap.asked, cap.let_through, cap.used_after),
        )
        for cap in why.caps
    ]
    return [Panel(_("Caps"), headers=headers, rows=rows)]


def _lots(why: Explanation) -> list[Panel]:
    if not why.lots:
        return []
    rows = [(lot.points, lot.expires_at or _("never")) for lot in why.lots]
    return [Panel(_("Lots"), headers=(_("points"), _("expires at")), rows=rows)]
