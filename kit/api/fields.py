"""Serializer fields that take a value or refuse it, and never guess."""

import datetime as dt
import re
import unicodedata
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from kit.clock import parse_instant
from kit.fields import SAFE_INTEGER, is_identifier


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer: not "1", 1.0, 1e3 or true. Bounded by what JavaScript reads exactly."""

    def __init__(
        self,
        *,
        min_value: int = -SAFE_INTEGER,
        max_value: int = SAFE_INTEGER,
        **options: Any,  # noqa: ANN401 - the rest of DRF's options
    ) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: object) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class QueryIntegerField(StrictIntegerField):
    """A whole number in a query: ASCII digits, with a minus sign if need be."""

    def to_internal_value(self, data: object) -> int:
        if not isinstance(data, str) or not re.fullmatch(r"-?[0-9]{1,16}", data):
            self.fail("invalid")
        return int(data)


class StrictBooleanField(serializers.BooleanField):
    """A JSON boolean: not "true", 1 or null."""

    def to_internal_value(self, data: object) -> bool:
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return data


class StrictCharField(serializers.CharField):
    """A JSON string, composed (NFC), without blanks around it. The length counts code points."""

    def __init__(self, *, max_length: int, **options: Any) -> None:  # noqa: ANN401 - DRF's
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return unicodedata.normalize("NFC", super().to_internal_value(data))


class StrictIdentifierField(serializers.CharField):
    """Another system's name for something, taken as it is.

    Up to `max_length` printable characters, with no blanks around them.
    """

    def __init__(self, *, max_length: int = 64, **options: Any) -> None:  # noqa: ANN401 - DRF's
        super().__init__(max_length=max_length, trim_whitespace=False, **options)

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str) or not is_identifier(data):
            self.fail("invalid")
        return data


class InstantField(serializers.DateTimeField):
    """An RFC 3339 instant with an offset, kept and shown in UTC."""

    default_error_messages = {
        "invalid": _("Expected an instant with an offset, such as 2026-11-22T10:00:00+08:00.")
    }

    def to_internal_value(self, value: object) -> dt.datetime:
        try:
            return parse_instant(value if isinstance(value, str) else "")
        except ValueError:
            self.fail("invalid")
