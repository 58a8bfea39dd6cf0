"""Lists in pages that stay right while rows come and go."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from django.core import signing
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from kit.api.fields import QueryIntegerField, StrictCharField
from kit.api.serializers import QuerySerializer
from kit.errors import FieldError, Invalid

M = TypeVar("M", bound=models.Model)

PAGE = 20
LONGEST_PAGE = 100


class PageQuery(QuerySerializer):
    """`limit` and `cursor`, for every list."""

    limit = QueryIntegerField(min_value=1, max_value=LONGEST_PAGE, default=PAGE)
    cursor = StrictCharField(max_length=1000, default="")


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[M]):
    """A page of rows, and the cursor of the next one, empty on the last."""

    rows: Sequence[M]
    next_cursor: str

    @classmethod
    def of(
        cls, queryset: models.QuerySet[M], *, order: Sequence[str], limit: int, cursor: str = ""
    ) -> Self:
        """Return the page that follows `cursor` in the order, by one range of one index.

        `order` names columns without NULLs, `-` for descending, the last of them unique. A cursor
        is signed for its list and order; raises Invalid for any other.
        """
        place = _Place(queryset.model, tuple(order))
        rows = queryset.order_by(*order)
        if cursor:
            rows = rows.filter(place.after(place.open(cursor)))
        found = list(rows[: limit + 1])
        page = found[:limit]
        return cls(page, place.seal(page[-1]) if len(found) > limit else "")

    def render(self, show: Callable[[M], Any]) -> dict[str, Any]:
        """Return the page as the API shows it."""
        return {"results": [show(row) for row in self.rows], "next_cursor": self.next_cursor}


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in an order of a model's rows, as a token that clients hand back."""

    model: type[models.Model]
    order: tuple[str, ...]

    @property
    def _names(self) -> list[str]:
        return [name.removeprefix("-") for name in self.order]

    @property
    def _salt(self) -> str:
        return f"cursor:{self.model._meta.label_lower}:{','.join(self.order)}"

    def seal(self, row: models.Model) -> str:
        values = [getattr(row, name) for name in self._names]
        return signing.dumps(values, salt=self._salt, serializer=_InstantsToo)

    def open(self, cursor: str) -> list[Any]:
        try:
            values = signing.loads(cursor, salt=self._salt)
        except (signing.BadSignature, ValueError) as error:
            wrong = FieldError(
                "cursor", "invalid_cursor", _("This cursor is not one of this list.")
            )
            raise Invalid(errors=[wrong]) from error
        columns = {column.name: column for column in self.model._meta.concrete_fields}
        pairs = zip(self._names, values, strict=True)
        return [columns[name].to_python(value) for name, value in pairs]

    def after(self, values: Sequence[Any]) -> models.Q:
        """Rows later in the order: at the first column that differs."""
        later, same = models.Q(pk__in=[]), models.Q()
        for name, value in zip(self.order, values, strict=True):
            column = name.removeprefix("-")
            ahead = {f"{column}__{'lt' if name.startswith('-') else 'gt'}": value}
            later |= same & models.Q(**ahead)
            same &= models.Q(**{column: value})
        # Says again for the planner what follows already: where the index's range begins.
        first = self.order[0]
        edge = f"{first.removeprefix('-')}__{'lte' if first.startswith('-') else 'gte'}"
        return models.Q(**{edge: values[0]}) & later


class _InstantsToo(signing.JSONSerializer):
    """JSON that writes instants as well, to the microsecond."""

    def dumps(self, obj: Any) -> bytes:  # noqa: ANN401 - Django's signature
        return json.dumps(obj, separators=(",", ":"), default=str).encode()


def page_schema(item: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the serializer that describes a page of `item` in the API's description."""
    fields = {"results": item(many=True), "next_cursor": serializers.CharField()}
    name = f"{item.__name__.removesuffix('Out')}PageOut"
    return type(name, (serializers.Serializer,), fields)
