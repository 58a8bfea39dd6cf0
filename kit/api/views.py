"""The view that routes of the API derive from."""

import functools
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.api.parsers import MAX_BODY, announced_length
from kit.api.serializers import QuerySerializer, StrictSerializer, read_body, read_query


class ApiView(APIView):
    """A route that says who may call it and what its query may hold, and refuses the rest."""

    required_scopes: ClassVar[Collection[str] | Mapping[str, Collection[str]]] = ()
    query_serializer: ClassVar[type[QuerySerializer]] = QuerySerializer
    """Of GET; other methods take no parameters."""

    max_body: ClassVar[int] = MAX_BODY
    """Bytes."""

    query: dict[str, Any]
    """The query's validated data."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        return _made(tuple(self.authentication_classes))

    def get_parsers(self) -> list[BaseParser]:
        return _made(tuple(self.parser_classes))

    def get_renderers(self) -> list[BaseRenderer]:
        return _made(tuple(self.renderer_classes))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - DRF's
        """Check the caller, then the query."""
        super().initial(request, *args, **kwargs)
        reads = request.method in {"GET", "HEAD"}
        is_answered = hasattr(self, str(request.method).lower())  # otherwise 405, whatever it asks
        if is_answered and (reads or request.META.get("QUERY_STRING")):
            self.query = read_query(self.query_serializer if reads else QuerySerializer, request)

    def finalize_response(
        self,
        request: Request,
        response: Response,
        *args: Any,  # noqa: ANN401 - DRF's
        **kwargs: Any,  # noqa: ANN401
    ) -> Response:
        """Let nobody keep the answer, unless the route says otherwise: it is its caller's own."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        if final.status_code == HTTPStatus.UNAUTHORIZED:
            # RFC 9110: a 401 says how to come in, whoever it is that refuses.
            challenge = self.get_authenticate_header(request) or ""
            final.headers.setdefault("WWW-Authenticate", challenge)
        return final

    def body(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return the body's validated data. Raises what `read_body` raises."""
        return read_body(serializer, self.request)

    def items(self, serializer: type[StrictSerializer], *, name: str, most: int) -> list[Any]:
        """Return the list that `body` would return under this name, all there is in the body.

        A good body is taken as it is: the serializer would take longer than everything else.
        """
        found = self.request.data if announced_length(self.request) else None
        if type(found) is dict and found.keys() == {name}:
            items = found[name]
            if type(items) is list and len(items) <= most:
                return items
        return cast("list[Any]", self.body(serializer)[name])


@functools.cache
def _made(classes: tuple[Any, ...]) -> list[Any]:
    """Return one of each, made once for all requests: they keep nothing of any."""
    return [one() for one in classes]
