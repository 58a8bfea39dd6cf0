"""A key is made in the admin, shown once, and revoked there."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from members.models import ApiKey
from tests.admin.conftest import limited
from tests.factories import ApiKeyFactory, key_of

KEYS = "/admin/members/apikey/"
FORM = {"name": "shop", "scopes": ["members:read", "activities:write"]}


def made(client: Client, **changes: Any) -> Any:
    return client.post(f"{KEYS}add/", FORM | changes)


def key_in(page: Any) -> str:
    (key,) = re.findall(r"psk_[0-9a-f]{8}_[\w-]{43}", page.content.decode())
    return str(key)


def opens(key: str) -> bool:
    answer = Client(headers={"Authorization": f"Api-Key {key}"}).get("/api/v1/members/nobody/")
    return answer.status_code == 404


def test_a_new_key_is_shown_and_opens_the_door(operator: Client) -> None:
    page = made(operator)
    assert page.status_code == 200
    assert opens(key_in(page))
    row = ApiKey.objects.get()
    assert row.scopes == ["activities:write", "members:read"]
    assert row.expires_at is None


def test_a_new_key_is_shown_once_and_kept_nowhere(operator: Client) -> None:
    page = made(operator)
    secret = key_in(page).split("_", 2)[2]
    assert "no-store" in page["Cache-Control"]
    assert LogEntry.objects.count() == 1
    for path in ["/admin/", KEYS, f"{KEYS}{ApiKey.objects.get().pk}/change/", f"{KEYS}add/"]:
        assert secret not in operator.get(path).content.decode()
    assert all(secret not in str(each.get_decoded()) for each in Session.objects.all())
    assert secret not in everything()


def everything() -> str:
    """Return all rows of all tables as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            found.append(str(cursor.fetchone()[0]))
    return "\n".join(found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a" * 101},
        {"name": "a\0"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at_0": "2020-01-01", "expires_at_1": "00:00"},
        {"expires_at_0": "soon", "expires_at_1": ""},
    ],
    ids=str,
)
def test_a_key_that_makes_no_sense_is_refused(operator: Client, wrong: dict[str, Any]) -> None:
    page = made(operator, **wrong)
    assert page.status_code == 200
    assert page.context["adminform"].form.errors
    assert not ApiKey.objects.exists()


def test_a_key_may_expire(operator: Client) -> None:
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        made(operator, expires_at_0="2027-01-01", expires_at_1="00:00:00")
    assert ApiKey.objects.get().expires_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_key_is_made_in_the_services_own_transaction() -> None:
    assert opens(key_in(made(limited("members.add_apikey"))))


def revoke(client: Client, *keys: ApiKey) -> Any:
    return client.post(KEYS, {"action": "revoke", "_selected_action": [key.pk for key in keys]})


def test_revoked_keys_are_shut_and_logged(operator: Client) -> None:
    one, two, other = ApiKeyFactory.create_batch(3)
    revoke(operator, one, two)
    assert [opens(key_of(key)) for key in (one, two, other)] == [False, False, True]
    assert {entry.object_id for entry in LogEntry.objects.all()} == {str(one.pk), str(two.pk)}
    revoke(operator, one)
    assert LogEntry.objects.count() == 2


def test_looking_is_not_revoking(db: None) -> None:
    key = ApiKeyFactory.create()
    revoke(limited("members.view_apikey"), key)
    assert opens(key_of(key))


def test_a_key_is_not_changed(operator: Client) -> None:
    key = ApiKeyFactory.create(name="shop")
    page = f"{KEYS}{key.pk}/change/"
    assert operator.get(page).status_code == 200
    assert operator.post(page, FORM | {"name": "other"}).status_code == 403


def test_the_digest_is_not_shown(operator: Client) -> None:
    key = ApiKeyFactory.create()
    for path in [KEYS, f"{KEYS}{key.pk}/change/"]:
        assert bytes(key.digest).hex() not in operator.get(path).content.decode()
        assert "digest" not in operator.get(path).content.decode().lower()
