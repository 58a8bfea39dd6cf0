"""Another member's row looks like one that does not exist, on every route there is."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from activities.models import Comment
from tests.api.routes import METHODS, Route, routes
from tests.api.world import Person, World
from tests.rewards.support import ADDRESS

pytestmark = pytest.mark.once


@dataclass(frozen=True)
class Row:
    """How a route's path names a row: by this of its owner, and by this where there is none."""

    of: Callable[[Person], Any]
    absent: object
    body: object = None
    """One that the route would take, or what makes it."""
    within: Callable[[World], Any] | None = None
    """What the first parameter names, where there are two."""


# Each new route with a row in its path has a line here; without one, the first test fails.
ROWS = {
    "me/entries/<id:id>/": Row(lambda person: person.entry.id, 2**40),
    "members/<identifier:external_id>/": Row(
        lambda person: person.member.external_id, "nobody", {"nickname": "Eve"}
    ),
    "members/<identifier:external_id>/account/": Row(
        lambda person: person.member.external_id, "nobody"
    ),
    "members/<identifier:external_id>/entries/": Row(
        lambda person: person.member.external_id, "nobody"
    ),
    "redemptions/<id:id>/": Row(lambda person: person.redemption, 2**40),
    "redemptions/<id:id>/cancel/": Row(lambda person: person.redemption, 2**40, {}),
    "redemptions/<id:id>/address/": Row(lambda person: person.redemption, 2**40, ADDRESS),
    "vouchers/<identifier:code>/verification/": Row(lambda person: person.voucher, "NO-SUCH", {}),
    "activities/<activity_id:id>/": Row(lambda person: person.activity, "no-such"),
    "activities/<activity_id:id>/reversal/": Row(
        lambda person: person.activity, "no-such", {"reason": "spite"}
    ),
    "posts/<id:id>/": Row(lambda person: person.post, 2**40, {"title": "Anew"}),
    "posts/<id:id>/like/": Row(lambda person: person.liked, 2**40),
    "posts/<id:id>/comments/": Row(lambda person: person.answered, 2**40, {"body": "Well"}),
    "posts/<id:id>/answer/": Row(
        lambda person: person.answered,
        2**40,
        lambda: {"comment": Comment.objects.filter(post__kind="question").get().id},
    ),
    "comments/<id:id>/": Row(lambda person: person.comment, 2**40),
    # Everybody's, once they are published: Ben's is a draft.
    "events/<id:id>/": Row(lambda person: person.event.id, 2**40),
    "events/<id:id>/booking/": Row(lambda person: person.event.id, 2**40, {}),
    "windows/<id:id>/requests/<id:request_id>/": Row(
        lambda person: person.request, 2**40, within=lambda world: world.window.pk
    ),
}
# Their parameters name what is the same for everybody.
WORDS = {"leaderboards/<board:period>/", "rewards/<id:id>/"}
# Rows that are everybody's. What of them is the caller's own is found by the caller.
SHARED = {
    "cycles/<id:id>/",
    "cycles/<id:id>/nominations/",
    "cycles/<id:id>/ballot/",
    "cycles/<id:id>/results/",
    "draws/<id:id>/",
    "draws/<id:id>/tries/",
    "draws/<id:id>/results/",
    "red-packets/<id:id>/",
    "red-packets/<id:id>/share/",
    "windows/<id:id>/",
    "windows/<id:id>/requests/",
    "windows/<id:id>/results/",
}

ROUTES = {route.pattern: route for route in routes() if route.names}
CALLS = [
    pytest.param(ROUTES[pattern], method, id=f"{method} {pattern}")
    for pattern in ROWS
    if pattern in ROUTES
    for method in METHODS
]


def call(world: World, client: Client, route: Route, method: str, value: object) -> Any:
    row = ROWS[route.pattern]
    *outer, name = route.names
    path = route.path.replace(f"{{{name}}}", str(value))
    for other in outer:
        assert row.within is not None
        path = path.replace(f"{{{other}}}", str(row.within(world)))
    body = row.body() if callable(row.body) else row.body
    data = "" if method in {"GET", "HEAD"} else json.dumps(body)
    return client.generic(
        method,
        path,
        data,
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )


def said(answer: Any) -> Any:
    """Return the status and the body, but for the request's id."""
    body = json.loads(answer.content) if answer.content else {}
    body.pop("request_id", None)
    return answer.status_code, body


def test_every_row_that_a_path_names_is_known_here() -> None:
    assert set(ROUTES) - WORDS - SHARED == set(ROWS), "give each route with a row a line in ROWS"
    assert all(len(route.names) <= 2 for route in ROUTES.values())


@pytest.mark.parametrize(("route", "method"), CALLS)
def test_another_members_row_is_absent(world: World, route: Route, method: str) -> None:
    row = ROWS[route.pattern]
    foreign = call(world, world.session, route, method, row.of(world.ben))
    absent = call(world, world.session, route, method, row.absent)
    assert said(foreign) == said(absent)
    if method not in route.methods:
        assert foreign.status_code in {403, 405}
    elif route.is_for_members(method):
        assert foreign.status_code == 404
        assert said(call(world, world.session, route, method, row.of(world.ann)))[0] < 300
    else:
        assert foreign.status_code == 403
        assert said(call(world, world.server, route, method, row.of(world.ben)))[0] < 300


@pytest.mark.parametrize(("route", "method"), CALLS)
def test_nobody_sees_anything(world: World, route: Route, method: str) -> None:
    row = ROWS[route.pattern]
    answers = [
        call(world, Client(), route, method, name) for name in (row.of(world.ben), row.absent)
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert said(answers[0]) == said(answers[1])


# Where a login code or a refresh token is what lets one in.
DOORS = {"sessions/", "sessions/refresh/"}


@pytest.mark.parametrize("route", [route for route in routes() if not route.names], ids=str)
def test_nobody_comes_in_but_by_the_doors(db: None, route: Route) -> None:
    for method in METHODS:
        answer = Client().generic(method, route.path, "{}", content_type="application/json")
        if route.pattern in DOORS:
            assert answer.status_code == (400 if method in route.methods else 405)
        else:
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"]
