"""Who may call a route."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol, cast

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kit.errors import DomainError

if TYPE_CHECKING:  # DRF's views name this module in their defaults
    from rest_framework.views import APIView


class Caller(Protocol):
    """What an authentication puts into `request.auth`."""

    @property
    def caller(self) -> str:
        """A name that no other caller has, such as `key:7`."""

    @property
    def scopes(self) -> Collection[str]:
        """What the caller may do."""


class MissingScope(DomainError):
    """The caller is known and may do other things."""

    code = "missing_scope"
    status = 403
    title = _("These credentials do not allow this.")


class AnyOf(frozenset[str]):
    """Scopes of which a caller needs only one."""


class HasScope(BasePermission):
    """The caller holds every scope that the view names in `required_scopes`, or one of `AnyOf`.

    `required_scopes` is a collection of scopes, or a mapping of methods to collections where they
    differ. A view that names none is open to nobody, so forgetting is safe.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        caller = cast("Caller | None", request.auth)
        if caller is None:
            return False
        required = getattr(view, "required_scopes", None)
        if isinstance(required, dict):
            required = required.get("GET" if request.method == "HEAD" else request.method)
        if not required:
            raise MissingScope
        missing = sorted(set(required).difference(caller.scopes))
        enough = isinstance(required, AnyOf) and len(missing) < len(required)
        if missing and not enough:
            raise MissingScope(scopes=missing)
        return True
