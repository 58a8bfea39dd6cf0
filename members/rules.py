"""What may stand in a member's row: plain checks on plain values."""

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kit.clock import parse_instant
from kit.errors import FieldError, Invalid
from kit.fields import is_identifier
from members.errors import NicknameRefused

ACCESS_PREFIX, REFRESH_PREFIX = "psa_", "psr_"
LONGEST_EXTERNAL_ID = 64
LONGEST_NICKNAME = 100
"""Code points."""

# Joiners make emoji and Persian words; tags make flags. Other format characters turn the text
# around them or hide in it.
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
# Letters and symbols by category, and yet blank: the fillers of Hangul, the empty braille cell.
_BLANKS = set("\u115f\u1160\u3164\uffa0\u2800")


@dataclass(frozen=True, slots=True)
class MemberIn:
    """A member as another system tells of it, checked."""

    external_id: str
    nickname: str
    joined_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Identified:
    """A person as a provider knows them: `subject` is unique within `provider` and `app_id`."""

    provider: str
    app_id: str
    subject: str
    union_id: str | None
    """The same person across the apps of one owner, where the provider tells."""
    external_id: str | None = None
    """The member's own name among other systems, where the provider knows it."""


def clean_nickname(nickname: str) -> str:
    """Return the nickname composed (NFC), without controls, text-turning marks and extra blanks.

    Empty stays empty. Raises NicknameRefused where nothing visible is left of a text, or it is
    longer than 100 code points.
    """
    kept = "".join(char for char in nickname if char.isspace() or may_stand(char))
    shown = unicodedata.normalize("NFC", " ".join(kept.split()))
    if nickname.strip() and not any(map(is_visible, shown)):
        raise NicknameRefused(_("The nickname shows nothing."))
    if len(shown) > LONGEST_NICKNAME:
        raise NicknameRefused(_("The nickname is longer than 100 characters."))
    return shown


def digest(*, key: str) -> bytes:
    """Return what is kept of a key or token: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def is_token(text: str, *, prefix: str) -> bool:
    """Tell whether the text has the form of a token: 256 bits behind its prefix."""
    return re.fullmatch(prefix + "[A-Za-z0-9_-]{43}", text) is not None


def read_member(*, external_id: str, nickname: str, joined_at: str) -> MemberIn:
    """Return the member that a row of text tells of. Raises Invalid with an error for each field.

    `joined_at` is an RFC 3339 instant with an offset.
    """
    errors: list[FieldError] = []
    try:
        nickname = clean_nickname(nickname)
    except NicknameRefused as refusal:
        errors.append(FieldError("nickname", refusal.code, refusal.detail))
    if len(external_id) > LONGEST_EXTERNAL_ID or not is_identifier(external_id):
        detail = _("Expected 1 to 64 printable characters without blanks around them.")
        errors.append(FieldError("external_id", "invalid", detail))
    try:
        instant = parse_instant(joined_at)
    except ValueError:
        detail = _("Expected an instant with an offset, such as 2026-11-22T10:00:00+08:00.")
        errors.append(FieldError("joined_at", "invalid", detail))
    if errors:
        raise Invalid(errors=errors)
    return MemberIn(external_id, nickname, instant)


def may_stand(char: str) -> bool:
    """Tell whether a text may hold the character: no control, and nothing that turns or hides."""
    return char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}


def is_visible(char: str) -> bool:
    """Tell whether the character shows something."""
    return unicodedata.category(char)[0] in "LNPS" and char not in _BLANKS
