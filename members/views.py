"""The members' routes for servers."""

from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api.views import ApiView
from kit.errors import NotFound
from members import selectors, services
from members.models import Scope
from members.serializers import MemberIn, MemberOut


class MemberView(ApiView):
    """One member, by the name that other systems use."""

    required_scopes: ClassVar = {"GET": [Scope.MEMBERS_READ], "PUT": [Scope.MEMBERS_WRITE]}

    @extend_schema(operation_id="read_member", responses=MemberOut)
    def get(self, request: Request, external_id: str) -> Response:  # noqa: ARG002 - Django's
        """Read a member."""
        member = selectors.member(external_id=external_id)
        if member is None:
            raise NotFound
        return Response(MemberOut(member).data)

    @extend_schema(
        operation_id="put_member", request=MemberIn, responses={200: MemberOut, 201: MemberOut}
    )
    def put(self, request: Request, external_id: str) -> Response:  # noqa: ARG002 - Django's
        """Create or update a member. What the body leaves out stays as it is."""
        member, created = services.put_member(
            external_id=external_id, now=timezone.now(), **self.body(MemberIn)
        )
        return Response(MemberOut(member).data, status=201 if created else 200)
