"""The shape of a notice."""

from typing import Any

from django.utils.translation import ngettext
from rest_framework import serializers

from points.models import ExpiryNotice
from points.selectors import Expiring

KIND = "points_expiring"


class NoticeOut(serializers.Serializer[ExpiryNotice]):
    """What a member is told: `points` of theirs lapse at `expires_at`.

    `points` is counted when it is read: what has been spent since is not among them. `step_days`
    is how many days before the lapse the notice was due. `kind` is `points_expiring`; others will
    come.
    """

    id = serializers.IntegerField()
    kind = serializers.CharField()
    step_days = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    points = serializers.IntegerField()
    detail = serializers.CharField()
    created_at = serializers.DateTimeField()


def show_notice(notice: ExpiryNotice, lapsing: Expiring) -> dict[str, Any]:
    """Return a notice as the API shows it, with what lapses on its date as of now."""
    said = {"points": lapsing.points, "date": notice.expires_on.isoformat()}
    return {
        "id": notice.id,
        "kind": KIND,
        "step_days": notice.step_days,
        "expires_at": lapsing.expires_at,
        "points": lapsing.points,
        "detail": ngettext(
            "%(points)d point lapses on %(date)s.",
            "%(points)d points lapse on %(date)s.",
            lapsing.points,
        )
        % said,
        "created_at": notice.created_at,
    }
