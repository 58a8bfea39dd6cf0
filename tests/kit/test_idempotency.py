"""The same call again gives the same answer and no second effect."""

import datetime as dt
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from kit import idempotency
from kit.models import IdempotencyKey
from kit.transactions import RetryTransaction
from members.models import Member
from tests.factories import ApiKeyFactory, key_of
from tests.kit.conftest import problem
from tests.kit.views import RAISED, EffectView
from tests.waiting import PATIENCE

EFFECTS = "/api/v1/effects/"


def call(client: Client, text: str, key: str | None = "k", path: str = EFFECTS) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(path, {"text": text}, "application/json", headers=headers)


def test_the_first_answer_comes_again_byte_for_byte(client: Client) -> None:
    first, second = call(client, "a"), call(client, "a")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first["Content-Type"] == second["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Member.objects.count() == 1


def test_how_the_json_is_written_does_not_matter(client: Client) -> None:
    first = call(client, "é")
    second = client.post(
        EFFECTS,
        b' { "text" : "\\u00e9" } ',
        "application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert first.content == second.content


def test_another_body_under_the_key_is_refused(client: Client) -> None:
    call(client, "a")
    problem(call(client, "b"), 422, "idempotency_key_reused")
    assert Member.objects.count() == 1


def test_another_target_under_the_key_is_refused(client: Client) -> None:
    assert call(client, "a", path=f"{EFFECTS}1/").status_code == 201
    problem(call(client, "a", path=f"{EFFECTS}2/"), 422, "idempotency_key_reused")


def test_a_key_is_one_callers_on_one_route(client: Client) -> None:
    other = Client(headers={"Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})
    answers = [call(client, "a"), call(other, "a"), call(client, "a", path=f"{EFFECTS}x/")]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert call(client, "a", key="K").status_code == 201
    assert Member.objects.count() == 4


@pytest.mark.parametrize("key", [None, "", "k" * 256, "ключ", "a\tb", "k\x7f"])
def test_a_key_is_needed_and_has_a_form(client: Client, key: str | None) -> None:
    problem(call(client, "a", key=key), 400, "idempotency_key_invalid")
    assert not Member.objects.exists()


@pytest.mark.parametrize("key", ["k", "k" * 255, "a b~!"])
def test_any_printable_ascii_is_a_key(client: Client, key: str) -> None:
    assert call(client, "a", key=key).status_code == 201


def test_a_refusal_by_state_undoes_the_effect_and_is_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = call(client, "refused")
    assert problem(first, 409, "out_of_stock")["left"] == 0
    monkeypatch.delitem(RAISED, "refused")
    second = call(client, "refused")
    assert second.content == first.content
    assert second["Content-Type"] == "application/problem+json"
    assert second["Idempotency-Replayed"] == "true"
    assert not Member.objects.exists()


@pytest.mark.parametrize(("kind", "status"), [("busy", 503), ("throttled", 429), ("broken", 500)])
def test_what_may_pass_is_not_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch, kind: str, status: int
) -> None:
    assert call(client, kind).status_code == status
    assert not IdempotencyKey.objects.exists()
    assert not Member.objects.exists()
    monkeypatch.delitem(RAISED, kind)
    assert call(client, kind).status_code == 201


def test_a_bad_body_does_not_use_up_the_key(client: Client) -> None:
    problem(call(client, "longer than ten"), 400, "invalid")
    assert call(client, "a").status_code == 201


def test_an_effect_that_is_run_again_counts_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once_more() -> Exception:
        monkeypatch.delitem(RAISED, "again")
        return RetryTransaction()

    monkeypatch.setitem(RAISED, "again", once_more)
    assert call(client, "again").status_code == 201
    assert Member.objects.count() == 1


@pytest.mark.django_db
def test_keys_are_forgotten_after_seven_days(client: Client) -> None:
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    for key, age in [("old", 7 * 86400 + 1), ("young", 7 * 86400)]:
        call(client, "a", key=key)
        IdempotencyKey.objects.filter(key=key).update(created_at=now - dt.timedelta(seconds=age))
    assert idempotency.purge(now=now) == 1
    assert IdempotencyKey.objects.get().key == "young"


def test_a_repeated_call_costs_few_statements(
    client: Client, django_assert_num_queries: Any
) -> None:
    call(client, "a")
    with django_assert_num_queries(5):  # the caller; savepoint, lock, key, release
        call(client, "a")


# --- At once --------------------------------------------------------------------------------------


@pytest.fixture
def crowd(transactional_db: None) -> Client:
    key = ApiKeyFactory.create()
    return Client(
        raise_request_exception=False, headers={"Authorization": f"Api-Key {key_of(key)}"}
    )


def test_the_second_does_not_wait_for_the_first(crowd: Client) -> None:
    EffectView.started.clear()
    EffectView.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(in_thread, crowd, "slow")
        assert EffectView.started.wait(PATIENCE)
        second = call(crowd, "slow")
        EffectView.go_on.set()
        assert first.result().status_code == 201
    problem(second, 409, "request_in_progress")
    assert second["Retry-After"] == "1"
    assert call(crowd, "slow").content == first.result().content


def in_thread(client: Client, text: str, barrier: threading.Barrier | None = None) -> Any:
    try:
        connection.ensure_connection()
        if barrier:
            barrier.wait(PATIENCE)
        return call(client, text)
    finally:
        connection.close()


def test_a_storm_of_one_key_has_one_effect(crowd: Client) -> None:
    same, other = 64, 32
    barrier = threading.Barrier(same + other)
    texts = ["a", "a", "b"] * other
    with ThreadPoolExecutor(same + other) as pool:
        answers = list(pool.map(lambda text: in_thread(crowd, text, barrier), texts))
    assert Member.objects.count() == 1
    won = Member.objects.get().nickname
    codes: dict[str, Counter[Any]] = {"won": Counter(), "lost": Counter()}
    contents = set()
    for text, answer in zip(texts, answers, strict=True):
        body = json.loads(answer.content)
        codes["won" if text == won else "lost"][body.get("code", answer.status_code)] += 1
        if answer.status_code == 201:
            contents.add(answer.content)
    assert len(contents) == 1
    assert codes["won"].keys() <= {201, "request_in_progress"}
    assert codes["won"][201] >= 1
    assert codes["lost"].keys() <= {"idempotency_key_reused", "request_in_progress"}
    assert call(crowd, won).content in contents
