"""The conditions of rules: `all`, `any` and `not` over comparisons of one field."""

from typing import Annotated, Any, TypeAlias

from django.utils.translation import gettext as _
from pydantic import Field, PlainValidator, StringConstraints, model_validator

from points.program_file.faults import Section, fault

MAX_PARTS = 100

CONNECTIVES = ("all", "any", "not")
OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "exists")


def check_condition(value: object) -> dict[str, Any] | None:
    """Return the condition, ready for `points.rules.first_failure`.

    Raises pydantic's errors, each with the path of the part that is wrong.
    """
    return None if value is None else check_part(value)


def check_part(value: object) -> dict[str, Any]:
    """Return a condition, or a part of one, as `check_condition` does; null is none."""
    if not isinstance(value, dict):
        raise fault(
            _("should be a mapping, such as {field: words, gte: 120}"), code="not_a_condition"
        )
    connective = next((word for word in CONNECTIVES if word in value), "")
    if connective and len(value) > 1:
        raise fault(_("%s should stand alone in its mapping") % connective, code="not_alone")
    shape = _SHAPES.get(connective, _Comparison)
    return shape.model_validate(value).model_dump(by_alias=True, exclude_unset=True)


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fault(_("should be a number"), code="not_a_number")
    return _plain(value)


def _plain(value: object) -> object:
    if value is None:
        raise fault(_("should not be null; ask for `exists: false`"), code="null")
    if not isinstance(value, str | int | float):
        raise fault(_("should be text, a number, true or false"), code="not_plain")
    # The database keeps no sign for zero.
    return 0.0 if isinstance(value, float) and not value else value


Part: TypeAlias = Annotated[dict[str, Any], PlainValidator(check_part)]
Parts: TypeAlias = Annotated[list[Part], Field(min_length=1, max_length=MAX_PARTS)]
Plain: TypeAlias = Annotated[Any, PlainValidator(_plain)]
Number: TypeAlias = Annotated[Any, PlainValidator(_number)]


class _All(Section):
    parts: Parts = Field(alias="all")


class _Any(Section):
    parts: Parts = Field(alias="any")


class _Not(Section):
    part: Part = Field(alias="not")


class _Comparison(Section):
    """One field, one operator."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    eq: Plain = None
    ne: Plain = None
    gt: Number = None
    gte: Number = None
    lt: Number = None
    lte: Number = None
    in_: Annotated[list[Plain], Field(min_length=1, max_length=1000)] = Field([], alias="in")
    exists: bool = True

    @model_validator(mode="after")
    def _one_operator(self) -> "_Comparison":
        if len(self.model_fields_set) != 2:  # noqa: PLR2004 - the field and its operator
            detail = _("should have one operator of %s") % ", ".join(OPERATORS)
            raise fault(detail, code="not_one_operator")
        return self


_SHAPES: dict[str, type[Section]] = {"all": _All, "any": _Any, "not": _Not}
