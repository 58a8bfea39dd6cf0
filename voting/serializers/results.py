"""What a cycle came to."""

from typing import Any

from rest_framework import serializers

from voting.models import Basis
from voting.selectors import PrizeShown, Results, ResultShown
from voting.serializers.cycles import CandidateOut, CycleOut, show_candidate, show_cycle


class PrizeOut(serializers.Serializer[Any]):
    """What a winner got, and whether it was taken back. `reward` is the code of one, or empty."""

    place = serializers.IntegerField()
    points = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    reward = serializers.CharField(allow_blank=True)
    revoked = serializers.BooleanField()


class ResultOut(CandidateOut):
    """A candidate with their votes: those counted, and those set aside."""

    rank = serializers.IntegerField()
    votes = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    prize = PrizeOut(allow_null=True)


class ResultsOut(serializers.Serializer[Any]):
    """The published results, first places first.

    `ballots` were counted and `quarantined` set aside, of `voters` who might vote. `basis` says
    what was won by: `votes`; without the `quorum`, `points` alone or `nothing`.
    """

    cycle = CycleOut()
    voters = serializers.IntegerField()
    ballots = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    quorum = serializers.IntegerField()
    has_quorum = serializers.BooleanField()
    basis = serializers.ChoiceField(choices=Basis.values)
    candidates = ResultOut(many=True)


def show_results(results: Results) -> dict[str, Any]:
    """Return the results as everybody sees them."""
    poll = results.cycle.poll
    return {
        "cycle": show_cycle(results.cycle),
        "voters": results.voters,
        "ballots": poll.counted or 0,
        "quarantined": poll.quarantined or 0,
        "quorum": poll.quorum,
        "has_quorum": poll.has_quorum,
        "basis": results.cycle.basis,
        "candidates": [_show_result(row) for row in results.candidates],
    }


def _show_result(row: ResultShown) -> dict[str, Any]:
    return {
        **show_candidate(row.candidate),
        "rank": row.rank,
        "votes": row.votes,
        "quarantined": row.quarantined,
        "prize": row.prize and _show_prize(row.prize),
    }


def _show_prize(prize: PrizeShown) -> dict[str, Any]:
    return {
        "place": prize.place,
        "points": prize.points,
        "title": prize.title,
        "reward": prize.reward,
        "revoked": prize.is_revoked,
    }
