"""What the API's description says of every route: its problems, and that bodies are strict."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiParameter

from kit.api.problems import MEDIA_TYPE, TITLES
from kit.errors import Unavailable

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    description="1 to 255 printable ASCII characters, the same for every try of one call.",
)
"""For `extend_schema(parameters=…)` of the routes that answer through `kit.idempotency.once`."""

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/out-of-stock"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string", "examples": ["out_of_stock"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "examples": ["activities[3].id"]},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
}

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
REFUSED = {(409, MEDIA_TYPE): PROBLEM_REF}
"""Among the `responses` of `extend_schema`, where the state may stand against what is asked."""
"""For `extend_schema(responses={(status, MEDIA_TYPE): …})` of a problem that one route has."""


class StrictBody(OpenApiSerializerExtension):
    """A body that refuses what it does not name says so."""

    target_class = "kit.api.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema."""
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # noqa: SLF001 - as its documentation says
        return {**schema, "additionalProperties": False}


def add_problems(
    result: dict[str, Any],
    generator: object,  # noqa: ARG001 - the hook's signature
    request: object,  # noqa: ARG001
    public: bool,  # noqa: ARG001, FBT001
) -> dict[str, Any]:
    """Describe the problems that any operation may answer with (a drf-spectacular hook).

    And say of each body that it must come: an empty one is malformed.
    """
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True  # `{}` where nothing need be said
            responses = operation.setdefault("responses", {})
            for status in _statuses(path, operation):
                responses.setdefault(str(status), _response(status))
    return result


def _statuses(path: str, operation: dict[str, Any]) -> list[int]:
    statuses = [400, 406, 429, 500, Unavailable.status]
    if any(operation.get("security", [])):
        statuses += [401, 403]
    if "{" in path:
        statuses.append(404)
    if "requestBody" in operation:
        statuses += [413, 415]
    headers = {parameter["name"] for parameter in operation.get("parameters", [])}
    if IDEMPOTENCY_KEY.name in headers:
        statuses += [409, 422]
    return sorted(statuses)


def _response(status: int) -> dict[str, Any]:
    return {
        "description": str(TITLES[status]),
        "content": {MEDIA_TYPE: {"schema": PROBLEM_REF}},
    }
