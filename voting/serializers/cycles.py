"""A cycle, a nomination and a ballot."""

import datetime as dt
from typing import Any

from rest_framework import serializers

from kit.api import StrictCharField, StrictIntegerField, StrictSerializer
from kit.api.fields import StrictBooleanField
from members.models import Member
from voting.models import Cycle, CycleState, Nomination
from voting.selectors import BallotShown, CandidateShown, CycleShown
from voting.services import CastBallot

LONGEST_REASON = 500
MOST_PICKS = 10


class NominationIn(StrictSerializer):
    """Whom to nominate, and why."""

    member = StrictIntegerField(min_value=1)
    reason = StrictCharField(max_length=LONGEST_REASON)


class BallotIn(StrictSerializer):
    """The ids of the options that the ballot picks: all there are, whatever it picked before."""

    picks = serializers.ListField(
        child=StrictIntegerField(min_value=1), min_length=1, max_length=MOST_PICKS
    )


class StandingIn(StrictSerializer):
    """Whether to stand for awards."""

    stands = StrictBooleanField()


class StandingOut(serializers.Serializer[Any]):
    """Whether the member who calls stands for awards."""

    stands = serializers.BooleanField()


class SeenMemberOut(serializers.Serializer[Any]):
    """A member as others see them."""

    id = serializers.IntegerField()
    nickname = serializers.CharField()
    avatar_url = serializers.CharField()


class CycleOut(serializers.Serializer[Any]):
    """The award of one category and month, and when its steps are due."""

    id = serializers.IntegerField()
    category = serializers.CharField()
    name = serializers.CharField()
    month = serializers.CharField()
    state = serializers.ChoiceField(choices=CycleState.choices)
    nominations_at = serializers.DateTimeField()
    shortlist_at = serializers.DateTimeField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    review_at = serializers.DateTimeField()
    publish_at = serializers.DateTimeField()
    reward_at = serializers.DateTimeField()


class ContributionOut(serializers.Serializer[Any]):
    """The month's points by one action."""

    action = serializers.CharField()
    points = serializers.IntegerField()


class CandidateOut(serializers.Serializer[Any]):
    """A candidate, and what they did in the month. `option` is what a ballot picks."""

    option = serializers.IntegerField()
    member = SeenMemberOut()
    points = serializers.IntegerField()
    contributions = ContributionOut(many=True)
    nominators = serializers.IntegerField()


class CycleShownOut(CycleOut):
    """A cycle before the member who calls, with the candidates in the caller's own order."""

    picks = serializers.IntegerField()
    may_vote = serializers.BooleanField()
    has_voted = serializers.BooleanField()
    candidates = CandidateOut(many=True)


class NominationOut(serializers.Serializer[Any]):
    """The caller's word for a member."""

    member = serializers.IntegerField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class EarlierBallotOut(serializers.Serializer[Any]):
    """What the ballot said before it was changed."""

    picks = serializers.ListField(child=serializers.IntegerField())
    cast_at = serializers.DateTimeField()


class BallotOut(serializers.Serializer[Any]):
    """The caller's ballot. `version` counts how often it was cast."""

    picks = serializers.ListField(child=serializers.IntegerField())
    cast_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    earlier = EarlierBallotOut(many=True, required=False)


def show_cycle(cycle: Cycle) -> dict[str, Any]:
    """Return a cycle as lists show it."""
    instants = cycle.instants()
    return {
        "id": cycle.pk,
        "category": cycle.category,
        "name": cycle.terms["name"],
        "month": cycle.month,
        "state": cycle.state,
        "nominations_at": _instant(instants[CycleState.NOMINATIONS]),
        "shortlist_at": _instant(instants[CycleState.SHORTLIST]),
        "opens_at": _instant(instants[CycleState.VOTING]),
        "closes_at": _instant(instants[CycleState.FROZEN]),
        "review_at": _instant(instants[CycleState.REVIEW]),
        "publish_at": _instant(instants[CycleState.PUBLISHED]),
        "reward_at": _instant(instants[CycleState.REWARDED]),
    }


def show_cycle_to(shown: CycleShown) -> dict[str, Any]:
    """Return a cycle as the member who calls sees it."""
    return {
        **show_cycle(shown.cycle),
        "picks": shown.cycle.poll.most,
        "may_vote": shown.may_vote,
        "has_voted": shown.has_voted,
        "candidates": [show_candidate(one) for one in shown.candidates],
    }


def show_candidate(candidate: CandidateShown) -> dict[str, Any]:
    """Return a candidate as everybody sees them."""
    by_points = sorted(candidate.contributions.items(), key=lambda item: (-item[1], item[0]))
    return {
        "option": candidate.option,
        "member": _show_member(candidate.member),
        "points": candidate.points,
        "contributions": [{"action": action, "points": points} for action, points in by_points],
        "nominators": candidate.nominators,
    }


def _show_member(member: Member) -> dict[str, Any]:
    return {"id": member.id, "nickname": member.nickname, "avatar_url": member.avatar_url}


def show_nomination(nomination: Nomination) -> dict[str, Any]:
    """Return the caller's nomination."""
    return {
        "member": nomination.nominee_id,
        "reason": nomination.reason,
        "created_at": _instant(nomination.created_at),
    }


def show_cast(ballot: CastBallot) -> dict[str, Any]:
    """Return the ballot that has just been cast."""
    return {
        "picks": list(ballot.picks),
        "cast_at": _instant(ballot.cast_at),
        "version": ballot.number,
    }


def show_ballot(ballot: BallotShown) -> dict[str, Any]:
    """Return the caller's ballot with what it said before."""
    return {
        "picks": list(ballot.picks),
        "cast_at": _instant(ballot.cast_at),
        "version": len(ballot.earlier) + 1,
        "earlier": [
            {"picks": list(picks), "cast_at": _instant(cast_at)}
            for picks, cast_at in ballot.earlier
        ],
    }


def _instant(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
