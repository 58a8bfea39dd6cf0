"""Cycles as members and operators see them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Max, QuerySet

from members.models import Member
from voting.errors import NoSuchCycle
from voting.models import Ballot, Candidate, Cycle, Voter
from voting.rules import shuffled

NEWEST_FIRST = ("-starts_on", "category")


@dataclass(frozen=True, slots=True)
class CandidateShown:
    """A candidate and what they did in the month. `option` is what a ballot picks."""

    option: int
    member: Member
    points: int
    contributions: Mapping[str, int]
    nominators: int


@dataclass(frozen=True, slots=True)
class CycleShown:
    """A cycle before one member, the candidates in that member's own order."""

    cycle: Cycle
    may_vote: bool
    has_voted: bool
    candidates: Sequence[CandidateShown] = field(default_factory=list)


def cycles() -> QuerySet[Cycle]:
    """Return all cycles."""
    return Cycle.objects.select_related("poll")


def cycle(*, cycle_id: int) -> Cycle:
    """Return the cycle with that id. Raises NoSuchCycle."""
    found = cycles().filter(pk=cycle_id).first()
    if found is None:
        raise NoSuchCycle
    return found


def cycle_shown(*, cycle_id: int, member: int) -> CycleShown:
    """Return the cycle as the member sees it. Raises NoSuchCycle. No count of votes is told.

    The order of the candidates is the member's own, and stays.
    """
    found = cycle(cycle_id=cycle_id)
    standing = {one.option_id: one for one in candidates(cycle=found)}
    order = shuffled(seed=found.poll.seed, voter=member, options=standing)
    return CycleShown(
        cycle=found,
        may_vote=Voter.objects.filter(poll=cycle_id, member=member).exists(),
        has_voted=Ballot.objects.filter(poll=cycle_id, voter=member).exists(),
        candidates=[shown(candidate=standing[option]) for option in order],
    )


def candidates(*, cycle: Cycle) -> QuerySet[Candidate]:
    """Return those on the shortlist, most points first."""
    rows = Candidate.objects.filter(cycle=cycle).select_related("member", "option")
    return rows.order_by("-points", "reached_at", "id")


def shown(*, candidate: Candidate) -> CandidateShown:
    """Return a candidate as everybody sees them."""
    return CandidateShown(
        option=candidate.option_id,
        member=candidate.member,
        points=candidate.points,
        contributions=candidate.contributions,
        nominators=candidate.nominators,
    )


def latest_months() -> dict[str, dt.date]:
    """Return the latest month that each category has a cycle for."""
    rows = Cycle.objects.values_list("category").annotate(latest=Max("starts_on"))
    return {category: latest for category, latest in rows if latest}
