"""Keys open the door they are made for, while they live."""

import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members import services
from members.errors import UnknownScope
from members.models import ApiKey
from tests.factories import ApiKeyFactory, MemberFactory, key_of

NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def make(expires_at: dt.datetime | None = None) -> tuple[ApiKey, str]:
    return services.create_api_key(
        name="shop", scopes=["members:read"], expires_at=expires_at, now=NOW
    )


def status(authorization: str | None) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = Client().get("/api/v1/members/nobody/", headers=headers)
    if response.status_code == 401:
        assert response["WWW-Authenticate"] == "Bearer, Api-Key"
        assert response.json()["code"] in {"authentication_failed", "not_authenticated"}
    return response.status_code


OPEN, SHUT = 404, 401


def test_a_key_opens_the_door() -> None:
    _row, key = make()
    assert status(f"Api-Key {key}") == OPEN
    assert status(f"api-key {key}") == OPEN


def test_a_key_is_not_kept_but_its_digest_is() -> None:
    row, key = make()
    assert key.startswith(f"psk_{row.prefix}_")
    assert len(key) == len("psk_") + 8 + 1 + 43
    kept = ApiKey.objects.filter(id=row.id).values().get()
    secret = key.split("_", 2)[2]
    assert not any(secret in str(value) for value in kept.values())
    assert bytes(kept["digest"]) == services.digest(key=key)


def test_two_keys_live_at_once() -> None:
    keys = [make()[1] for _rotation in range(2)]
    assert keys[0] != keys[1]
    assert [status(f"Api-Key {key}") for key in keys] == [OPEN, OPEN]


def test_an_expired_key_is_shut() -> None:
    _row, key = make(expires_at=NOW + MINUTE)
    with time_machine.travel(NOW + MINUTE - dt.timedelta(seconds=1), tick=False):
        assert status(f"Api-Key {key}") == OPEN
    with time_machine.travel(NOW + MINUTE, tick=False):
        assert status(f"Api-Key {key}") == SHUT


def test_a_revoked_key_is_shut_at_once() -> None:
    row, key = make()
    assert services.revoke_api_key(key_id=row.id, now=NOW)
    assert status(f"Api-Key {key}") == SHUT
    assert not services.revoke_api_key(key_id=row.id, now=NOW + MINUTE)
    row.refresh_from_db()
    assert row.revoked_at == NOW


def test_a_truncated_key_is_shut() -> None:
    _row, key = make()
    assert status(f"Api-Key {key[:-1]}") == SHUT


def test_an_unknown_key_is_shut() -> None:
    assert status(f"Api-Key psk_{'0' * 8}_{'A' * 43}") == SHUT


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Api-Key",
        "Api-Key ",
        "Api-Key \x00",
        "Api-Key ключ",
        "Basic Og==",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Api-Key " + "k" * 20_000,
    ],
)
def test_what_is_no_key_is_shut(authorization: str | None) -> None:
    assert status(authorization) == SHUT


def test_a_key_behind_another_word_is_shut() -> None:
    _row, key = make()
    assert status(f"Bearer {key}") == SHUT
    assert status(key) == SHUT
    assert status(f"Api-Key {key} {key}") == SHUT
    assert status(f"Api-Key  {key}") == SHUT


@pytest.mark.parametrize("scopes", [[], ["members:reed"], ["members:read", "everything"]])
def test_a_key_has_scopes_that_exist(scopes: list[str]) -> None:
    with pytest.raises(UnknownScope):
        services.create_api_key(name="shop", scopes=scopes, expires_at=None, now=NOW)
    assert not ApiKey.objects.exists()


def test_the_last_use_is_written_once_a_minute() -> None:
    row, key = make()

    def used(at: dt.datetime) -> dt.datetime | None:
        with time_machine.travel(at, tick=False):
            assert status(f"Api-Key {key}") == OPEN
        row.refresh_from_db()
        return row.last_used_at

    assert used(NOW) == NOW
    assert used(NOW + MINUTE - dt.timedelta(seconds=1)) == NOW
    assert used(NOW + MINUTE) == NOW + MINUTE


def test_authentication_is_one_query() -> None:
    row = ApiKeyFactory.create()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        status(f"Api-Key {key_of(row)}")
    assert len([query for query in queries if "apikey" in query["sql"]]) == 1


def test_the_command_prints_a_key_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_api_key", "shop", "--scopes", "members:read, activities:write")
    key = capsys.readouterr().out.splitlines()[-1]
    assert status(f"Api-Key {key}") == OPEN
    row = ApiKey.objects.get()
    assert row.scopes == ["activities:write", "members:read"]
    assert row.expires_at is None


def test_the_command_may_limit_the_days() -> None:
    with time_machine.travel(NOW, tick=False):
        call_command(
            "create_api_key", "shop", "--scopes=members:read", "--days=30", stdout=io.StringIO()
        )
    assert ApiKey.objects.get().expires_at == NOW + dt.timedelta(days=30)


@pytest.mark.parametrize(
    "arguments",
    [
        ["shop", "--scopes", "members:reed"],
        ["shop", "--scopes", ","],
        ["shop"],
        ["", "--scopes", "members:read"],
        ["a\0b", "--scopes", "members:read"],
        ["x" * 101, "--scopes", "members:read"],
        ["shop", "--scopes", "members:read", "--days", "0"],
        ["shop", "--scopes", "members:read", "--days", "-1"],
        ["shop", "--scopes", "members:read", "--days", "9" * 5000],
        ["shop", "--scopes", "members:read", "--days", "１"],
    ],
)
def test_the_command_refuses_in_one_line(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as raised:
        call_command("create_api_key", *arguments)
    assert "\n" not in str(raised.value)
    assert not ApiKey.objects.exists()


def test_a_member_is_not_told_apart_from_nobody(django_assert_num_queries: Any) -> None:
    key = ApiKeyFactory.create(scopes=["activities:write"])
    MemberFactory.create(external_id="somebody")
    client = Client(headers={"Authorization": f"Api-Key {key_of(key)}"})
    bodies = []
    for name in ["somebody", "nobody"]:
        with django_assert_num_queries(1):
            body = client.get(f"/api/v1/members/{name}/").json()
        body.pop("request_id")
        bodies.append(body)
    assert bodies[0] == bodies[1]
