"""What an answer is written in: JSON, which is all that the API speaks."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

JSON = "application/json"
PLAIN = frozenset({"*/*", JSON, f"{JSON}, text/plain, */*"})
"""What most clients say they accept: there is nothing to choose."""


_plain = JSONEncoder().default


class JsonRenderer(BaseRenderer):
    """JSON as the framework's own renderer writes it, in a tenth of the time."""

    media_type = JSON
    format = "json"
    charset = None  # JSON is UTF-8

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,  # noqa: ARG002 - the framework's signature
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - likewise
    ) -> bytes:
        """Return the bytes; none where there is nothing to say."""
        if data is None:
            return b""
        return orjson.dumps(data, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


class JsonNegotiation(DefaultContentNegotiation):
    """The framework's choice, made at once for those who accept JSON as a matter of course."""

    def select_renderer(  # type: ignore[override]  # the stubs' None is never returned
        self,
        request: Request,
        renderers: Sequence[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type. Raises NotAcceptable."""
        first = renderers[0]  # YAML, for the API's description
        is_plain = request.META.get("HTTP_ACCEPT", "*/*") in PLAIN
        if is_plain and first.media_type == JSON:
            return first, JSON
        chosen: tuple[BaseRenderer, str] = super().select_renderer(
            request, renderers, format_suffix
        )
        return chosen
