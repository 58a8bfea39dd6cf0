"""The server-to-server door: activities in, explanations out."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

import points.selectors
from activities import selectors, services
from activities.serializers import (
    MOST_ACTIVITIES,
    ActivityOut,
    IntakeIn,
    IntakeOut,
    ReversalIn,
    ReversalOut,
    parse_activity,
    show_activity,
    show_intake,
    show_reversal,
)
from kit.api.views import ApiView
from members.models import Scope


class ActivitiesView(ApiView):
    """Activities, up to a thousand a call."""

    required_scopes = (Scope.ACTIVITIES_WRITE,)
    max_body = 5 * 2**20

    @extend_schema(request=IntakeIn, responses=IntakeOut)
    def post(self, _request: Request) -> Response:
        """Take activities in and grant what the rules give, once per activity id.

        One bad item never spoils the others. The same id with the same content is a duplicate and
        answers with what it granted; with other content it is rejected.
        """
        raw = self.items(IntakeIn, name="activities", most=MOST_ACTIVITIES)
        results = services.intake_together(
            items=[parse_activity(item) for item in raw], now=timezone.now()
        )
        return Response(show_intake(results))


class ActivityView(ApiView):
    """One activity."""

    required_scopes = (Scope.ACTIVITIES_WRITE,)

    @extend_schema(responses=ActivityOut)
    def get(self, _request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """Show what an activity granted and why, and what it did not."""
        found = selectors.activity(id=id)
        outcome = points.selectors.as_it_stands(outcome=found.outcome, activity=id)
        return Response(show_activity(found, outcome, selectors.reversal(activity=id)))


class ReversalView(ApiView):
    """The taking back of an activity."""

    required_scopes = (Scope.ACTIVITIES_WRITE,)

    @extend_schema(request=ReversalIn, responses={200: ReversalOut, 202: ReversalOut})
    def post(self, _request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """Take back what an activity granted, once. 202 if it has not arrived yet."""
        reason = self.body(ReversalIn)["reason"]
        made = services.reverse_activity(id=id, reason=reason, now=timezone.now())
        return Response(show_reversal(made), status=202 if made.state == "parked" else 200)
