"""Points added or taken by hand, by a server."""

from typing import cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit import idempotency
from kit.api.problems import MEDIA_TYPE
from kit.api.views import ApiView
from kit.schema import IDEMPOTENCY_KEY, PROBLEM_REF
from members.models import Scope
from members.selectors import KeyRef
from points import services
from points.models import AdjustmentState
from points.serializers import AdjustmentIn, AdjustmentOut, show_adjustment

STATUS = {AdjustmentState.POSTED: 201, AdjustmentState.WAITING: 202}


class AdjustmentsView(ApiView):
    """Adjustments by servers."""

    required_scopes = (Scope.ADJUSTMENTS_WRITE,)

    @extend_schema(
        operation_id="adjust",
        request=AdjustmentIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={
            200: AdjustmentOut,
            201: AdjustmentOut,
            202: AdjustmentOut,
            (404, MEDIA_TYPE): PROBLEM_REF,
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Add or take points by hand, once per reference.

        201 when it is posted. 202 when it is above the community's limit and waits for an
        operator, for 48 hours; the same reference and content again tell what became of it, with
        200 if nothing did. Other content under a reference is 409 `reference_reused`. 404 if there
        is no such member.
        """
        told = self.body(AdjustmentIn)
        return idempotency.once(request, lambda: self._adjust(**told))

    def _adjust(self, *, member: str, points: int, reason: str, reference: str) -> Response:
        adjustment = services.request_adjustment_of(
            external_id=member,
            points=points,
            reason=reason,
            reference=reference,
            key=cast("KeyRef", self.request.auth).caller,
            now=timezone.now(),
        )
        status = STATUS.get(AdjustmentState(adjustment.state), 200)
        return Response(show_adjustment(adjustment), status=status)
