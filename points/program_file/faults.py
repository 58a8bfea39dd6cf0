"""What is wrong with a value, in the project's own words."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A mapping of the file: no field more, no guessing at types."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def fault(detail: str, *, code: str) -> PydanticCustomError:
    """Return an error to raise in a validator. `detail` completes "this field …"."""
    # What pydantic calls the message is a template: braces in ours are not its fields.
    return PydanticCustomError(code, "{detail}", {"detail": detail})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` for the closest known word, or nothing."""
    close = get_close_matches(word, sorted(known), n=1)
    return " " + _("(did you mean %s?)") % close[0] if close else ""


def in_words(kind: str, context: Mapping[str, Any], fallback: str) -> str:
    """Return what a kind of pydantic error means, as words that complete "this field …"."""
    sentences = {
        "missing": _("is missing"),
        "int_type": _("should be a whole number"),
        "string_type": _("should be text; put it in quotes"),
        "bool_type": _("should be true or false"),
        "list_type": _("should be a list"),
        "model_type": _("should be a mapping of fields"),
        "string_too_short": _("should not be empty"),
        "string_too_long": _("should have at most {max_length} characters"),
        "greater_than_equal": _("should be at least {ge}"),
        "less_than_equal": _("should be at most {le}"),
        "literal_error": _("should be one of {expected}"),
        "too_short": _("should not be empty"),
        "too_long": _("should have at most {max_length} items"),
    }
    sentence = sentences.get(kind)
    if kind == "literal_error":
        context = {"expected": context["expected"].replace(" or ", ", ").replace("'", "")}
    return sentence.format_map(context) if sentence else fallback
