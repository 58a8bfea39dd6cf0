"""A server that calls the kit's routes."""

import json
from typing import Any

import pytest
from django.test import Client

from members.models import ApiKey
from tests.factories import ApiKeyFactory, key_of


@pytest.fixture(autouse=True)
def _kit_routes(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit.urls"


@pytest.fixture
def api_key(db: None) -> ApiKey:
    return ApiKeyFactory.create()


@pytest.fixture
def client(api_key: ApiKey) -> Client:
    """A client that sends its key, and sees a crash as the world does."""
    return Client(
        raise_request_exception=False, headers={"Authorization": f"Api-Key {key_of(api_key)}"}
    )


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem that the answer is, with everything that each has."""
    body: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, body.get("code")) == (status, code), body
    assert response["Content-Type"] == "application/problem+json"
    assert body["type"] == f"/problems/{code.replace('_', '-')}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert len(body["request_id"]) == len("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    return body


def fields(body: dict[str, Any]) -> set[tuple[str, str]]:
    """Return which fields a problem names, and why."""
    return {(error["field"], error["code"]) for error in body["errors"]}
