"""What the page of a cycle shows below its fields."""

import datetime as dt
import json
from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kit.errors import Text
from kit.pages import Panel
from members.models import Member
from points.admin.cells import NONE, link, link_to, plain
from voting import selectors
from voting.admin.ballots import MARKS
from voting.models import Cycle, CycleState
from voting.selectors import NamedBallot, Turnout

HOUR = dt.timedelta(hours=1)


def chart(shown: Turnout) -> str:
    """Return the ballots of each hour as the skin's bar chart takes them, hours without any too."""
    counts = dict(shown.hours)
    first, last = shown.hours[0][0], shown.hours[-1][0]
    count_of_hours = (last - first) // HOUR + 1
    hours = [first + number * HOUR for number in range(count_of_hours)]
    zone = timezone.get_current_timezone()
    return json.dumps(
        {
            "labels": [f"{hour.astimezone(zone):%m-%d %H:%M}" for hour in hours],
            "datasets": [
                {
                    "data": [counts.get(hour, 0) for hour in hours],
                    "backgroundColor": "var(--color-primary-600)",
                }
            ],
        }
    )


def timeline(cycle: Cycle) -> Panel:
    """What is due when, and when it was done."""
    taken = dict(cycle.steps.values_list("step", "taken_at"))
    return Panel(
        _("Timeline"),
        headers=(_("step"), _("due at"), _("taken at")),
        rows=[
            (CycleState(step).label, plain(due_at), plain(taken.get(step)))
            for step, due_at in cycle.instants().items()
        ],
    )


def turnout(cycle: Cycle) -> Panel:
    """How many may vote, and how many have."""
    shown = selectors.turnout(poll=cycle.pk)
    facts: list[tuple[Text, object]] = [
        (_("may vote"), f"{shown.voters:,}"),
        (_("have voted"), f"{shown.ballots:,}"),
        (_("wait for a decision"), f"{shown.waiting:,}"),
    ]
    if cycle.is_published:
        facts.append((_("ballots counted"), f"{cycle.poll.counted:,}"))
        facts.append((_("ballots quarantined"), f"{cycle.poll.quarantined:,}"))
    return Panel(_("Turnout"), facts=facts)


def candidates(cycle: Cycle) -> Panel:
    """Who stands. Votes are told once everybody may see them."""
    headers = [_("member"), _("points"), _("members helped"), _("nominated by"), _("by points")]
    votes = (_("rank"), _("votes"), _("quarantined votes")) if cycle.is_published else ()
    return Panel(
        _("Candidates"),
        headers=(*headers, *votes),
        rows=[
            (
                link(Member, one.member_id, one.member),
                f"{one.points:,}",
                one.helped,
                one.nominators,
                _("yes") if one.is_top else _("no"),
                *(
                    (one.option.rank, one.option.votes, one.option.quarantined)
                    if cycle.is_published
                    else ()
                ),
            )
            for one in selectors.candidates(cycle=cycle)
        ],
        empty=_("Nobody yet."),
    )


def winners(cycle: Cycle) -> Panel:
    """What was won."""
    rows = cycle.prizes.select_related("member").order_by("place", "id")
    return Panel(
        _("Prizes"),
        headers=(
            *(_("place"), _("member"), _("points"), _("title"), _("reward"), _("paid at")),
            _("revoked at"),
        ),
        rows=[
            (
                link_to(reverse("admin:voting_prize_change", args=[one.pk]), one.place),
                one.member,
                f"{one.points:,}",
                one.title or NONE,
                one.reward or NONE,
                plain(one.paid_at),
                plain(one.revoked_at),
            )
            for one in rows
        ],
        empty=_("None yet."),
    )


def named(ballots: Sequence[NamedBallot]) -> Panel:
    """Who cast which ballot."""
    return Panel(
        _("Ballots by name"),
        headers=(_("voter"), _("picks"), _("cast at"), _("state"), _("marks")),
        rows=[
            (
                one.voter,
                ", ".join(one.picks),
                plain(one.cast_at),
                one.state_label,
                ", ".join(str(MARKS.get(mark, mark)) for mark in one.marks) or NONE,
            )
            for one in ballots
        ],
        empty=_("Nobody has voted."),
    )
