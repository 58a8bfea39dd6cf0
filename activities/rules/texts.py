"""What members write: plain text, composed, with nothing in it that hides or turns the text."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from kit.errors import FieldError, Invalid
from members.rules import is_visible, may_stand

LONGEST_TITLE = 120
LONGEST_BODY = 10_000
LONGEST_COMMENT = 2_000
LONGEST_TOPIC = 40
LONGEST_REASON = 500
"""Code points."""

_MOST_EMPTY_LINES = 2


def clean_line(text: str, *, field: str, longest: int) -> str:
    """Return the text as one line, composed (NFC), without controls and text-turning marks.

    Raises Invalid, naming `field`, where nothing is to be seen of it or it is too long.
    """
    kept = "".join(char for char in text if char.isspace() or may_stand(char))
    return _checked(" ".join(kept.split()), field, longest)


def clean_text(text: str, *, field: str, longest: int) -> str:
    """Return the text as `clean_line` does, with its lines: at most two empty ones in a row."""
    kept = "".join(char for char in text if char.isspace() or may_stand(char))
    lines: list[str] = []
    for line in kept.splitlines():
        shown = line.expandtabs(4).rstrip()
        if shown or any(lines[-_MOST_EMPTY_LINES:]):
            lines.append(shown)
    return _checked("\n".join(lines).strip(), field, longest)


def _checked(text: str, field: str, longest: int) -> str:
    shown = unicodedata.normalize("NFC", text)
    if not any(map(is_visible, shown)):
        raise Invalid(errors=[FieldError(field, "shows_nothing", _("The text shows nothing."))])
    if len(shown) > longest:
        detail = _("The text is longer than %(longest)d characters.") % {"longest": longest}
        raise Invalid(errors=[FieldError(field, "max_length", detail)])
    return shown
