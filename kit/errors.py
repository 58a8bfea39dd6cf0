"""Refusals: what the service says no with. How they look over HTTP is kit.api.problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text: TypeAlias = str | Promise
"""Text, or text that is translated when it is shown."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `field` is its path: `activities[3].id`; empty for all."""

    field: str
    code: str
    detail: Text

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}" if self.field else str(self.detail)


class DomainError(Exception):
    """A refusal that the caller can act on.

    A subclass is named for the refusal and sets `code` (stable snake_case), `status` (HTTP) and
    `title` (one sentence for a person, the same each time). An instance may say more: `detail`
    (this time's sentence), `errors` (by field), `retry_after` (seconds) and any further members of
    the answer as keywords, which must be JSON values.
    """

    code: ClassVar[str] = "conflict"
    status: ClassVar[int] = 409
    title: ClassVar[Text] = _("The request does not fit the present state.")

    def __init__(
        self,
        detail: Text = "",
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.extra = extra

    def __str__(self) -> str:
        return str(self.detail)


class Invalid(DomainError):
    """The request itself is wrong: a bad field, a missing one, one too many."""

    code = "invalid"
    status = 400
    title = _("The request is not valid.")


class NotFound(DomainError):
    """There is no such thing, or it is not the caller's to see."""

    code = "not_found"
    status = 404
    title = _("Not found.")


class Conflict(DomainError):
    """The state of things does not allow it."""


class Unavailable(DomainError):
    """Not now: the database is away or too busy. The same request may be sent again."""

    code = "unavailable"
    status = 503
    title = _("The service is busy. Please try again in a moment.")

    def __init__(self, detail: Text = "", *, retry_after: int = 1) -> None:
        super().__init__(detail, retry_after=retry_after)
