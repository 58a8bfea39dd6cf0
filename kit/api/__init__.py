"""How a route reads what clients send and says no: strict, and the same everywhere."""

from kit.api.fields import (
    InstantField,
    QueryIntegerField,
    StrictBooleanField,
    StrictCharField,
    StrictIdentifierField,
    StrictIntegerField,
)
from kit.api.languages import RequestLanguageMiddleware
from kit.api.paging import CursorPage, PageQuery, page_schema
from kit.api.parsers import StrictJSONParser
from kit.api.permissions import AnyOf, Caller, HasScope
from kit.api.serializers import QuerySerializer, StrictSerializer, read_body, read_query

__all__ = [
    "AnyOf",
    "Caller",
    "CursorPage",
    "HasScope",
    "InstantField",
    "PageQuery",
    "QueryIntegerField",
    "QuerySerializer",
    "RequestLanguageMiddleware",
    "StrictBooleanField",
    "StrictCharField",
    "StrictIdentifierField",
    "StrictIntegerField",
    "StrictJSONParser",
    "StrictSerializer",
    "page_schema",
    "read_body",
    "read_query",
]
