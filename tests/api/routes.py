"""Every route of the API, as the URLconf has it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PREFIX = "api/v1/"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """A path of the API and the view behind it."""

    pattern: str
    """Below the prefix: `me/entries/<id:id>/`."""
    view: Any
    names: tuple[str, ...]
    """Of its path parameters."""

    def __str__(self) -> str:
        return self.pattern

    @property
    def path(self) -> str:
        """The path as the API's description writes it: `/api/v1/me/entries/{id}/`."""
        return f"/{PREFIX}" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.pattern)

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that the view answers."""
        return tuple(
            method
            for method in METHODS
            if hasattr(self.view, method.replace("HEAD", "GET").lower())
        )

    def is_for_members(self, method: str) -> bool:
        """Whether a member may call it at all."""
        required = self.view.required_scopes
        if isinstance(required, dict):
            required = required.get(method.replace("HEAD", "GET"), ())
        return "me" in required


def routes() -> list[Route]:
    """Return every route below `/api/v1/`."""
    return [route for route in _walk(get_resolver().url_patterns, "") if route.pattern]


def _walk(patterns: list[Any], before: str) -> Iterator[Route]:
    for found in patterns:
        path = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from _walk(found.url_patterns, path)
        elif isinstance(found, URLPattern) and path.startswith(PREFIX):
            view: Any = found.callback
            yield Route(path.removeprefix(PREFIX), view.view_class, tuple(found.pattern.converters))
