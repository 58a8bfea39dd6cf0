"""The routes of members for servers, and of sessions."""

from typing import ClassVar, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api.problems import MEDIA_TYPE
from kit.api.views import ApiView
from kit.errors import NotFound
from kit.schema import PROBLEM_REF
from members import providers, selectors, services
from members.authentication import CHALLENGE, ME, ApiKeyAuthentication, ScopeOrNobody
from members.models import Scope
from members.selectors import SessionRef
from members.serializers import (
    MemberIn,
    MemberOut,
    PairOut,
    RefreshIn,
    RevokeIn,
    SessionForIn,
    SessionOut,
    SignInIn,
)
from members.services import SignedIn


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


class SessionsView(ApiView):
    """Sessions of members."""

    authentication_classes = (ApiKeyAuthentication,)
    permission_classes = (ScopeOrNobody,)
    required_scopes = (Scope.SESSIONS_WRITE,)

    @extend_schema(
        operation_id="open_session",
        auth=[{"ApiKey": []}, {}],  # type: ignore[list-item]  # taken as they are
        request=PolymorphicProxySerializer(
            "SessionIn", serializers=[SignInIn, SessionForIn], resource_type_field_name=None
        ),
        responses={201: SessionOut},
    )
    def post(self, request: Request) -> Response:
        """Open a session: for the member whose login code it is, or whom a server names.

        A mini-program sends `provider`, `code` and, where there are several, its `app_id`, and no
        credentials; somebody new becomes a member. A server with `sessions:write` sends `member`,
        an external id.
        """
        opened = self._sign_in() if request.auth is None else self._open_for()
        return Response(SessionOut(opened).data, status=201)

    def _sign_in(self) -> SignedIn:
        said = self.body(SignInIn)
        person = providers.identify(
            provider=said["provider"], code=said["code"], app_id=said.get("app_id")
        )
        return services.sign_in(person=person, now=timezone.now())

    def _open_for(self) -> SignedIn:
        return services.open_session_for(external_id=self.body(SessionForIn)["member"])


class SessionRefreshView(ApiView):
    """The next pair of tokens of a session."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="refresh_session",
        request=RefreshIn,
        responses={200: PairOut, (401, MEDIA_TYPE): PROBLEM_REF},
    )
    def post(self, _request: Request) -> Response:
        """Exchange a refresh token for a new pair. Within 30 s the same token gets the same pair.

        Later than that its whole session ends, for then two have it.
        """
        pair = services.refresh_session(refresh=self.body(RefreshIn)["refresh"])
        if pair is None:
            raise AuthenticationFailed(_("The refresh token is unknown, expired or ended."))
        return Response(PairOut(pair).data)

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return CHALLENGE


class SessionRevokeView(ApiView):
    """The end of a session."""

    required_scopes = ME

    @extend_schema(operation_id="revoke_session", request=RevokeIn, responses={204: None})
    def post(self, request: Request) -> Response:
        """Log out: of this session, or everywhere. Its tokens are refused from now on."""
        session = cast("SessionRef", request.auth)  # the scope is a session's alone
        services.end_session(session=session, everywhere=self.body(RevokeIn)["everywhere"])
        return Response(status=204)
