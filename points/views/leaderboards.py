"""Who has earned most in a week, a month, a quarter, a year, and ever."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api.permissions import AnyOf
from kit.api.views import ApiView
from kit.clock import Period
from kit.errors import FieldError, Invalid
from members.authentication import ME
from members.models import Scope
from members.selectors import SessionRef
from points import selectors
from points.serializers import LeaderboardOut, LeaderboardQuery, show_leaderboard


class LeaderboardView(ApiView):
    """The leaderboard of a period."""

    required_scopes = AnyOf({*ME, Scope.MEMBERS_READ})
    query_serializer = LeaderboardQuery

    @extend_schema(
        operation_id="read_leaderboard", parameters=[LeaderboardQuery], responses=LeaderboardOut
    )
    def get(self, request: Request, period: Period) -> Response:
        """Show who has earned most, and where you stand.

        Equal points rank by who reached them first. Staff and members who do not wish to be seen
        are left out. `me` is null for a server; a member who is not on the board has no `rank`.
        """
        who = request.auth
        try:
            board = selectors.leaderboard(
                period=period,
                limit=self.query["limit"],
                now=timezone.now(),
                at=self.query.get("at", ""),
                member=who.member_id if isinstance(who, SessionRef) else None,
            )
        except ValueError as error:
            wrong = FieldError("at", "invalid", _("There is no such period."))
            raise Invalid(errors=[wrong]) from error
        return Response(show_leaderboard(board))
