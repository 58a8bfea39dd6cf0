"""The routes of a member's own self: the profile, leaving, and what is kept."""

from typing import cast

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

import members.services
from kit.api.views import ApiView
from members.authentication import ME
from members.selectors import SessionRef
from pointsvc.me import selectors, services
from pointsvc.me.serializers import MeOut, ProfileIn, write_export


class MyView(ApiView):
    """A route of the member who calls."""

    required_scopes = ME

    @property
    def session(self) -> SessionRef:
        """The member's session: the scope is a session's alone."""
        return cast("SessionRef", self.request.auth)


class MeView(MyView):
    """The member who calls."""

    @extend_schema(operation_id="read_me", responses=MeOut)
    def get(self, _request: Request) -> Response:
        """Show your profile, level, points and badges."""
        return self._me()

    @extend_schema(operation_id="change_me", request=ProfileIn, responses=MeOut)
    def patch(self, _request: Request) -> Response:
        """Change your name or picture. What the body leaves out stays as it is."""
        said = self.body(ProfileIn)
        members.services.change_profile(
            member_id=self.session.member_id,
            nickname=said.get("nickname"),
            avatar_url=said.get("avatar_url"),
        )
        return self._me()

    @extend_schema(operation_id="put_me", request=ProfileIn, responses=MeOut)
    def put(self, request: Request) -> Response:
        """Do what PATCH does, for clients that cannot send it."""
        return self.patch(request)

    @extend_schema(operation_id="erase_me", responses={204: None})
    def delete(self, _request: Request) -> Response:
        """Erase yourself, for good: name, picture, logins and sessions are gone at once.

        What you earned and spent stays in the ledger under a random name. Logging in again makes
        a new member.
        """
        services.erase(session=self.session, now=timezone.now())
        return Response(status=204)

    def _me(self) -> Response:
        found = selectors.me(member_id=self.session.member_id, now=timezone.now())
        return Response(MeOut(found).data)


class ExportView(MyView):
    """All that is kept of the member who calls."""

    @extend_schema(
        operation_id="export_me", responses={(200, "application/json"): OpenApiTypes.OBJECT}
    )
    def get(self, _request: Request) -> StreamingHttpResponse:
        """Get all that is kept about you, as one JSON file."""
        session = self.session
        found = selectors.export(
            caller=session.caller, member_id=session.member_id, now=timezone.now()
        )
        return StreamingHttpResponse(
            write_export(found),
            content_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="export.json"'},
        )
