"""What only people's pages need: log-ins and messages.

Programs call the API without cookies, many times a second; their requests go past these.
"""

from collections.abc import Awaitable

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class PagesOnly(MiddlewareMixin):
    """Passes requests for the API on as they are."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer the request, around this middleware if it is for the API."""
        if request.path_info.startswith("/api/v1/"):
            return self.get_response(request)
        return super().__call__(request)


class AuthenticationMiddleware(PagesOnly, auth.AuthenticationMiddleware):
    """Log-ins, for pages."""


class MessageMiddleware(PagesOnly, messages.MessageMiddleware):
    """Messages, for pages."""
