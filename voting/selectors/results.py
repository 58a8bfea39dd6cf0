"""What a cycle came to."""

from collections.abc import Sequence
from dataclasses import dataclass

from voting.errors import NotPublished
from voting.models import Cycle, Prize, Voter
from voting.selectors.cycles import CandidateShown, candidates, cycle, shown


@dataclass(frozen=True, slots=True)
class PrizeShown:
    """What a winner got. `is_revoked`: and had to give back."""

    place: int
    points: int
    title: str
    reward: str
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class ResultShown:
    """A candidate with their votes; `rank` is by votes, ties broken."""

    candidate: CandidateShown
    rank: int
    votes: int
    quarantined: int
    prize: PrizeShown | None


@dataclass(frozen=True, slots=True)
class Results:
    """What everybody may see once it is published."""

    cycle: Cycle
    voters: int
    candidates: Sequence[ResultShown]


def results(*, cycle_id: int) -> Results:
    """Return the results of a cycle, first places first. Raises NoSuchCycle, NotPublished."""
    found = cycle(cycle_id=cycle_id)
    if not found.is_published:
        raise NotPublished
    prizes = {prize.member_id: prize for prize in Prize.objects.filter(cycle=found)}
    rows = [
        ResultShown(
            candidate=shown(candidate=one),
            rank=one.option.rank or 0,
            votes=one.option.votes or 0,
            quarantined=one.option.quarantined or 0,
            prize=_prize(prizes.get(one.member_id)),
        )
        for one in candidates(cycle=found)
    ]
    return Results(
        cycle=found,
        voters=Voter.objects.filter(poll=found.pk).count(),
        candidates=sorted(rows, key=lambda row: row.rank),
    )


def _prize(prize: Prize | None) -> PrizeShown | None:
    if prize is None:
        return None
    return PrizeShown(
        prize.place, prize.points, prize.title, prize.reward, prize.revoked_at is not None
    )
