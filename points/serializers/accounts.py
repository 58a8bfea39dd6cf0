"""The shape of an account."""

from typing import Any

from rest_framework import serializers

from points.selectors import AccountView
from points.serializers.program import LevelNameOut, show_level


class NextLevelOut(LevelNameOut):
    """The next step of the ladder, and the points that lack."""

    missing = serializers.IntegerField()


class ExpiringOut(serializers.Serializer[Any]):
    """Points that lapse together."""

    points = serializers.IntegerField()
    expires_at = serializers.DateTimeField()


class ReleasingOut(serializers.Serializer[Any]):
    """Pending points that are released together; null waits for an operator's decision."""

    points = serializers.IntegerField()
    releases_at = serializers.DateTimeField(allow_null=True)


class AccountOut(serializers.Serializer[AccountView]):
    """A member's totals, level and the points that lapse next, soonest first, at most ten lots.

    `available` can be spent now; `pending` is not released yet: `releasing` says when it is, at
    most ten instants. `held` is set aside, `debt` is
    what the next earnings repay first. `lifetime` is the level score. `next_level` is null at the
    top of the ladder.
    """

    available = serializers.IntegerField()
    pending = serializers.IntegerField()
    held = serializers.IntegerField()
    debt = serializers.IntegerField()
    lifetime = serializers.IntegerField()
    level = LevelNameOut(allow_null=True)
    next_level = NextLevelOut(allow_null=True)
    expiring = ExpiringOut(many=True)
    releasing = ReleasingOut(many=True)


def show_account(account: AccountView) -> dict[str, Any]:
    """Return an account as the API shows it: an `AccountOut`, in a tenth of its time."""
    after = account.next_level
    return {
        "available": account.available,
        "pending": account.pending,
        "held": account.held,
        "debt": account.debt,
        "lifetime": account.lifetime,
        "level": show_level(account.level) if account.level else None,
        "next_level": show_level(after) | {"missing": after.missing} if after else None,
        "expiring": [
            {"points": lot.points, "expires_at": lot.expires_at} for lot in account.expiring
        ],
        "releasing": [
            {"points": some.points, "releases_at": some.releases_at} for some in account.releasing
        ],
    }
