"""Column types with a promise."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

POINTS_LIMIT = 10**12
"""No single movement and no total may be larger (ledger.md, I12)."""

SAFE_INTEGER = 2**53 - 1
"""The largest integer that a JavaScript client reads exactly."""


if TYPE_CHECKING:
    IntegerColumn = models.BigIntegerField[int, int]
    TextColumn = models.CharField[str, str]
else:
    IntegerColumn = models.BigIntegerField
    TextColumn = models.CharField


class PointsField(IntegerColumn):
    """Whole points."""

    description = _("Points")

    def __init__(self, *names: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        options.setdefault("default", 0)
        super().__init__(*names, **options)


class IdentifierField(TextColumn):
    """A name that machines compare byte by byte: a code, a reference, another system's id.

    The C collation makes comparing cheap and lets the column's one index serve prefix searches,
    so Django's second index (`…_like`), a write more for every row, is not made: Django adds it
    where the type's name begins with `varchar`.
    """

    description = _("Identifier")

    def __init__(self, *names: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        options.setdefault("db_collation", "C")
        super().__init__(*names, **options)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type under its full name."""
        return str(super().db_type(connection)).replace("varchar", "character varying")


def no_control_characters(value: str) -> None:
    """Refuse NUL and lone surrogates, which PostgreSQL cannot store.

    Raises ValidationError.
    """
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValidationError(_("Contains a character that cannot be stored."), code="invalid")


def is_identifier(value: str) -> bool:
    """Tell whether the text can name something: printable, not empty, no blanks around it.

    Printable leaves out controls, separators, surrogates and characters that nobody sees.
    """
    return value.isprintable() and value == value.strip() != ""
