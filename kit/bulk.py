"""Many rows in one statement: each column travels as one text, whatever the number of rows.

A list of a thousand values costs the driver a thousand conversions; one joined text costs one.
PostgreSQL splits it again with `string_to_array` (`kit_column`, made by a migration and inlined),
which is as fast as reading an array literal.
"""

import functools
from collections.abc import Sequence
from typing import Any, cast

import orjson
from django.db import connection, models

SEPARATOR = "\x1f"
"""ASCII's unit separator: refused in every identifier, and escaped by JSON."""

NULL = "\x1e"
"""Stands for NULL in a column; ASCII's record separator, refused and escaped likewise."""


_BLANKED = dict.fromkeys(map(ord, ("\0", SEPARATOR, NULL)), " ")


def sendable(text: str) -> str:
    """Return the text with blanks for the characters that a column cannot hold."""
    return text.translate(_BLANKED)


def column(values: Sequence[object]) -> str | None:
    """Return the values as one text for `split`, each closed by a separator.

    None becomes NULL. No values at all become a NULL array, which unnests to no rows.
    """
    if not values:
        return None
    if None in values:
        values = [NULL if value is None else value for value in values]
    return SEPARATOR.join(map(str, values)) + SEPARATOR


def documents(values: Sequence[object]) -> str | None:
    """Return JSON values as one JSON text for `split("jsonb")`."""
    return orjson.dumps(values).decode() if values else None


def split(sql_type: str) -> str:
    """Return the SQL that turns a `column` parameter into an array of `sql_type`.

    For jsonb the parameter comes from `documents`.
    """
    if sql_type == "jsonb":
        return "ARRAY(SELECT jsonb_array_elements(%s::jsonb))"
    return f"kit_column(%s)::{sql_type}[]"


def update(
    model: type[models.Model], *, fields: Sequence[str], rows: Sequence[Sequence[object]]
) -> int:
    """Set the fields of the rows with these ids and return how many there were.

    Each row is an id and one value a field, None for NULL; no JSON among them.
    """
    if not rows:
        return 0
    columns = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in fields]
    arrays = [split("bigint"), *(split(_type(field)) for field in columns)]
    names = [f'"{field.column}"' for field in columns]
    statement = (
        f'UPDATE "{model._meta.db_table}" AS old '  # noqa: S608 - names from the model
        f"SET {', '.join(f'{name} = new.{name}' for name in names)} "
        f"FROM unnest({', '.join(arrays)}) AS new (id, {', '.join(names)}) WHERE old.id = new.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [column(values) for values in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def _type(field: "models.Field[Any, Any]") -> str:
    return str(field.db_type(connection)).split("(")[0]


def insert(
    model: type[models.Model],
    *,
    fields: Sequence[str],
    rows: Sequence[Sequence[object]],
    unless: str = "false",
) -> int:
    """Insert the rows and return how many were; IntegrityError if one breaks a constraint.

    `fields` are attribute names; each row has one value a field, None for NULL. `unless` is a
    constant SQL condition on a new row's columns; rows that it holds for are left out.
    """
    if not rows:
        return 0
    statement, types = _insertion(model, tuple(fields), unless)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                documents(values) if sql_type == "jsonb" else column(values)
                for sql_type, values in zip(types, zip(*rows, strict=True), strict=True)
            ],
        )
        return int(cursor.rowcount)


@functools.cache
def _insertion(
    model: type[models.Model], fields: tuple[str, ...], unless: str
) -> tuple[str, tuple[str, ...]]:
    """Return the statement that inserts, and the types of its columns: the same for all rows."""
    columns = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in fields]
    names = ", ".join(f'"{field.column}"' for field in columns)
    types = tuple(_type(field) for field in columns)
    arrays = ", ".join(map(split, types))
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({names}) '  # noqa: S608 - names from the model
        f"SELECT * FROM unnest({arrays}) AS new ({names}) WHERE NOT ({unless})"
    )
    return statement, types
