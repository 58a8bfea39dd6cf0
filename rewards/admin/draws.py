"""The admin's pages of lucky draws and red packets."""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import DomainError
from kit.pages import Panel, ReadOnlyAdmin, button, display
from members.models import Member
from points.admin.cells import NONE, link, link_to, plain
from rewards import selectors, services
from rewards.admin.forms import PacketForm
from rewards.admin.many import operator_of
from rewards.models import Draw, DrawPrize, DrawState, DrawTry, Packet
from rewards.services import PacketSaid

COLOURS = {
    DrawState.PLANNED.value: "info",
    DrawState.OPEN.value: "success",
    DrawState.ENDED.value: "warning",
}
SHARES_SHOWN = 200


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin[Draw]):
    """Lucky draws; the program file says them, and they begin and end by themselves."""

    list_display = ("name", "code", "shown_state", "points", "tries", "begins_at", "ends_at")
    list_filter = (("state", ChoicesRadioFilter),)
    ordering = ("-begins_at",)
    fieldsets = (
        (None, {"fields": (("name", "code", "shown_state"), ("points", "per_day", "tries"))}),
        (_("Times"), {"fields": (("begins_at", "ends_at"),)}),
    )
    actions_detail = ("see_tries",)
    change_form_outer_after_template = "admin/kit/charted.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Show as a chart how often each prize was hit."""
        found: Draw | None = kwargs.get("obj")
        if found is not None:
            context["chart_title"] = gettext("Hits, and what the odds say")
            context["chart"] = _chart(found)
        return super().render_change_form(request, context, *args, **kwargs)

    def panels(self, request: HttpRequest, obj: Draw) -> Sequence[Panel]:
        seed = selectors.seed_of(drawn=obj) if obj.is_revealed else NONE
        facts = [(_("digest of the seed"), obj.seed_digest), (_("seed"), seed)]
        return [_prizes(obj), Panel(_("Draw"), facts=facts)]

    @button(description=_("Tries"), permission="rewards.view_drawtry", icon="list")
    def see_tries(self, request: HttpRequest, object_id: str) -> HttpResponse:
        path = reverse("admin:rewards_drawtry_changelist")
        return HttpResponseRedirect(f"{path}?draw={int(object_id)}")

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, draw: Draw) -> tuple[str, str]:
        return draw.state, str(DrawState(draw.state).label)


def _chart(draw: Draw) -> str:
    hits = selectors.hits_of(draw=draw)
    prizes = selectors.prizes_of(draw=draw)
    if not hits:
        return ""
    tried = sum(hits.values())
    expected = [round(tried * prize.weight / draw.total, 1) for prize in prizes]
    bars = [
        (gettext("hits"), [hits.get(prize.pk, 0) for prize in prizes], "--color-primary-600"),
        (gettext("as the odds say"), expected, "--color-base-400"),
    ]
    return json.dumps(
        {
            "labels": [prize.code for prize in prizes],
            "datasets": [
                {"label": label, "data": data, "backgroundColor": f"var({colour})"}
                for label, data, colour in bars
            ],
        }
    )


def _prizes(draw: Draw) -> Panel:
    hits = selectors.hits_of(draw=draw)
    return Panel(
        _("Prizes"),
        headers=(
            *(_("code"), _("odds"), _("prize"), _("quota"), _("given"), _("hits")),
            _("when it is out"),
        ),
        rows=[
            (
                prize.code,
                f"{prize.weight:,} / {draw.total:,}",
                _prize(prize),
                NONE if prize.quota is None else f"{prize.capacity or prize.quota:,}",
                NONE if prize.quota is None else f"{prize.given:,}",
                f"{hits.get(prize.pk, 0):,}",
                prize.fallback.code if prize.fallback else NONE,
            )
            for prize in selectors.prizes_of(draw=draw)
        ],
    )


def _prize(prize: DrawPrize) -> str:
    if prize.reward is not None:
        return link_to(
            reverse("admin:rewards_reward_change", args=[prize.reward.pk]), prize.reward.name
        )
    if prize.points:
        return gettext("%(points)s points") % {"points": f"{prize.points:,}"}
    return gettext("nothing")


@admin.register(DrawTry)
class DrawTryAdmin(ReadOnlyAdmin[DrawTry]):
    """Who tried, and what came of it."""

    list_display = ("of_draw", "number", "of_member", "points", "hit", "prize", "created_at")
    list_select_related = ("draw", "member", "hit", "prize", "redemption")
    ordering = ("-id",)
    search_fields = ("=number", "=member__external_id")
    search_help_text = _("Number, or external id of a member")
    fieldsets = (
        (None, {"fields": (("of_draw", "number"), ("of_member", "points"), ("hit", "prize"))}),
        (_("Redemption"), {"fields": ("of_redemption", "created_at")}),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "draw" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DrawTry]:
        rows = super().get_queryset(request)
        return rows.select_related("draw", "member", "hit", "prize", "redemption")

    @display(description=_("lucky draw"))
    def of_draw(self, row: DrawTry) -> str:
        return link(Draw, row.draw_id, row.draw)

    @display(description=_("member"))
    def of_member(self, row: DrawTry) -> str:
        return link(Member, row.member_id, row.member)

    @display(description=_("redemption"))
    def of_redemption(self, row: DrawTry) -> str:
        if row.redemption_id is None:
            return NONE
        path = reverse("admin:rewards_redemption_change", args=[row.redemption_id])
        return link_to(path, row.redemption_id)


@admin.register(Packet)
class PacketAdmin(ReadOnlyAdmin[Packet]):
    """Red packets of members and of the community."""

    list_display = ("id", "greeting", "given_by", "points", "shares", "created_at", "ended")
    list_select_related = ("sender", "by")
    ordering = ("-id",)
    search_fields = ("=id", "=sender__external_id")
    search_help_text = _("Number, or external id of a member")
    fieldsets = (
        (None, {"fields": (("greeting", "given_by"), ("points", "shares", "returned"))}),
        (_("Times"), {"fields": (("created_at", "ends_at", "ended_at"),)}),
    )
    actions_list = ("give",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Packet]:
        return super().get_queryset(request).select_related("sender", "by")

    def panels(self, request: HttpRequest, obj: Packet) -> Sequence[Panel]:
        taken = selectors.taken_shares(packet=obj.pk)
        return [
            Panel(
                _("Shares"),
                headers=(_("member"), _("points"), _("taken at")),
                rows=[
                    (
                        link(Member, one.member_id, one.member),
                        f"{one.points:,}",
                        plain(one.taken_at),
                    )
                    for one in taken[:SHARES_SHOWN]
                    if one.member_id is not None
                ],
                empty=_("Nobody has taken any yet."),
            )
        ]

    @button(
        description=_("Give a red packet"),
        permission="rewards.give_packet",
        icon="redeem",
        url_path="give",
    )
    def give(self, request: HttpRequest) -> HttpResponse:
        """Ask how much for how many, and make it."""
        form = PacketForm(request.POST) if request.method == "POST" else PacketForm()
        if form.is_valid():
            said = dict(form.cleaned_data)
            hours = said.pop("hours")
            try:
                made = services.give_packet(
                    said=PacketSaid(**said), hours=hours, by=operator_of(request)
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_addition(request, made, gettext("Give a red packet"))
                self.message_user(request, gettext("Done."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:rewards_packet_change", args=[made.pk]))
        title = _("Give a red packet")
        text = _("It costs nobody; what nobody takes is not given.")
        return self.form_page(request, title=title, form=form, submit=title, text=text)

    @display(description=_("given by"))
    def given_by(self, packet: Packet) -> str:
        if packet.sender_id is None:
            return str(packet.by)
        return link(Member, packet.sender_id, packet.sender)

    @display(description=_("state"), colours={"runs": "success", "ended": "info"})
    def ended(self, packet: Packet) -> tuple[str, str]:
        if packet.ended_at is None:
            return "runs", str(_("can be taken"))
        return "ended", str(_("ended"))
