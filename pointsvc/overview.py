"""The admin's first page: what waits for a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import activities.selectors
import points.selectors
import rewards.selectors
import voting.selectors
from kit import jobs


@dataclass(frozen=True, slots=True)
class Desk:
    """Where operators decide: the table, how many rows wait there, and which these are."""

    title: str | Promise
    table: str
    count: Callable[[], int]
    which: str


DESKS = (
    Desk(
        _("Posts to review"),
        "activities.post",
        activities.selectors.waiting_posts,
        "state__exact=pending",
    ),
    Desk(_("Open cases"), "points.brakecase", points.selectors.open_cases, "state__exact=open"),
    Desk(
        _("Pending awards to decide"),
        "points.pendingaward",
        points.selectors.awards_to_decide,
        "state__exact=waiting",
    ),
    Desk(
        _("Adjustments for a second person"),
        "points.adjustment",
        points.selectors.waiting_adjustments,
        "state__exact=waiting",
    ),
    Desk(_("Redemptions to handle"), "rewards.redemption", rewards.selectors.orders_to_handle, ""),
    Desk(
        _("Rewards running low"),
        "rewards.reward",
        rewards.selectors.rewards_running_low,
        "running_low=yes",
    ),
    Desk(
        _("Windows to approve"),
        "rewards.window",
        rewards.selectors.windows_to_approve,
        "state__exact=review",
    ),
    Desk(
        _("Ballots to judge"),
        "voting.ballot",
        voting.selectors.ballots_to_judge,
        "state__exact=quarantined",
    ),
    Desk(_("Jobs that failed"), "kit.jobrun", jobs.failed_runs, "state__exact=failed"),
)


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the desks that this operator may see, each with how much waits there."""
    shown = {
        model["model"]._meta.label_lower: model["admin_url"]
        for app in admin.site.get_app_list(request)
        for model in app["models"]
    }
    context["desks"] = [
        {
            "title": desk.title,
            "count": desk.count(),
            "link": f"{shown[desk.table]}?{desk.which}" if desk.which else shown[desk.table],
        }
        for desk in DESKS
        if shown.get(desk.table)
    ]
    return context
