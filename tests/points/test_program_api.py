"""How points are earned, over HTTP."""

from typing import Any

import pytest
from django.test import Client

from members.models import Scope
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import load

pytestmark = pytest.mark.django_db
RULES, LEVELS = "/api/v1/rules/", "/api/v1/levels/"


@pytest.fixture
def client() -> Client:
    return signed_in(MemberFactory.create())


def read(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return response.json()


def test_rules_tell_what_they_grant_and_under_which_caps(client: Client) -> None:
    load(
        rules=[
            {"code": "hello", "action": "hello", "points": 5, "caps": ["daily", "ever"]},
            {
                "code": "essay",
                "action": "essay",
                "points": {"field": "words", "times": 2},
                "when": {"field": "words", "gte": 120},
                "starts_at": "2020-01-01T00:00:00+08:00",
            },
        ],
        caps=[
            {"code": "daily", "limit": 10, "period": "day", "over": "partial"},
            {"code": "ever", "limit": 50, "period": "lifetime", "over": "none"},
        ],
    )
    hello, essay = read(client, RULES)["rules"]
    assert hello == {
        "code": "hello",
        "version": 1,
        "action": "hello",
        "points": 5,
        "per_field": None,
        "when": None,
        "conditions": "",
        "starts_at": None,
        "ends_at": None,
        "release": "at_once",
        "release_days": None,
        "caps": [
            {"code": "daily", "limit": 10, "period": "day", "over": "partial"},
            {"code": "ever", "limit": 50, "period": "lifetime", "over": "none"},
        ],
    }
    assert essay == {
        "code": "essay",
        "version": 1,
        "action": "essay",
        "points": 2,
        "per_field": "words",
        "when": {"field": "words", "gte": 120},
        "conditions": "words is at least 120",
        "starts_at": "2019-12-31T16:00:00Z",
        "ends_at": None,
        "release": "at_once",
        "release_days": None,
        "caps": [],
    }


def test_only_rules_in_force_now_are_told(client: Client) -> None:
    rule = {"action": "a", "points": 1}
    load(
        rules=[
            rule | {"code": "over", "ends_at": "2020-01-01T00:00:00Z"},
            rule | {"code": "now", "starts_at": "2020-01-01T00:00:00Z"},
            rule | {"code": "later", "starts_at": "2190-01-01T00:00:00Z"},
            rule | {"code": "retired"},
        ]
    )
    assert [one["code"] for one in read(client, RULES)["rules"]] == ["now", "retired"]
    load(rules=[rule | {"code": "now", "points": 2}])
    (told,) = read(client, RULES)["rules"]
    assert (told["code"], told["version"], told["points"]) == ("now", 2, 2)


def test_levels_tell_what_they_give_lowest_first(client: Client) -> None:
    load(
        levels=[
            {"code": "new", "name": "Newcomer", "threshold": 0},
            {"code": "known", "name": "Known", "threshold": 100, "multiplier": "1.5"},
            {"code": "elder", "name": "Elder", "threshold": 1_000, "multiplier": "10"},
        ]
    )
    assert read(client, LEVELS) == {
        "levels": [
            {
                "code": "new",
                "name": "Newcomer",
                "threshold": 0,
                "multiplier": "1",
                "benefits": [],
            },
            {
                "code": "known",
                "name": "Known",
                "threshold": 100,
                "multiplier": "1.5",
                "benefits": ["Earns 1.5 times the points."],
            },
            {
                "code": "elder",
                "name": "Elder",
                "threshold": 1_000,
                "multiplier": "10",
                "benefits": ["Earns 10 times the points."],
            },
        ]
    }


def test_an_empty_program_is_an_empty_list(client: Client) -> None:
    load(rules=[])
    assert read(client, RULES) == {"rules": []}
    assert read(client, LEVELS) == {"levels": []}


@pytest.mark.parametrize("path", [RULES, LEVELS])
def test_members_and_servers_that_read_members_may_ask(client: Client, path: str) -> None:
    load()

    def server(*scopes: Scope) -> Client:
        key = key_of(ApiKeyFactory.create(scopes=[*scopes]))
        return Client(headers={"Authorization": f"Api-Key {key}"})

    assert read(server(Scope.MEMBERS_READ), path) == read(client, path)
    every_other = [Scope(scope) for scope in Scope.values if scope != Scope.MEMBERS_READ]
    refused = server(*every_other).get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert Client().get(path).status_code == 401


@pytest.mark.parametrize("path", [RULES, LEVELS])
def test_the_program_is_remembered(
    client: Client, path: str, django_assert_num_queries: Any
) -> None:
    load(levels=[{"code": "new", "threshold": 0}])
    read(client, path)
    with django_assert_num_queries(2):  # the session, whether the program has changed
        read(client, path)
