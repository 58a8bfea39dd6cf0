"""Adjustments by servers: up to a limit at once, above it with an operator's word."""

import datetime as dt
import itertools
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from members.models import Member, Scope
from points import services
from points.models import Adjustment, Entry
from tests.api.schema import DESCRIPTION
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, load, shown

pytestmark = pytest.mark.django_db
PATH = "/api/v1/adjustments/"
numbers = itertools.count()


@pytest.fixture
def ann() -> Member:
    load()
    return MemberFactory.create(external_id="ann")


@pytest.fixture
def server() -> Client:
    key = ApiKeyFactory.create(scopes=[Scope.ADJUSTMENTS_WRITE])
    return Client(headers={"Authorization": f"Api-Key {key_of(key)}"})


def asked(**more: Any) -> dict[str, Any]:
    return {"member": "ann", "points": 50, "reason": "Lost", "reference": "ticket-7"} | more


def post(server: Client, key: str | None = None, **more: Any) -> Any:
    headers = {"Idempotency-Key": key or f"key-{next(numbers)}"}
    return server.post(PATH, asked(**more), "application/json", headers=headers)


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert not Entry.objects.exists()
    return body


def test_a_small_adjustment_is_posted_with_its_entry(ann: Member, server: Client) -> None:
    response = post(server)
    assert response.status_code == 201
    told = response.json()
    entry = Entry.objects.get()
    assert told["entry"] == {
        "id": entry.id,
        "kind": "adjusted",
        "points": 50,
        "net_after": 50,
        "action": None,
        "reason": "Lost",
        "posted_at": told["entry"]["posted_at"],
    }
    assert {name: told[name] for name in (*asked(), "state", "rejection")} == asked(
        state="posted", rejection=""
    )
    assert (shown(ann.id).available, shown(ann.id).lifetime) == (50, 0)
    row = Adjustment.objects.get()
    assert (row.requested_by, row.decided_by, row.entry) == (None, None, entry)
    assert row.requested_by_key.startswith("key:")
    assert row.decided_at is not None
    assert_reconciled()


@pytest.mark.parametrize(
    ("points", "status"), [(1000, 201), (-1000, 201), (1001, 202), (-1001, 202)]
)
def test_the_limit_is_the_last_that_one_may_adjust_alone(
    ann: Member, server: Client, points: int, status: int
) -> None:
    response = post(server, points=points)
    assert response.status_code == status
    is_posted = status == 201
    assert response.json()["state"] == ("posted" if is_posted else "waiting")
    assert Entry.objects.exists() is is_posted


def test_a_large_adjustment_waits_two_days_and_moves_nothing(ann: Member, server: Client) -> None:
    told = post(server, points=5_000).json()
    assert (told["state"], told["entry"]) == ("waiting", None)
    assert shown(ann.id).available == 0
    row = Adjustment.objects.get()
    waits = row.expires_at - row.created_at
    assert abs(waits - dt.timedelta(hours=48)) < dt.timedelta(minutes=1)


def test_any_operator_is_the_second_person_for_a_server(ann: Member, server: Client) -> None:
    waiting = post(server, points=5_000).json()
    operator = User.objects.create_user("olga")
    services.approve(adjustment=waiting["id"], by=operator.id, now=timezone.now())
    again = post(server, points=5_000)
    assert again.status_code == 201
    told = again.json()
    assert (told["id"], told["state"]) == (waiting["id"], "posted")
    assert told["entry"]["points"] == shown(ann.id).available == 5_000


def test_the_same_reference_tells_of_a_rejection(ann: Member, server: Client) -> None:
    waiting = post(server, points=5_000).json()
    operator = User.objects.create_user("olga")
    services.reject(adjustment=waiting["id"], by=operator.id, reason="Too much", now=timezone.now())
    again = post(server, points=5_000)
    assert again.status_code == 200
    assert again.json() == waiting | {"state": "rejected", "rejection": "Too much"}


def test_the_same_reference_and_content_is_the_same_adjustment(ann: Member, server: Client) -> None:
    first, again = post(server), post(server)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert shown(ann.id).available == 50


@pytest.mark.parametrize("other", [{"member": "bob"}, {"points": 51}, {"reason": "Found"}], ids=str)
@pytest.mark.parametrize("points", [50, 5_000])
def test_other_content_under_a_reference_is_refused(
    ann: Member, server: Client, points: int, other: dict[str, Any]
) -> None:
    MemberFactory.create(external_id="bob")
    post(server, points=points)
    response = post(server, **{"points": points} | other)
    assert (response.status_code, response.json()["code"]) == (409, "reference_reused")
    assert Adjustment.objects.count() == 1


def test_the_same_key_gives_the_first_answer_again(ann: Member, server: Client) -> None:
    first, again = post(server, "one"), post(server, "one")
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    other = post(server, "one", points=51)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Entry.objects.count() == 1


def test_a_key_is_needed(ann: Member, server: Client) -> None:
    response = server.post(PATH, asked(), "application/json")
    problem(response, 400, "idempotency_key_invalid")


def test_a_member_must_exist_and_may_come_later(server: Client) -> None:
    load()
    problem(post(server, "one"), 404, "not_found")
    assert "404" in DESCRIPTION["paths"][PATH]["post"]["responses"]
    assert not Adjustment.objects.exists()
    MemberFactory.create(external_id="ann")
    assert post(server, "one").status_code == 201


def test_nothing_to_take_is_refused_and_keeps_no_reference(ann: Member, server: Client) -> None:
    load(overdraft="floor")
    problem(post(server, points=-5), 409, "insufficient_points")
    assert not Adjustment.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"points": 0},
        {"points": "5"},
        {"points": 5.0},
        {"points": True},
        {"points": None},
        {"points": 10**12 + 1},
        {"points": -(10**12) - 1},
        {"reason": ""},
        {"reason": "  "},
        {"reason": None},
        {"reason": "x" * 501},
        {"reason": 7},
        {"reference": ""},
        {"reference": " a"},
        {"reference": "x" * 129},
        {"reference": 7},
        {"member": ""},
        {"member": "x" * 65},
        {"member": 7},
        {"member": None},
        {"state": "posted"},
        {"id": 1},
        {"approved": True},
    ],
    ids=str,
)
def test_a_bad_adjustment_is_refused_whole(
    ann: Member, server: Client, bad: dict[str, Any]
) -> None:
    body = problem(post(server, **bad), 400, "invalid")
    assert [error["field"] for error in body["errors"]] == [*bad]
    assert not Adjustment.objects.exists()


@pytest.mark.parametrize("missing", ["member", "points", "reason", "reference"])
def test_nothing_may_be_left_out(ann: Member, server: Client, missing: str) -> None:
    body = {name: value for name, value in asked().items() if name != missing}
    response = server.post(PATH, body, "application/json", headers={"Idempotency-Key": "k"})
    problem(response, 400, "invalid")


def test_words_of_any_kind_are_a_reason(ann: Member, server: Client) -> None:
    reason = "补发：活动\x1f奖励 🎁"
    assert post(server, reason=reason).status_code == 201
    assert Entry.objects.get().reason == "补发：活动 奖励 🎁"
    assert post(server, reason=reason).status_code == 201


def test_only_a_key_with_the_scope_adjusts(ann: Member) -> None:
    every_other = [scope for scope in Scope.values if scope != Scope.ADJUSTMENTS_WRITE]
    key = key_of(ApiKeyFactory.create(scopes=every_other))
    other = Client(headers={"Authorization": f"Api-Key {key}"})
    problem(post(other), 403, "missing_scope")
    problem(post(signed_in(ann)), 403, "missing_scope")
    assert post(Client()).status_code == 401


def test_an_adjustment_above_the_limit_costs_no_ledger(
    ann: Member, server: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        post(server, points=5_000)
