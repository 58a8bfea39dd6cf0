"""The shape of a leaderboard."""

from typing import Any

from rest_framework import serializers

from kit.api import QuerySerializer, StrictCharField
from kit.api.fields import QueryIntegerField
from kit.api.paging import LONGEST_PAGE, PAGE
from points.selectors import Leaderboard, OwnPlace, Ranked
from points.selectors.board import BOARDS


class LeaderboardQuery(QuerySerializer):
    """Which period, and how many places."""

    at = StrictCharField(
        max_length=10,
        required=False,
        help_text="`2026-W47`, `2026-11`, `2026-Q4` or `2026`, as the period asks; now if absent.",
    )
    limit = QueryIntegerField(min_value=1, max_value=LONGEST_PAGE, default=PAGE)


class RankedMemberOut(serializers.Serializer[Any]):
    """A member as others see them."""

    id = serializers.IntegerField()
    nickname = serializers.CharField()
    avatar_url = serializers.CharField()


class RankedOut(serializers.Serializer[Any]):
    """A place on the board."""

    rank = serializers.IntegerField()
    member = RankedMemberOut()
    points = serializers.IntegerField()


class OwnPlaceOut(serializers.Serializer[Any]):
    """Where the caller stands, and who stands next: at most two ahead and two behind."""

    rank = serializers.IntegerField(allow_null=True)
    points = serializers.IntegerField()
    neighbours = RankedOut(many=True)


class LeaderboardOut(serializers.Serializer[Any]):
    """The first places of a period, and the caller's own."""

    period = serializers.ChoiceField(choices=list(BOARDS))
    at = serializers.CharField()
    standings = RankedOut(many=True)
    me = OwnPlaceOut(allow_null=True)


def show_leaderboard(board: Leaderboard) -> dict[str, Any]:
    """Return a leaderboard as the API shows it."""
    return {
        "period": next(name for name, period in BOARDS.items() if period is board.period),
        "at": board.name,
        "standings": [_show_place(place) for place in board.standings],
        "me": board.me and _show_own(board.me),
    }


def _show_own(own: OwnPlace) -> dict[str, Any]:
    neighbours = [_show_place(place) for place in own.neighbours]
    return {"rank": own.rank, "points": own.points, "neighbours": neighbours}


def _show_place(place: Ranked) -> dict[str, Any]:
    member = {"id": place.member, "nickname": place.nickname, "avatar_url": place.avatar_url}
    return {"rank": place.rank, "member": member, "points": place.points}
