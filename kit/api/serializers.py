"""The shapes of bodies and queries: what is not named is refused."""

import functools
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from kit.api.parsers import Malformed, PayloadTooLarge, announced_length
from kit.api.problems import MOST_ERRORS
from kit.errors import FieldError, Invalid


class StrictSerializer(serializers.Serializer[Any]):
    """A body that holds nothing but the serializer's writable fields.

    A field that is not one, or that clients may only read, is `unknown_field`.
    """

    unknown_code: ClassVar[str] = "unknown_field"

    default_error_messages = {"unknown": _("There is no such field.")}

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401 - DRF's signature
        known = {name for name, field in self.fields.items() if not field.read_only}
        unknown = sorted(set(data) - known)[:MOST_ERRORS] if isinstance(data, Mapping) else []
        refused: dict[Any, Any] = {
            name: [serializers.ErrorDetail(str(self.error_messages["unknown"]), self.unknown_code)]
            for name in unknown
        }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            refused |= cast("dict[Any, Any]", error.detail)
        if refused:
            raise serializers.ValidationError(refused)
        return value


class QuerySerializer(StrictSerializer):
    """A query string. A parameter that is not a field, or comes twice, is refused."""

    unknown_code = "unknown_parameter"

    default_error_messages = {"unknown": _("There is no such parameter.")}


def read_body(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return the request's body as the serializer's validated data.

    Raises Malformed for an empty body where the serializer has fields, PayloadTooLarge for one
    of unknown length, and ValidationError.
    """
    if not announced_length(request):
        if "HTTP_TRANSFER_ENCODING" in request.META:
            raise PayloadTooLarge(_("The body must announce its length."))
        if _shape(serializer).fields:
            raise Malformed(_("The body is empty; a JSON object is expected."))
    return _validated(serializer, request.data)


def read_query(serializer: type[QuerySerializer], request: Request) -> dict[str, Any]:
    """Return the request's query as the serializer's validated data. Raises Invalid."""
    query: QueryDict = request.query_params
    if not query and serializer is QuerySerializer:
        return {}
    repeated = [name for name, values in query.lists() if len(values) > 1]
    if repeated:
        raise Invalid(
            errors=[
                FieldError(name[:100], "repeated_parameter", _("This comes more than once."))
                for name in repeated
            ]
        )
    return _validated(serializer, query.dict())


@functools.cache
def _made(serializer: type[StrictSerializer], _language: str | None) -> StrictSerializer:
    return serializer()


def _shape(serializer: type[StrictSerializer]) -> StrictSerializer:
    """Return the one that validates for all requests: making one copies each of its fields.

    Each language has its own, for a field's validators keep the language of their first refusal.
    """
    return _made(serializer, get_language())


def _validated(serializer: type[StrictSerializer], data: object) -> dict[str, Any]:
    validated: dict[str, Any] = _shape(serializer).run_validation(data)
    return validated
