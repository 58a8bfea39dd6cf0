"""How points are earned, for everybody who may know a member."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api import AnyOf
from kit.api.views import ApiView
from members.authentication import ME
from members.models import Scope
from points import selectors
from points.serializers import LevelsOut, RulesOut, show_step, show_way_to_earn

READERS = AnyOf({*ME, Scope.MEMBERS_READ})
"""Members, and servers that read them."""


class RulesView(ApiView):
    """The rules in force."""

    required_scopes = READERS

    @extend_schema(operation_id="list_rules", responses=RulesOut)
    def get(self, _request: Request) -> Response:
        """List how points are earned and lost just now.

        All at once: the list is as long as the community's program, a page at most.
        """
        ways = selectors.ways_to_earn(now=timezone.now())
        return Response({"rules": [show_way_to_earn(way) for way in ways]})


class LevelsView(ApiView):
    """The ladder."""

    required_scopes = READERS

    @extend_schema(operation_id="list_levels", responses=LevelsOut)
    def get(self, _request: Request) -> Response:
        """List the levels, lowest first, and what each gives.

        All at once: the list is as long as the community's ladder.
        """
        return Response({"levels": [show_step(step) for step in selectors.ladder()]})
