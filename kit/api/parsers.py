"""JSON bodies, read strictly: one meaning for every byte, and nothing the database cannot keep."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, BinaryIO

from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from kit.errors import DomainError

MAX_BODY = 2**20
"""Bytes, where the view does not set `max_body`."""

MAX_NESTING = 20
MAX_INTEGER = 2**63 - 1

# Escapes that may stand for a character that cannot be stored. UTF-8 itself holds no surrogates,
# and JSON refuses a bare NUL.
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class PayloadTooLarge(DomainError):
    """The body is longer than the route takes, or does not say how long it is."""

    code = "payload_too_large"
    status = 413
    title = _("The body is too large.")


class Malformed(DomainError):
    """The body is not JSON as this service reads it."""

    code = "malformed"
    status = 400
    title = _("The body is not valid JSON.")


class StrictJSONParser(BaseParser):
    """Parse UTF-8 JSON.

    Refuses repeated keys, NaN and Infinity, numbers beyond 64 bits, nesting deeper than 20, NUL
    and lone surrogates, other charsets, compressed bodies, and more than `max_body` bytes.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: Any,  # noqa: ANN401 - Django's request, which reads like a file
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON value
        """Return the body's value. Raises Malformed, PayloadTooLarge or UnsupportedMediaType."""
        context = parser_context or {}
        request: Request = context["request"]
        _check_encoding(request, media_type or "")
        return loads(_read(stream, request, getattr(context["view"], "max_body", MAX_BODY)))


def loads(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value of the bytes. Raises Malformed."""
    try:
        text = body.decode()
        value = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise Malformed(
            __("Line %(line)d, column %(column)d: not valid JSON.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    except UnicodeDecodeError as error:
        raise Malformed(__("The body is not UTF-8.")) from error
    except ValueError as error:  # Python reads no more than 4,300 digits
        raise Malformed(_too_large()) from error
    except RecursionError as error:
        raise Malformed(_too_deep()) from error
    _check_values(value)
    if _SUSPICIOUS.search(text):
        _check_characters(value)
    return value


def announced_length(request: Request) -> int:
    """Return the body's length in bytes as the client says it; 0 where it does not."""
    try:
        return max(int(request.META.get("CONTENT_LENGTH") or 0), 0)
    except ValueError:
        return 0


def _check_encoding(request: Request, media_type: str) -> None:
    _type, parameters = parse_header_parameters(media_type)
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(media_type, __("The body must be UTF-8."))
    if request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType(media_type, __("The body must not be compressed."))


def _read(stream: BinaryIO, request: Request, limit: int) -> bytes:
    """Read at most `limit` bytes, and none where the client announces more."""
    announced = announced_length(request)
    body = b"" if announced > limit else stream.read(limit + 1)
    if announced > limit or len(body) > limit:
        raise PayloadTooLarge(__("The body may have %(limit)d bytes.") % {"limit": limit})
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        [(again, _times)] = Counter(name for name, _value in pairs).most_common(1)
        raise Malformed(__("The key “%(key)s” comes twice.") % {"key": again[:100]})
    return value


def _too_large() -> str:
    return __("A number is too large, or is not a number.")


def _too_deep() -> str:
    return __("The body is nested deeper than %(levels)d levels.") % {"levels": MAX_NESTING}


def _check_values(value: object) -> None:
    """Check depth and numbers, level by level; a hook for each number would cost more."""
    layer: list[Any] = [[value]]
    for _level in range(MAX_NESTING + 1):
        inner = []
        for container in layer:
            for child in container.values() if type(container) is dict else container:
                kind = type(child)
                if kind is dict or kind is list:
                    inner.append(child)
                elif (kind is int and not -MAX_INTEGER <= child <= MAX_INTEGER) or (
                    kind is float and not math.isfinite(child)
                ):
                    raise Malformed(_too_large())
        if not inner:
            return
        layer = inner
    raise Malformed(_too_deep())


def _check_characters(value: object) -> None:
    """Write the value out again, where a NUL is an escape and a surrogate stands bare."""
    text = json.dumps(value, ensure_ascii=False).replace("\\\\", "")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed(__("A text holds half a character (a lone surrogate).")) from error
    if "\\u0000" in text:
        raise Malformed(__("A text holds a NUL character."))
