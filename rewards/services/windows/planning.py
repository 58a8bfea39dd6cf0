"""Making the windows of the quarters ahead, from the program's template."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kit.clock import Clock, Period
from kit.transactions import take_turns
from members.selectors import community
from points.selectors import section
from rewards.models import Reward, Window, WindowItem, WindowState
from rewards.program_file import WindowsSection
from rewards.rules import planned_quarters, seed_digest, window_instants
from rewards.selectors import vault
from rewards.services.windows.requests import turn_of


@dataclass(frozen=True, slots=True)
class WindowsPlanned:
    """How many windows were made, and what somebody should look at; empty if nothing."""

    made: int = 0
    alarm: str = ""


@transaction.atomic(savepoint=False)
def plan_windows(*, now: dt.datetime) -> WindowsPlanned:
    """Make the windows of this quarter and the next that have not closed yet.

    A window that has not opened, in which nobody has asked for anything and that no operator has
    extended, follows the program: it is made anew where that has changed, and goes where the
    catalogue has.
    """
    take_turns(name="plan of windows")
    said = section(shape=WindowsSection)
    clock = community().clock
    rewards = {reward.code: reward for reward in Reward.objects.all()}
    missing = [item.reward for item in said.catalogue if item.reward not in rewards]
    terms = said.model_dump(mode="json")
    terms["catalogue"] = [item for item in terms["catalogue"] if item["reward"] in rewards]
    _drop_outdated(clock, terms, now)
    made = 0
    for quarter in planned_quarters(clock=clock, today=clock.local_date(now)):
        at = window_instants(clock=clock, quarter=quarter, days=terms["calendar"])
        is_there = Window.objects.filter(starts_on=quarter).exists()
        if terms["catalogue"] and at["closes"] > now and not is_there:
            _make(clock.period_name(quarter, Period.QUARTER), quarter, at, terms, rewards)
            made += 1
    return WindowsPlanned(made, _alarm(missing))


def _alarm(missing: list[str]) -> str:
    if not missing:
        return ""
    told = _("The windows of the program offer rewards that do not exist: %(codes)s.")
    return told % {"codes": ", ".join(missing)}


def _drop_outdated(clock: Clock, terms: Mapping[str, Any], now: dt.datetime) -> None:
    ahead = Window.objects.filter(state=WindowState.SCHEDULED, opens_at__gt=now)
    untouched = ahead.filter(requests=None, delays=None)
    for window in untouched:
        at = window_instants(clock=clock, quarter=window.starts_on, days=terms["calendar"])
        kept = [*window.instants().values(), window.fulfil_by_at]
        if window.terms != terms or list(at.values()) != kept:
            take_turns(name=turn_of(window=window))
            # Somebody may have asked for something, or extended it, until now.
            untouched.filter(pk=window.pk).delete()


def _make(
    name: str,
    quarter: dt.date,
    at: Mapping[str, dt.datetime],
    terms: Mapping[str, Any],
    rewards: Mapping[str, Reward],
) -> None:
    seed = secrets.token_hex(32)
    window = Window.objects.create(
        starts_on=quarter,
        name=name,
        policy=terms["policy"],
        terms=terms,
        opens_at=at["opens"],
        closes_at=at["closes"],
        allocate_at=at["allocate"],
        publish_at=at["publish"],
        settle_at=at["settle"],
        fulfil_by_at=at["fulfil_by"],
        seed=vault().seal(seed),
        seed_digest=seed_digest(seed=seed),
    )
    WindowItem.objects.bulk_create(
        WindowItem(
            window=window,
            reward=rewards[item["reward"]],
            position=position,
            quota=item["quota"],
            points=item["points"],
        )
        for position, item in enumerate(terms["catalogue"])
    )
