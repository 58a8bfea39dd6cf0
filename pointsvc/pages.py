"""What people's pages need: log-ins and messages, local times, and a word to their browsers.

Programs call the API without cookies, many times a second; their requests go past most of these.
"""

import functools
from collections.abc import Awaitable, Callable

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from members.selectors import community


class PagesOnly(MiddlewareMixin):
    """Passes requests for the API on as they are."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer the request, around this middleware if it is for the API."""
        if request.path_info.startswith("/api/v1/"):
            return self.get_response(request)
        return super().__call__(request)


class SessionMiddleware(PagesOnly, sessions.SessionMiddleware):
    """Cookies of those who have logged in, for pages."""


class AuthenticationMiddleware(PagesOnly, auth.AuthenticationMiddleware):
    """Log-ins, for pages."""


class MessageMiddleware(PagesOnly, messages.MessageMiddleware):
    """Messages, for pages."""


class LocalTimeMiddleware(PagesOnly):
    """The admin's times are those of the community."""

    def process_request(self, request: HttpRequest) -> None:
        """Have this request's times shown and read in the community's zone."""
        if request.path_info.startswith("/admin/"):
            timezone.activate(community().clock.at(timezone.now()).zone)

    def process_response(self, _request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leave no zone behind for the thread's next request."""
        timezone.deactivate()
        return response


POLICIES = {
    # The skin's scripts put code together from text (Alpine.js), and its pages carry styles.
    "/admin/": {"script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"},
    "/api/docs/": {"script-src": "'self'", "style-src": "'self' 'unsafe-inline'"},
}
PAGE = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@functools.cache
def _written(prefix: str) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in (PAGE | POLICIES[prefix]).items())


def policy(*, path: str) -> str:
    """Return the policy of the pages below this path."""
    found = next((prefix for prefix in POLICIES if path.startswith(prefix)), None)
    return NO_PAGE if found is None else _written(found)


class ContentSecurityMiddleware:
    """Tells browsers what to load: for a page nothing foreign, for an answer nothing at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and say what the answer may load."""
        response = self.get_response(request)
        response["Content-Security-Policy"] = policy(path=request.path_info)
        return response
