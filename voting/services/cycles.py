"""The monthly award: planned ahead, and led through its steps, each once and in order."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kit.clock import Clock
from kit.transactions import durable, take_turns
from members.selectors import community
from points.selectors import section
from voting.errors import NoSuchCycle, NotInReview
from voting.models import AWARD, STEPS, Ballot, BallotState, Cycle, CycleState, StepTaken
from voting.program_file import AwardsSection, CategorySection
from voting.rules import Electorate, Watch, planned_months, step_instants
from voting.selectors import latest_months
from voting.services.ballots import mark_ballots
from voting.services.polls import close_poll, make_poll, open_poll, publish_poll
from voting.services.prizes import name_winners, pay_prizes
from voting.services.shortlist import joined_by, make_shortlist


@dataclass(frozen=True, slots=True)
class Taken:
    """How many steps a call took, and what somebody should look at; empty if nothing."""

    steps: int = 0
    alarm: str = ""


@transaction.atomic(savepoint=False)
def plan_cycles(*, now: dt.datetime) -> int:
    """Make the cycles of the program's categories, up to the next month's; return how many.

    Months that were missed are made too. A cycle that has not begun follows the program: it is
    made anew where that has changed, and goes where its category has gone.
    """
    take_turns(name="plan of cycles")
    awards = section(shape=AwardsSection)
    clock = community().clock
    terms = {one.code: _terms(awards, one) for one in awards.categories}
    for cycle in Cycle.objects.filter(state=CycleState.SCHEDULED, nominations_at__gt=now):
        instants = _instants(clock, cycle.starts_on, terms.get(cycle.category))
        if instants is None or terms[cycle.category] != cycle.terms or not _same(cycle, instants):
            cycle.poll.delete()
    latest = latest_months()
    made = 0
    for code, said in terms.items():
        for month in planned_months(today=clock.local_date(now), latest=latest.get(code)):
            _make(clock, code, month, said)
            made += 1
    return made


def _terms(awards: AwardsSection, category: CategorySection) -> dict[str, Any]:
    common = awards.model_dump(mode="json", exclude={"categories"})
    return {**common, **category.model_dump(mode="json", exclude={"code"})}


def _instants(
    clock: Clock, month: dt.date, terms: Mapping[str, Any] | None
) -> dict[str, dt.datetime] | None:
    if terms is None:
        return None
    return step_instants(clock=clock, month=month, days=terms["calendar"])


def _same(cycle: Cycle, instants: Mapping[str, dt.datetime]) -> bool:
    return list(cycle.instants().values()) == list(instants.values())


def _make(clock: Clock, code: str, month: dt.date, terms: Mapping[str, Any]) -> None:
    at = step_instants(clock=clock, month=month, days=terms["calendar"])
    poll = make_poll(
        kind=AWARD,
        title=f"{terms['name']} {month:%Y-%m}",
        rule=Electorate(
            joined_by=joined_by(instant=at["opens"], days=terms["voter_joined_days"]),
            active_in=month,
        ),
        opens_at=at["opens"],
        closes_at=at["closes"],
        most=terms["picks"],
        quorum=terms["quorum"],
    )
    Cycle.objects.create(
        poll=poll,
        category=code,
        starts_on=month,
        terms=terms,
        nominations_at=at["nominations"],
        shortlist_at=at["shortlist"],
        review_at=at["review"],
        publish_at=at["publish"],
        reward_at=at["reward"],
    )


@transaction.atomic(savepoint=False)
def take_step(*, category: str, month: dt.date, step: CycleState, now: dt.datetime) -> Taken:
    """Lead a cycle through this step and all before it that have come; each is taken once.

    However late, and whoever else is at it: the cycle's row is held, and no state comes twice. A
    cycle that is further already, or gone, is left alone.
    """
    rows = Cycle.objects.select_for_update(no_key=True, of=("self",)).select_related("poll")
    cycle = rows.filter(category=category, starts_on=month).first()
    if cycle is None:
        return Taken()
    alarms, steps = [], 0
    for coming in STEPS[: STEPS.index(step) + 1]:
        if coming not in _ahead(cycle) or cycle.instants()[coming] > now:
            continue
        alarms.append(_take(cycle, coming, now))
        steps += 1
    return Taken(steps, "\n".join(filter(None, alarms)))


@durable
def publish_cycle(*, cycle: int, now: dt.datetime) -> Cycle:
    """Publish a cycle in review before its instant. Raises NoSuchCycle, NotInReview."""
    rows = Cycle.objects.select_for_update(no_key=True, of=("self",)).select_related("poll")
    found = rows.filter(pk=cycle).first()
    if found is None:
        raise NoSuchCycle
    if found.state != CycleState.REVIEW:
        raise NotInReview
    _take(found, CycleState.PUBLISHED, now)
    return found


def _ahead(cycle: Cycle) -> tuple[CycleState, ...]:
    passed = list(CycleState).index(CycleState(cycle.state))
    return STEPS[passed:]


def _take(cycle: Cycle, step: CycleState, now: dt.datetime) -> str:
    """Take one step, under the cycle's lock; return what somebody should look at."""
    alarm = WORK[step](cycle, now)
    cycle.state = step
    cycle.save(update_fields=["state", "basis"])
    StepTaken.objects.create(cycle=cycle, step=step, taken_at=now)
    return alarm


def _nothing(_cycle: Cycle, _now: dt.datetime) -> str:
    return ""


def _shortlist(cycle: Cycle, _now: dt.datetime) -> str:
    if make_shortlist(cycle=cycle):
        return ""
    return _("%(cycle)s: nobody stands.") % {"cycle": cycle}


def _open(cycle: Cycle, _now: dt.datetime) -> str:
    open_poll(poll=cycle.pk)
    return ""


def _freeze(cycle: Cycle, _now: dt.datetime) -> str:
    close_poll(poll=cycle.pk)
    return ""


def _review(cycle: Cycle, _now: dt.datetime) -> str:
    said = cycle.terms["fairness"]
    watch = Watch(
        new_since=joined_by(instant=cycle.poll.opens_at, days=said["new_days"]),
        cluster=said["cluster"],
        burst_ballots=said["burst_ballots"],
        burst_seconds=said["burst_seconds"],
        mutual_pairs=said["mutual_pairs"],
    )
    marked = mark_ballots(poll=cycle.pk, watch=watch)
    if not marked:
        return ""
    told = _("%(cycle)s: %(count)d ballots wait for a decision.")
    return told % {"cycle": cycle, "count": marked}


def _publish(cycle: Cycle, _now: dt.datetime) -> str:
    publish_poll(poll=cycle.pk)
    cycle.poll.refresh_from_db()
    cycle.basis = name_winners(cycle=cycle)
    left = Ballot.objects.filter(poll=cycle.pk, state=BallotState.QUARANTINED).count()
    if not left:
        return ""
    told = _("%(cycle)s: published with %(count)d ballots that nobody had decided about.")
    return told % {"cycle": cycle, "count": left}


def _reward(cycle: Cycle, now: dt.datetime) -> str:
    missing = pay_prizes(cycle=cycle, now=now)
    if not missing:
        return ""
    told = _("%(cycle)s: these rewards could not be given: %(rewards)s.")
    rewards = ", ".join(sorted({prize.reward for prize in missing}))
    return told % {"cycle": cycle, "rewards": rewards}


WORK: Mapping[CycleState, Callable[[Cycle, dt.datetime], str]] = {
    CycleState.NOMINATIONS: _nothing,
    CycleState.SHORTLIST: _shortlist,
    CycleState.VOTING: _open,
    CycleState.FROZEN: _freeze,
    CycleState.REVIEW: _review,
    CycleState.PUBLISHED: _publish,
    CycleState.REWARDED: _reward,
}
"""What each step does before its state is entered."""
