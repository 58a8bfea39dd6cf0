"""What only people's pages need: sessions, CSRF tokens, log-ins, messages, frames.

Programs call the API without cookies, many times a second; their requests go past these.
"""

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import clickjacking, csrf
from django.utils.deprecation import MiddlewareMixin


class PagesOnly(MiddlewareMixin):
    """Passes requests for the API on as they are."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/api/v1/"):
            return self.get_response(request)
        return super().__call__(request)


class SessionMiddleware(PagesOnly, sessions.SessionMiddleware):
    """Sessions, for pages."""


class CsrfViewMiddleware(PagesOnly, csrf.CsrfViewMiddleware):
    """CSRF tokens, for pages; the API's views are exempt."""


class AuthenticationMiddleware(PagesOnly, auth.AuthenticationMiddleware):
    """Log-ins, for pages."""


class MessageMiddleware(PagesOnly, messages.MessageMiddleware):
    """Messages, for pages."""


class XFrameOptionsMiddleware(PagesOnly, clickjacking.XFrameOptionsMiddleware):
    """No frames around pages."""
