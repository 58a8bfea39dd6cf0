"""Every refusal as problem details (RFC 9457), whoever it comes from: us, DRF, Django, PostgreSQL.

The one place that knows what an error looks like over HTTP.
"""

import json
import logging
import math
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from django.views import csrf, defaults
from rest_framework import exceptions

from kit.errors import DomainError, FieldError, Invalid, NotFound, Text, Unavailable

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
"""More would only repeat themselves."""

TITLES: Mapping[int, Text] = {
    400: Invalid.title,
    401: _("Valid credentials are needed."),
    403: _("This is not allowed."),
    404: NotFound.title,
    405: _("This method is not allowed here."),
    406: _("This is answered in JSON only."),
    409: DomainError.title,
    413: _("The body is too large."),
    415: _("The body must be JSON in UTF-8."),
    422: _("The request was understood and means nothing here."),
    429: _("Too many requests. Please try again later."),
    500: _("Something went wrong on our side."),
    503: Unavailable.title,
}

# Says nothing of the connection, and yet the connection is what has gone: an idle transaction cut
# off by the server, and a server that has become a read-only standby.
SERVER_HAS_CHANGED = {"25P03", "25006"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem details, before they are written."""

    status: int
    code: str
    title: Text
    detail: Text
    errors: tuple[FieldError, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def plain(cls, status: int, code: str) -> Self:
        """Return a problem with nothing to say beyond its status."""
        return cls(status, code, TITLES[status], TITLES[status])

    @classmethod
    def of(cls, error: BaseException | None) -> Self | None:
        """Return the problem that an exception stands for; None where it is a fault of ours."""
        match error:
            case DomainError():
                return cls.of_refusal(error)
            case Http404():
                return cls.of_refusal(NotFound())
            case PermissionDenied():
                return cls.plain(403, "permission_denied")
            case exceptions.APIException():
                return cls._of_drf(error)
            case DatabaseError() if _is_away(error):
                logger.warning("database unavailable", exc_info=error)
                return cls.of_refusal(Unavailable())
            case RequestDataTooBig():
                return cls.plain(413, "payload_too_large")
            case UnreadablePostError():
                return cls.plain(400, "malformed")
        return None

    @classmethod
    def of_refusal(cls, error: DomainError) -> Self:
        """Return the problem that a refusal is."""
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return cls(
            error.status, error.code, error.title, error.detail, error.errors, error.extra, headers
        )

    @classmethod
    def _of_drf(cls, error: exceptions.APIException) -> Self:
        title = TITLES.get(error.status_code, TITLES[500])
        if isinstance(error, exceptions.ValidationError):
            errors = tuple(islice(_field_errors(error.detail, ""), MOST_ERRORS))
            return cls(error.status_code, Invalid.code, title, title, errors)
        headers = {}
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        if (wait := getattr(error, "wait", None)) is not None:
            headers["Retry-After"] = str(math.ceil(wait))
        return cls(
            error.status_code, str(error.get_codes()), title, str(error.detail), headers=headers
        )

    def body(self) -> dict[str, object]:
        """Return the problem as a JSON object in the caller's language, without a request id."""
        body: dict[str, object] = {
            "type": f"/problems/{self.code.replace('_', '-')}",
            "title": str(self.title),
            "status": self.status,
            "detail": str(self.detail),
            "code": self.code,
        }
        if self.errors:
            body["errors"] = [
                {"field": error.field, "code": error.code, "detail": str(error.detail)}
                for error in self.errors
            ]
        return body | dict(self.extra)

    def response(self) -> HttpResponse:
        """Return the problem as an answer that names the request."""
        body = self.body() | {"request_id": request_id()}
        return HttpResponse(
            json.dumps(body, ensure_ascii=False),
            status=self.status,
            content_type=MEDIA_TYPE,
            headers=self.headers,
        )


def request_id() -> str:
    """Return the id that the request's log lines carry."""
    known = structlog.contextvars.get_contextvars().get("request_id")
    return str(known or uuid.uuid4())


def handle_exception(error: Exception, _context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer for a DRF view. None leaves a fault of ours to `server_error`."""
    problem = Problem.of(error)
    return problem.response() if problem else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses (`handler400`)."""
    if _is_api(request):
        return (Problem.of(exception) or Problem.plain(400, "malformed")).response()
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer where Django says no (`handler403`)."""
    if _is_api(request):
        return Problem.plain(403, "permission_denied").response()
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer where there is no route (`handler404`)."""
    if _is_api(request):
        return Problem.plain(404, NotFound.code).response()
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours, or for a database that is away (`handler500`)."""
    problem = Problem.of(sys.exc_info()[1])
    if _is_api(request):
        return (problem or Problem.plain(500, "internal_error")).response()
    page = defaults.server_error(request)
    if problem:
        page.status_code = problem.status
        for name, value in problem.headers.items():
            page[name] = value
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that another site may have sent (`CSRF_FAILURE_VIEW`)."""
    if _is_api(request):
        return Problem.plain(403, "csrf_failed").response()
    return csrf.csrf_failure(request, reason)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _is_away(error: DatabaseError) -> bool:
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return getattr(error.__cause__, "sqlstate", None) in SERVER_HAS_CHANGED


def _field_errors(details: Any, path: str) -> Iterator[FieldError]:  # noqa: ANN401 - DRF's tree
    """Flatten DRF's tree of messages into `items[3].id` paths."""
    if isinstance(details, str):
        yield FieldError(path, getattr(details, "code", Invalid.code), details)
        return
    pairs = details.items() if isinstance(details, Mapping) else enumerate(details)
    for name, inner in pairs:
        if isinstance(inner, str) or name == "non_field_errors":
            yield from _field_errors(inner, path)
        elif isinstance(name, int):
            yield from _field_errors(inner, f"{path}[{name}]")
        else:
            yield from _field_errors(inner, f"{path}.{name[:100]}" if path else name[:100])
