"""Vouchers, for the servers that take them."""

from typing import cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api.views import ApiView
from kit.schema import REFUSED
from members.models import Scope
from members.selectors import KeyRef
from rewards import services
from rewards.serializers import NothingIn, VerificationOut, show_verification


class VerificationView(ApiView):
    """The writing off of a voucher."""

    required_scopes = (Scope.REDEMPTIONS_VERIFY,)

    @extend_schema(
        operation_id="verify_voucher",
        request=None,
        responses={200: VerificationOut, **REFUSED},
    )
    def post(self, request: Request, code: str) -> Response:
        """Write a voucher off, once.

        409 `voucher_used` says when it was, `voucher_void` that it is worth nothing. 404 if no
        member has such a code.
        """
        self.body(NothingIn)
        by = cast("KeyRef", request.auth).caller
        found = services.write_off(code=code, by=by, now=timezone.now())
        return Response(show_verification(found))
