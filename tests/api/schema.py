"""The API's description, made from the code as it stands."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator

DESCRIPTION: dict[str, Any] = SchemaGenerator().get_schema(public=True)
