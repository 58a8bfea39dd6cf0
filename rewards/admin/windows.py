"""The admin's pages of redemption windows: the timeline, requests against quotas, the result."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.pages import Panel, ReadOnlyAdmin, button, display
from members.models import Member
from points.admin.cells import NONE, link, link_to, plain
from points.admin.forms import ApprovalForm
from rewards import selectors, services
from rewards.admin.forms import DelayForm
from rewards.admin.many import operator_of
from rewards.models import (
    TAKES_REQUESTS,
    RequestState,
    Reward,
    Window,
    WindowRequest,
    WindowState,
)

COLOURS = {
    WindowState.SCHEDULED.value: "info",
    WindowState.OPEN.value: "success",
    WindowState.CLOSED.value: "warning",
    WindowState.ALLOCATING.value: "warning",
    WindowState.REVIEW.value: "warning",
    WindowState.PUBLISHED.value: "success",
    WindowState.SETTLED.value: "success",
}
REQUEST_COLOURS = {
    RequestState.INTENT.value: "info",
    RequestState.HELD.value: "info",
    RequestState.UNFUNDED.value: "warning",
    RequestState.WITHDRAWN.value: "danger",
    RequestState.WON.value: "success",
    RequestState.LOST.value: "warning",
}


@admin.register(Window)
class WindowAdmin(ReadOnlyAdmin[Window]):
    """The windows quarter by quarter; they take their steps by themselves."""

    list_display = ("name", "shown_state", "policy", "opens_at", "closes_at", "publish_at")
    list_filter = (("state", ChoicesRadioFilter),)
    ordering = ("-starts_on",)
    fieldsets = (
        (None, {"fields": (("name", "shown_state", "policy"), ("approved_by", "approved_at"))}),
    )
    actions_detail = ("see_requests", "approve", "extend")
    change_form_outer_after_template = "admin/kit/charted.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Show as a chart how many points the requests commit."""
        found: Window | None = kwargs.get("obj")
        if found is not None:
            context["chart_title"] = gettext("Points committed")
            context["chart"] = _chart(found)
        return super().render_change_form(request, context, *args, **kwargs)

    def panels(self, request: HttpRequest, obj: Window) -> Sequence[Panel]:
        return [_timeline(obj), _items(obj), *_draw(obj), *_delays(obj)]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer what fits the window's state."""
        found = self.get_object(request, object_id)
        if found is None:
            return ()
        left_out = {
            *(() if selectors.waits_for_approval(window=found) else ("approve",)),
            *(() if found.state in TAKES_REQUESTS else ("extend",)),
        }
        skin: Any = super()
        return [
            one
            for one in skin.get_actions_detail(request, object_id)
            if one.method.original_function_name not in left_out
        ]

    @button(description=_("Requests"), permission="rewards.view_windowrequest", icon="list")
    def see_requests(self, request: HttpRequest, object_id: str) -> HttpResponse:
        path = reverse("admin:rewards_windowrequest_changelist")
        return HttpResponseRedirect(f"{path}?window={self._found(request, object_id).pk}")

    @button(description=_("Approve"), permission="rewards.publish_window", icon="check")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then let the result be published when that is due."""

        def approve(found: Window, _said: dict[str, Any]) -> object:
            return services.approve_window(id=found.pk, by=operator_of(request))

        text = _("It is published when that is due, and what is won is paid. It stays so.")
        return self.ask(
            request, object_id, form=ApprovalForm, act=approve, title=_("Approve"), text=text
        )

    @button(description=_("Extend"), permission="rewards.publish_window", icon="more_time")
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for how long and why, then close later."""

        def extend(found: Window, said: dict[str, Any]) -> object:
            closes_at = found.closes_at + dt.timedelta(hours=said["hours"])
            by, reason = operator_of(request), said["reason"]
            return services.extend_window(id=found.pk, closes_at=closes_at, reason=reason, by=by)

        text = _("All that comes after the close is as much later.")
        return self.ask(
            request, object_id, form=DelayForm, act=extend, title=_("Extend"), text=text
        )

    def _found(self, request: HttpRequest, object_id: str) -> Window:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, window: Window) -> tuple[str, str]:
        return window.state, str(WindowState(window.state).label)


def _chart(window: Window) -> str:
    """Return the points that requests set aside, by reward, as the skin's chart takes them."""
    shown = selectors.window_items(window=window)
    data = [one.points for one in shown]
    if not any(data):
        return ""
    colour = "var(--color-primary-600)"
    names = [one.item.reward.name for one in shown]
    return json.dumps({"labels": names, "datasets": [{"data": data, "backgroundColor": colour}]})


def _timeline(window: Window) -> Panel:
    passed = list(WindowState).index(WindowState(window.state))
    return Panel(
        _("Timeline"),
        headers=(_("step"), _("due at"), _("done")),
        rows=[
            *(
                (
                    step.label,
                    plain(due_at),
                    _("yes") if list(WindowState).index(step) <= passed else _("no"),
                )
                for step, due_at in window.instants().items()
            ),
            (_("fulfilled by"), plain(window.fulfil_by_at), NONE),
        ],
    )


def _items(window: Window) -> Panel:
    """What is offered, asked for and given: before the publication, a preview."""
    return Panel(
        _("Rewards"),
        headers=(_("reward"), _("price in points"), _("quota"), _("requests"), _("won")),
        rows=[
            (
                link(Reward, one.item.reward_id, one.item.reward.name),
                f"{one.item.points or one.item.reward.points:,}",
                f"{one.item.quota:,}"
                if one.item.capacity in {None, one.item.quota}
                else f"{one.item.capacity:,} / {one.item.quota:,}",
                f"{one.requests:,}",
                f"{one.won:,}",
            )
            for one in selectors.window_items(window=window)
        ],
    )


def _draw(window: Window) -> list[Panel]:
    if window.policy != "draw":
        return []
    seed = selectors.revealed_seed(window=window)
    return [
        Panel(
            _("Draw"),
            facts=[(_("digest of the seed"), window.seed_digest), (_("seed"), seed or NONE)],
        )
    ]


def _delays(window: Window) -> list[Panel]:
    rows = [
        (plain(one.before_at), plain(one.after_at), one.reason, one.by)
        for one in window.delays.select_related("by").order_by("id")
    ]
    headers = (_("closed at before"), _("closes at"), _("reason"), _("by"))
    return [Panel(_("Extensions"), headers=headers, rows=rows)] if rows else []


@admin.register(WindowRequest)
class WindowRequestAdmin(ReadOnlyAdmin[WindowRequest]):
    """Who asks for what, and what came of it."""

    list_display = (
        *("id", "of_window", "of_reward", "of_member", "points", "shown_state", "rank"),
        "created_at",
    )
    list_filter = (("state", ChoicesRadioFilter),)
    list_select_related = ("window", "member", "item__reward", "redemption")
    ordering = ("-id",)
    search_fields = ("=id", "=member__external_id")
    search_help_text = _("Number, or external id of a member")
    fieldsets = (
        (None, {"fields": (("id", "shown_state", "rank"), ("of_window", "of_reward"))}),
        (_("Member"), {"fields": (("of_member", "level", "points"), ("of_redemption",))}),
        (_("Times"), {"fields": (("created_at", "held_at", "settled_at"),)}),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "window" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WindowRequest]:
        rows = super().get_queryset(request)
        return rows.select_related("window", "member", "item__reward", "redemption")

    @display(description=_("window"))
    def of_window(self, row: WindowRequest) -> str:
        return link(Window, row.window_id, row.window)

    @display(description=_("reward"))
    def of_reward(self, row: WindowRequest) -> str:
        return link(Reward, row.item.reward_id, row.item.reward.name)

    @display(description=_("member"))
    def of_member(self, row: WindowRequest) -> str:
        return link(Member, row.member_id, row.member)

    @display(description=_("redemption"))
    def of_redemption(self, row: WindowRequest) -> str:
        if row.redemption_id is None:
            return NONE
        path = reverse("admin:rewards_redemption_change", args=[row.redemption_id])
        return link_to(path, row.redemption_id)

    @display(description=_("state"), colours=REQUEST_COLOURS)
    def shown_state(self, row: WindowRequest) -> tuple[str, str]:
        return row.state, str(RequestState(row.state).label)
