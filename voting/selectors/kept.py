"""What the voting room keeps of a member, whole."""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F

from members.selectors import Kept
from voting.models import Ballot, BallotVersion, Candidate, Nomination, OptOut, Prize, Voter


def kept_of(*, member: int) -> Kept:
    """Return what is kept of the member with that id. Who nominated them stays with those."""
    return {
        "nominations": Nomination.objects.filter(nominator=member)
        .order_by("id")
        .values("cycle_id", "nominee_id", "reason", "created_at"),
        "nominated": Nomination.objects.filter(nominee=member)
        .order_by("id")
        .values("cycle_id", "reason", "created_at"),
        "electorates": Voter.objects.filter(member=member).order_by("poll").values("poll_id"),
        "ballots": Ballot.objects.filter(voter=member)
        .order_by("poll")
        .annotate(options=ArrayAgg("picks__option"))
        .values("poll_id", "number", "options", "cast_at", "state", "marks", "decided_at"),
        "earlier_ballots": BallotVersion.objects.filter(ballot__voter=member)
        .order_by("id")
        .values("number", "options", "cast_at", poll=F("ballot__poll_id")),
        "candidacies": Candidate.objects.filter(member=member)
        .order_by("cycle")
        .values("cycle_id", "option_id", "points", "contributions", "nominators", "is_top"),
        "prizes": Prize.objects.filter(member=member)
        .order_by("cycle")
        .values(
            *("cycle_id", "place", "points", "title", "reward", "redemption"),
            *("paid_at", "revoked_at", "reason"),
        ),
        "opt_outs": OptOut.objects.filter(member=member).values("created_at"),
    }
