"""Mini-programs cannot send PATCH: PUT is there beside it, and means the same."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.api.routes import routes
from tests.api.schema import DESCRIPTION
from tests.api.world import World

# Each new route with PATCH has a line here: a body that it takes.
CHANGES: dict[str, Any] = {
    "/api/v1/me/": {"nickname": "Annabel"},
    "/api/v1/posts/{id}/": {"title": "Anew"},
}


def test_put_is_described_as_patch_is() -> None:
    for path, operations in DESCRIPTION["paths"].items():
        patch, put = operations.get("patch"), operations.get("put")
        if patch:
            assert put, f"{path}: PUT answers wherever PATCH does"
            for said in ("requestBody", "responses", "parameters", "security"):
                assert patch.get(said) == put.get(said), f"{path}: {said}"


def test_put_is_answered_by_what_answers_patch() -> None:
    for route in routes():
        if "PATCH" in route.methods:
            assert "PUT" in route.methods, route.pattern


def test_every_change_is_known_here() -> None:
    assert set(CHANGES) == {route.path for route in routes() if "PATCH" in route.methods}


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("body", [None, {}, {"no_such_field": 1}])
def test_put_does_what_patch_does(world: World, path: str, body: Any) -> None:
    body = CHANGES[path] if body is None else body
    path = path.format(id=world.ann.post)
    answers = [send(world.session, method, path, body) for method in ("PUT", "PATCH")]
    assert answers[0] == answers[1]
    assert answers[0][0] == (400 if "no_such_field" in body else 200)


def send(client: Client, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Return the status and the body, but for the request's id."""
    answer = client.generic(method, path, json.dumps(body), content_type="application/json")
    said = json.loads(answer.content)
    said.pop("request_id", None)
    return answer.status_code, said


def test_what_is_answered_is_described() -> None:
    described = {
        (path, method.upper())
        for path, operations in DESCRIPTION["paths"].items()
        for method in operations
    }
    answered = {(route.path, method) for route in routes() for method in route.methods}
    assert {(path, method) for path, method in answered if method != "HEAD"} == described
