"""How the API's description tells of the ways to authenticate."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_bearer_security_scheme_object

from members.authentication import ME


class SessionScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer <access token>`, on the routes of members."""

    target_class = "members.authentication.SessionAuthentication"
    name = "Session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer"}

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        """Return it where members may call."""
        return [{self.name: []}] if _scopes(auto_schema) >= ME else []


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """`Authorization: Api-Key <key>`."""

    target_class = "members.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """Return the scheme."""
        return build_bearer_security_scheme_object("Authorization", "Api-Key")

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        """Return it where servers may call."""
        return [{self.name: []}] if _scopes(auto_schema) - ME else []


def _scopes(auto_schema: AutoSchema) -> frozenset[str]:
    """Return the scopes that the operation names, as kit.api.HasScope reads them."""
    scopes = getattr(auto_schema.view, "required_scopes", ())
    return frozenset(scopes[auto_schema.method] if isinstance(scopes, dict) else scopes)
