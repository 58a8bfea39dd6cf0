"""Who is calling."""

import re
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from kit.api import HasScope
from members import selectors, services
from members.rules import ACCESS_PREFIX, is_token
from members.selectors import OWN, KeyRef, SessionRef

if TYPE_CHECKING:  # DRF's views name this module in their defaults
    from rest_framework.views import APIView

ME = OWN
"""For `required_scopes` of the routes where members see to their own; no key can hold it."""

CHALLENGE = "Bearer, Api-Key"
_KEY = re.compile(r"psk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <key>`. Sets `request.auth` to a KeyRef, by one query."""

    scheme = "Api-Key"

    def authenticate(self, request: Request) -> tuple[None, KeyRef] | None:
        """Return the key. Raises AuthenticationFailed, alike for unknown, expired and revoked."""
        scheme, _space, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != self.scheme.lower():
            return None
        now = timezone.now()
        digest = services.digest(key=key)
        known = selectors.live_key(digest=digest, now=now) if _KEY.fullmatch(key) else None
        if known is None:
            raise AuthenticationFailed(_("The API key is unknown, expired or revoked."))
        if known.last_used_at is None or now - known.last_used_at >= services.USE_NOTED_EVERY:
            services.note_use(key_id=known.id, now=now)
        return None, known

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """Return the challenges of a 401."""
        return CHALLENGE


class SessionAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`. Sets `request.auth` to a SessionRef, by one query."""

    scheme = "Bearer"

    def authenticate(self, request: Request) -> tuple[None, SessionRef] | None:
        """Return the session. Raises AuthenticationFailed, alike whatever keeps it shut."""
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != self.scheme.lower():
            return None
        known = None
        if is_token(token, prefix=ACCESS_PREFIX):
            known = selectors.live_session(digest=services.digest(key=token))
        if known is None:
            raise AuthenticationFailed(_("The access token is unknown, expired or ended."))
        return None, known

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """Return the challenges of a 401."""
        return CHALLENGE


class ScopeOrNobody(HasScope):
    """The caller holds the view's scopes, or does not say who it is."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the caller may go on. Raises MissingScope."""
        return request.auth is None or super().has_permission(request, view)
