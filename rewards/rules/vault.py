"""Keeping words that only their owner may read: sealed at rest, found by a digest."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of the codes that the service makes: no two letters that look alike."""

LENGTH = 12
"""Letters of such a code: 59 bits."""

LONGEST_CODE = 64
_CODE = re.compile(rf"[!-~]{{1,{LONGEST_CODE}}}")
_NOT_IN_A_PATH = re.compile(r"[/?#%\\]")
SHOWN = 2
"""Letters of a masked code that are left at its end."""


class CannotBeOpened(Exception):
    """None of the keys opens it: a key was taken away too early."""


@dataclass(frozen=True)
class Vault:
    """Seals with the first secret, opens with any: so a secret is replaced while others last.

    A secret is any long text; what is used of it is derived, apart for sealing and for digests.
    """

    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, secrets: Sequence[str]) -> Self:
        """Return the vault of these secrets, newest first."""
        return cls(tuple(secrets))

    @cached_property
    def _boxes(self) -> MultiFernet:
        keys = [base64.urlsafe_b64encode(_derived(one, b"seal")) for one in self.secrets]
        return MultiFernet([Fernet(key) for key in keys])

    @cached_property
    def _digest_keys(self) -> list[bytes]:
        return [_derived(one, b"digest") for one in self.secrets]

    def seal(self, text: str) -> bytes:
        """Return the text, encrypted."""
        return self._boxes.encrypt(text.encode())

    def open(self, sealed: bytes | memoryview) -> str:
        """Return the text. Raises CannotBeOpened."""
        try:
            return self._boxes.decrypt(bytes(sealed)).decode()
        except InvalidToken as error:
            raise CannotBeOpened from error

    def reseal(self, sealed: bytes | memoryview) -> bytes:
        """Return the same text, encrypted with the newest secret. Raises CannotBeOpened."""
        try:
            return self._boxes.rotate(bytes(sealed))
        except InvalidToken as error:
            raise CannotBeOpened from error

    def digest(self, code: str) -> bytes:
        """Return what a code is found by."""
        return hmac.digest(self._digest_keys[0], code.encode(), "sha256")

    def digests(self, code: str) -> list[bytes]:
        """Return all that a code may be found by, as long as old secrets last."""
        return [hmac.digest(key, code.encode(), "sha256") for key in self._digest_keys]


def is_code(text: str) -> bool:
    """Tell whether the text can be a code: printable ASCII without blanks, fit for a path."""
    return bool(_CODE.fullmatch(text)) and not _NOT_IN_A_PATH.search(text)


def new_code(*, draw: Callable[[int], int]) -> str:
    """Return a code of the service's own; `draw(n)` draws a number below n."""
    return "".join(ALPHABET[draw(len(ALPHABET))] for _letter in range(LENGTH))


def masked(code: str) -> str:
    """Return a code as people see it who do not own it."""
    shown = code[-SHOWN:] if len(code) > 3 * SHOWN else ""
    return f"••••{shown}"


def _derived(secret: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(secret.encode(), person=b"rewards", salt=purpose[:16]).digest()[:32]
