"""What a member has, over HTTP."""

import datetime as dt
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Member, Scope
from points import selectors, services
from points.models import Lot
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import do, earn, load, pass_days

pytestmark = pytest.mark.django_db
MINE = "/api/v1/me/account/"
LADDER = [
    {"code": "new", "name": "Newcomer", "threshold": 0},
    {"code": "known", "name": "Known", "threshold": 100, "multiplier": "1.5"},
    {"code": "elder", "name": "Elder", "threshold": 1_000},
]


def server(*scopes: Scope) -> Client:
    key = ApiKeyFactory.create(scopes=list(scopes) or list(Scope.values))
    return Client(headers={"Authorization": f"Api-Key {key_of(key)}"})


@pytest.fixture
def ann() -> Member:
    load(levels=LADDER)
    return MemberFactory.create(external_id="ann")


def account(client: Client, path: str = MINE) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_newcomer_has_nothing_and_stands_on_the_first_level(ann: Member) -> None:
    assert account(signed_in(ann)) == {
        "available": 0,
        "pending": 0,
        "held": 0,
        "debt": 0,
        "lifetime": 0,
        "level": {"code": "new", "name": "Newcomer", "threshold": 0},
        "next_level": {"code": "known", "name": "Known", "threshold": 100, "missing": 100},
        "expiring": [],
        "releasing": [],
    }


def test_an_account_shows_every_total_and_the_way_to_the_next_level(ann: Member) -> None:
    earn(ann.id, 130)
    do(services.spend, member=ann.id, points=20, reference="tea")
    do(services.hold, member=ann.id, points=15, reference="cake")
    shown = account(signed_in(ann))
    assert shown["level"] == {"code": "known", "name": "Known", "threshold": 100}
    assert shown["next_level"]["missing"] == 870
    assert {name: shown[name] for name in ("available", "held", "debt", "lifetime")} == {
        "available": 95,
        "held": 15,
        "debt": 0,
        "lifetime": 130,
    }


def test_debt_is_shown(ann: Member) -> None:
    entry = earn(ann.id, 5)
    do(services.spend, member=ann.id, points=5, reference="tea")
    do(services.reverse, references=[entry.reference])
    shown = account(signed_in(ann))
    assert (shown["available"], shown["debt"], shown["lifetime"]) == (0, 5, 0)


def test_there_is_no_next_level_at_the_top_and_no_level_without_a_ladder(ann: Member) -> None:
    earn(ann.id, 1_000)
    client = signed_in(ann)
    shown = account(client)
    assert (shown["level"]["code"], shown["next_level"]) == ("elder", None)
    load()
    shown = account(client)
    assert (shown["level"], shown["next_level"]) == (None, None)
    load(levels=[{"code": "far", "name": "Far", "threshold": 5_000}])
    shown = account(client)
    assert (shown["level"], shown["next_level"]["missing"]) == (None, 4_000)


def test_what_lapses_is_named_soonest_first_ten_at_most(ann: Member) -> None:
    load(expiry={"days": 30})
    for _day in range(12):
        earn(ann.id, 10)
        pass_days(1, of=ann.id)
    load(expiry={"policy": "never"})
    earn(ann.id, 500)
    do(services.spend, member=ann.id, points=14, reference="tea")
    do(services.hold, member=ann.id, points=1, reference="cake")
    shown = account(signed_in(ann))
    assert [lot["points"] for lot in shown["expiring"]] == [5, *[10] * 9]
    instants = [lot["expires_at"] for lot in shown["expiring"]]
    assert instants == sorted(instants)
    assert instants[0].endswith("T00:00:00Z")
    assert shown["available"] == 12 * 10 + 500 - 14 - 1


def test_what_has_lapsed_is_gone_before_the_sweep_wrote_it_off(ann: Member) -> None:
    load(expiry={"days": 2})
    earn(ann.id, 10)
    do(services.hold, member=ann.id, points=4, reference="cake")
    pass_days(2, of=ann.id)
    earn(ann.id, 7)
    pass_days(1, of=ann.id)
    shown = account(signed_in(ann))
    assert (shown["available"], shown["held"], len(shown["expiring"])) == (7, 4, 1)
    assert Lot.objects.filter(expires_at__lte=timezone.now()).get().remaining == 10


def test_a_lot_lapses_at_its_instant_and_not_before(ann: Member) -> None:
    load(expiry={"days": 2})
    earn(ann.id, 10)
    instant = Lot.objects.get().expires_at
    assert instant is not None
    before = instant - dt.timedelta(microseconds=1)
    assert selectors.account_view(member=ann.id, now=before).available == 10
    assert selectors.account_view(member=ann.id, now=before).expiring[0].expires_at == instant
    assert selectors.account_view(member=ann.id, now=instant).available == 0
    assert selectors.account_view(member=ann.id, now=instant).expiring == ()


def test_an_account_is_one_statement(ann: Member, django_assert_num_queries: Any) -> None:
    earn(ann.id, 10)
    now = timezone.now()
    selectors.program()
    with django_assert_num_queries(1):
        selectors.account_view(member=ann.id, now=now)


def test_a_ladder_that_another_process_loaded_is_seen_at_once(
    ann: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    earn(ann.id, 10)
    stale = selectors.program()
    load(levels=[{"code": "ten", "name": "Ten", "threshold": 10}])
    monkeypatch.setattr(import_module("points.selectors.program"), "_remembered", stale)
    level = selectors.account_view(member=ann.id, now=timezone.now()).level
    assert level is not None
    assert level.code == "ten"


def test_a_member_sees_their_own_account_and_no_others(ann: Member) -> None:
    load(expiry={"days": 2}, levels=LADDER)
    earn(ann.id, 10)
    shown = account(signed_in(MemberFactory.create()))
    assert (shown["available"], shown["lifetime"], shown["expiring"]) == (0, 0, [])


def test_a_server_reads_the_account_by_the_members_name(ann: Member) -> None:
    earn(ann.id, 10)
    path = "/api/v1/members/ann/account/"
    assert account(server(Scope.MEMBERS_READ), path) == account(signed_in(ann))


@pytest.mark.parametrize("path", ["account", "entries"])
def test_a_server_asks_for_a_member_who_exists(ann: Member, path: str) -> None:
    response = server().get(f"/api/v1/members/nobody/{path}/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["account", "entries"])
def test_a_server_needs_the_scope(ann: Member, path: str) -> None:
    every_other = [Scope(scope) for scope in Scope.values if scope != Scope.MEMBERS_READ]
    response = server(*every_other).get(f"/api/v1/members/ann/{path}/")
    assert (response.status_code, response.json()["code"]) == (403, "missing_scope")
    assert signed_in(ann).get(f"/api/v1/members/ann/{path}/").status_code == 403


@pytest.mark.parametrize("path", ["me/account/", "me/entries/", "me/entries/1/"])
def test_a_key_has_no_account_of_its_own(ann: Member, path: str) -> None:
    response = server().get(f"/api/v1/{path}")
    assert (response.status_code, response.json()["code"]) == (403, "missing_scope")
    assert Client().get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize("path", ["me/account/", "members/ann/account/", "rules/", "levels/"])
def test_what_is_not_a_list_takes_no_parameters(ann: Member, path: str) -> None:
    client = server() if path.startswith("members") else signed_in(ann)
    response = client.get(f"/api/v1/{path}?limit=1")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "unknown_parameter"


@pytest.mark.parametrize("path", ["me/account/", "me/entries/", "rules/", "levels/"])
def test_reading_is_all_that_can_be_done(ann: Member, path: str) -> None:
    assert signed_in(ann).post(f"/api/v1/{path}").status_code == 405
