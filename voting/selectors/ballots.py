"""Ballots: the voter's own, all as the marks see them, and by name for the auditor."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncHour

import points.selectors
from voting.models import Ballot, BallotState, BallotVersion, Option, Poll, PollState, Voter
from voting.rules import Cast, Electorate, month_after


@dataclass(frozen=True, slots=True)
class BallotShown:
    """A voter's own ballot, with what it said before, oldest first."""

    picks: Sequence[int]
    cast_at: dt.datetime
    earlier: Sequence[tuple[Sequence[int], dt.datetime]] = ()


def own_ballot(*, poll: int, kind: str, voter: int) -> BallotShown | None:
    """Return the member's ballot in the poll of the kind; None where there is none."""
    found = Ballot.objects.filter(poll=poll, poll__kind=kind, voter=voter).first()
    if found is None:
        return None
    versions = BallotVersion.objects.filter(ballot=found).order_by("number")
    return BallotShown(
        picks=list(found.picks.order_by("option").values_list("option", flat=True)),
        cast_at=found.cast_at,
        earlier=list(versions.values_list("options", "cast_at")),
    )


def ballots_to_judge() -> int:
    """Return how many ballots are set aside for a person, in polls whose result is not out."""
    set_aside = Ballot.objects.filter(state=BallotState.QUARANTINED)
    return set_aside.exclude(poll__state=PollState.PUBLISHED).count()


def casts(*, poll: Poll) -> list[Cast]:
    """Return the poll's ballots as the marks see them. Four statements, whatever their number."""
    options = Option.objects.filter(poll=poll).exclude(member=None)
    own = dict(options.values_list("member", "id"))
    rule = Electorate.from_json(poll.electorate)
    once = set()
    if rule.active_in:
        end = month_after(rule.active_in)
        once = points.selectors.who_did_one_thing(start=rule.active_in, end=end)
    before = Ballot.objects.filter(voter=OuterRef("voter"), poll__kind=poll.kind, poll__lt=poll)
    rows = (
        Ballot.objects.filter(poll=poll)
        .annotate(chosen=ArrayAgg("picks__option"), is_known=Exists(before))
        .values_list("id", "voter_id", "chosen", "cast_at", "voter__joined_at", "is_known")
    )
    return [
        Cast(
            ballot=ballot,
            voter=voter,
            picks=frozenset(chosen),
            cast_at=cast_at,
            joined_at=joined_at,
            is_one_time=voter in once and not is_known,
            own=own.get(voter),
        )
        for ballot, voter, chosen, cast_at, joined_at, is_known in rows.iterator()
    ]


def marked_ballots(*, among: QuerySet[Ballot]) -> QuerySet[Ballot]:
    """Keep the ballots that a person is to decide about, or has."""
    return among.exclude(marks=[])


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many may vote, how many have, and in which hour: instants of the hours' beginnings."""

    voters: int
    ballots: int
    hours: Sequence[tuple[dt.datetime, int]]
    waiting: int
    """Quarantined ballots that nobody has decided about."""


def turnout(*, poll: Poll) -> Turnout:
    """Return how many have voted so far, hour by hour; whom for it does not tell."""
    rows = Ballot.objects.filter(poll=poll)
    by_hour: QuerySet[Ballot, Any] = (
        rows.annotate(hour=TruncHour("cast_at")).values("hour").annotate(count=Count("id"))
    )
    hours = sorted((row["hour"], row["count"]) for row in by_hour)
    return Turnout(
        voters=Voter.objects.filter(poll=poll).count(),
        ballots=sum(count for _hour, count in hours),
        hours=hours,
        waiting=rows.filter(state=BallotState.QUARANTINED).count(),
    )


@dataclass(frozen=True, slots=True)
class NamedBallot:
    """Who cast which ballot, for the auditor alone."""

    ballot: str
    voter: str
    picks: Sequence[str]
    cast_at: dt.datetime
    state: str
    marks: Sequence[str]

    @property
    def state_label(self) -> str:
        """The state as people call it."""
        return str(BallotState(self.state).label)


def ballots_by_name(*, poll: int, limit: int) -> list[NamedBallot]:
    """Return the newest ballots of a poll with their voters, those with marks first."""
    names = {option.id: str(option) for option in _options(poll)}
    rows = (
        Ballot.objects.filter(poll=poll)
        .select_related("voter")
        .annotate(chosen=ArrayAgg("picks__option"))
        .order_by("-state", "-cast_at", "id")
    )
    return [
        NamedBallot(
            ballot=str(row),
            voter=f"{row.voter} ({row.voter.external_id})",
            picks=[names[option] for option in row.chosen],
            cast_at=row.cast_at,
            state=row.state,
            marks=row.marks,
        )
        for row in rows[:limit]
    ]


def _options(poll: int) -> QuerySet[Option]:
    return Option.objects.filter(poll=poll).select_related("member")
