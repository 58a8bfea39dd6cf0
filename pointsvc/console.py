"""How the admin presents itself: whose it is, and a sidebar with a group for each room."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from members.selectors import community


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the sidebar: its title, and the tables with their icons, in order."""

    title: str | Promise
    icons: dict[str, str]
    """By `app_label.model_name`; the names are those of Material Symbols."""


GROUPS = (
    Group(
        _("Members"),
        {
            "members.member": "group",
            "members.community": "holiday_village",
            "members.apikey": "key",
        },
    ),
    Group(
        _("Points"),
        {
            "points.account": "account_balance_wallet",
            "points.entry": "receipt_long",
            "points.pendingaward": "hourglass_top",
            "points.brakecase": "policy",
            "points.adjustment": "tune",
            "points.expirynotice": "notifications",
            "points.rule": "rule",
            "points.cap": "vertical_align_top",
            "points.brake": "speed",
            "points.level": "military_tech",
            "points.segment": "groups",
        },
    ),
    Group(
        _("Activities"),
        {
            "activities.activity": "bolt",
            "activities.checkin": "calendar_month",
            "activities.post": "article",
            "activities.event": "event",
            "activities.eventseries": "event_repeat",
            "activities.attendance": "how_to_reg",
        },
    ),
    Group(
        _("Rewards"),
        {
            "rewards.reward": "redeem",
            "rewards.redemption": "shopping_bag",
            "rewards.voucher": "confirmation_number",
            "rewards.window": "event_available",
            "rewards.windowrequest": "front_hand",
            "rewards.draw": "casino",
            "rewards.drawtry": "counter_1",
            "rewards.packet": "mail",
        },
    ),
    Group(
        _("Awards"),
        {
            "voting.cycle": "trophy",
            "voting.nomination": "person_raised_hand",
            "voting.ballot": "flag",
            "voting.prize": "workspace_premium",
            "voting.ballotlook": "visibility",
        },
    ),
    Group(
        _("System"),
        {"kit.jobrun": "schedule", "auth.user": "badge", "auth.group": "shield_person"},
    ),
)


TITLES = {
    "members.community": _("Community"),
    "voting.ballot": _("Quarantined ballots"),
    "auth.user": _("Operators"),
    "auth.group": _("Operator groups"),
}
"""Where the table's plural is not the word: there is one community, and users are operators."""


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups that this operator may see something of.

    A table appears when its room has registered it, and one that no group names stands in the
    last.
    """
    seen = {
        model._meta.label_lower: model
        for model, page in admin.site._registry.items()  # noqa: SLF001 - no public way to all of them
        if page.has_module_permission(request) and page.has_view_or_change_permission(request)
    }
    rest = dict.fromkeys(
        seen.keys() - {label for group in GROUPS for label in group.icons}, "table"
    )
    last = Group(GROUPS[-1].title, GROUPS[-1].icons | dict(sorted(rest.items())))
    home = {"title": _("Overview"), "icon": "home", "link": reverse("admin:index")}
    return [
        {"title": "", "items": [home]},
        *(
            {"title": group.title, "separator": True, "items": items}
            for group in (*GROUPS[:-1], last)
            if (
                items := [
                    _item(seen[label], icon) for label, icon in group.icons.items() if label in seen
                ]
            )
        ),
    ]


def _item(model: type[Model], icon: str) -> dict[str, Any]:
    said = model._meta
    title = TITLES.get(said.label_lower) or capfirst(said.verbose_name_plural)
    link = reverse(f"admin:{said.app_label}_{said.model_name}_changelist")
    return {"title": title, "icon": icon, "link": link}


def community_name(_request: HttpRequest) -> str:
    """Return whose service this is."""
    return community().name


def icon(_request: HttpRequest) -> str:
    """Return the address of the icon of the service's pages."""
    return static("pointsvc/icon.svg")
