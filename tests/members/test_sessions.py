"""A session opens its member's doors while it lives, and no other door."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from members import services
from members.models import Identity, Member, Session
from members.rules import Identified
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import bearer, signed_in

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
OPEN, SHUT = 204, 401


@pytest.fixture
def ada() -> Member:
    return MemberFactory.create(external_id="ada", nickname="Ada")


def pass_time(time: dt.timedelta) -> None:
    """Let sessions grow older by it."""
    Session.objects.update(
        created_at=F("created_at") - time,
        access_expires_at=F("access_expires_at") - time,
        refresh_expires_at=F("refresh_expires_at") - time,
        rotated_at=F("rotated_at") - time,
        ended_at=F("ended_at") - time,
    )


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/sessions/{path}", body, "application/json")


def knock(token: str) -> int:
    """Try the token at a member's door that changes nothing: a body that is not one."""
    response = bearer(token).post("/api/v1/sessions/revoke/", [], "application/json")
    return OPEN if response.status_code == 400 else response.status_code


def person(subject: str = "o-1", *, app: str = "wx1", union: str | None = None) -> Identified:
    return Identified("wechat", app, subject, union)


# --- The door -------------------------------------------------------------------------------------


def test_a_session_opens_its_members_door(ada: Member) -> None:
    assert knock(services.open_session(member_id=ada.id).access) == OPEN


def shut_expired(ada: Member) -> str:
    pair = services.open_session(member_id=ada.id)
    pass_time(services.ACCESS_FOR)
    return pair.access


def shut_paused(ada: Member) -> str:
    pair = services.open_session(member_id=ada.id)
    services.put_member(external_id="ada", state="paused", now=NOW)
    return pair.access


def shut_left(ada: Member) -> str:
    pair = services.open_session(member_id=ada.id)
    services.put_member(external_id="ada", state="left", now=NOW)
    return pair.access


def shut_erased(ada: Member) -> str:
    pair = services.open_session(member_id=ada.id)
    Member.objects.update(erased_at=NOW)
    return pair.access


def shut_logged_out(ada: Member) -> str:
    pair = services.open_session(member_id=ada.id)
    assert post(bearer(pair.access), "revoke/", everywhere=False).status_code == 204
    return pair.access


@pytest.mark.parametrize(
    "token",
    [
        shut_expired,
        shut_paused,
        shut_left,
        shut_erased,
        shut_logged_out,
        lambda ada: services.open_session(member_id=ada.id).refresh,
        lambda ada: services.open_session(member_id=ada.id).access[:-1],
        lambda ada: services.open_session(member_id=ada.id).access + "A",
        lambda ada: services.open_session(member_id=ada.id).access.upper(),
        lambda _ada: "psa_" + "A" * 43,
        lambda _ada: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        lambda _ada: key_of(ApiKeyFactory.create()),
        lambda _ada: "psa_" + "A" * 42 + "é",
        lambda _ada: "k" * 20_000,
        lambda _ada: "",
    ],
)
def test_what_is_no_live_access_token_is_shut_out_alike(
    ada: Member, token: Callable[[Member], str]
) -> None:
    response = bearer(token(ada)).post("/api/v1/sessions/revoke/", {}, "application/json")
    assert response.status_code == SHUT
    assert response["WWW-Authenticate"] == "Bearer, Api-Key"
    body = response.json()
    assert body.pop("request_id")
    assert body == {
        "type": "/problems/authentication-failed",
        "title": "Valid credentials are needed.",
        "status": 401,
        "detail": "The access token is unknown, expired or ended.",
        "code": "authentication_failed",
    }


def test_an_access_token_lives_until_its_last_second(ada: Member) -> None:
    pair = services.open_session(member_id=ada.id)
    assert pair.expires_in == 900
    pass_time(services.ACCESS_FOR - 5 * SECOND)
    assert knock(pair.access) == OPEN
    pass_time(5 * SECOND)
    assert knock(pair.access) == SHUT


def test_a_token_in_the_query_is_none(ada: Member) -> None:
    access = services.open_session(member_id=ada.id).access
    response = Client().post(f"/api/v1/sessions/revoke/?access_token={access}")
    assert response.status_code == SHUT
    assert response.json()["code"] == "not_authenticated"


def test_a_session_is_no_key_and_a_key_is_no_session(ada: Member) -> None:
    key = Client(headers={"Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})
    for answer in (
        signed_in(ada).get("/api/v1/members/ada/"),
        signed_in(ada).get("/api/v1/activities/x/"),
        post(key, "revoke/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


def test_a_session_is_one_query(ada: Member, django_assert_num_queries: Any) -> None:
    access = services.open_session(member_id=ada.id).access
    with django_assert_num_queries(1):
        knock(access)
    with django_assert_num_queries(0):
        knock(access[:-1])


def test_tokens_are_not_kept_but_their_digests_are(ada: Member) -> None:
    pair = services.open_session(member_id=ada.id)
    again = services.refresh_session(refresh=pair.refresh)
    assert again is not None
    assert len({pair.access, pair.refresh, again.access, again.refresh}) == 4
    for token in (pair.access, pair.refresh, again.access, again.refresh):
        assert len(token) == len("psa_") + 43
        assert token not in repr(pair) + repr(again)
        for row in Session.objects.values():
            assert not any(
                token[4:] in str(bytes(value) if isinstance(value, memoryview) else value)
                for value in row.values()
            )


# --- Signing in -----------------------------------------------------------------------------------


@pytest.fixture
def demo(settings: Settings) -> Client:
    settings.DEMO = True
    return Client()


def sign_in(client: Client, code: str = "ada", **said: Any) -> Any:
    return post(client, "", provider="demo", code=code, **said)


def test_a_member_signs_in(demo: Client, ada: Member) -> None:
    answer = sign_in(demo)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert knock(body.pop("access")) == OPEN
    assert body.pop("refresh").startswith("psr_")
    shown = {"id": ada.id, "external_id": "ada", "nickname": "Ada", "avatar_url": ""}
    shown |= {"joined_at": "2026-01-01T00:00:00Z", "state": "active"}
    assert body == {"expires_in": 900, "member": shown}
    assert sign_in(demo).json()["member"] == shown
    assert Identity.objects.get().member == ada


def test_somebody_new_becomes_a_member(ada: Member) -> None:
    made = services.sign_in(person=person(), now=NOW).member
    assert (made.state, made.joined_at, made.nickname) == ("active", NOW, "")
    assert len(made.external_id) == 32
    assert services.sign_in(person=person(), now=NOW).member == made
    assert services.sign_in(person=person("o-2"), now=NOW).member not in {ada, made}
    assert services.sign_in(person=person(app="wx2"), now=NOW).member not in {ada, made}


def test_the_same_person_in_another_app_is_the_same_member() -> None:
    made = services.sign_in(person=person(union="u-1"), now=NOW).member
    other = person("o-7", app="wx2", union="u-1")
    assert services.sign_in(person=other, now=NOW).member == made
    assert services.sign_in(person=person("o-8", union="u-2"), now=NOW).member != made
    assert set(Identity.objects.filter(member=made).values_list("app_id", "union_id")) == {
        ("wx1", "u-1"),
        ("wx2", "u-1"),
    }


def test_a_union_id_that_is_told_later_is_remembered() -> None:
    made = services.sign_in(person=person(), now=NOW).member
    assert services.sign_in(person=person(union="u-1"), now=NOW).member == made
    other = person("o-7", app="wx2", union="u-1")
    assert services.sign_in(person=other, now=NOW).member == made


@pytest.mark.parametrize(("state", "code"), [("paused", "member_paused"), ("left", "member_left")])
def test_a_member_who_takes_no_part_does_not_sign_in(
    demo: Client, ada: Member, state: str, code: str
) -> None:
    services.put_member(external_id="ada", state=state, now=NOW)
    for answer in (sign_in(demo), post(server(), "", member="ada")):
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert not Session.objects.exists()


def server(*scopes: str) -> Client:
    key = ApiKeyFactory.create(scopes=list(scopes or ["sessions:write"]))
    return Client(headers={"Authorization": f"Api-Key {key_of(key)}"})


def test_a_server_opens_a_session_for_a_member(ada: Member) -> None:
    answer = post(server(), "", member="ada")
    assert answer.status_code == 201
    assert answer.json()["member"]["external_id"] == "ada"
    assert knock(answer.json()["access"]) == OPEN


def test_a_server_without_the_scope_opens_none(ada: Member) -> None:
    answer = post(server("members:write", "members:read"), "", member="ada")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    shut = Client(headers={"Authorization": "Api-Key psk_00000000_" + "A" * 43})
    assert post(shut, "", member="ada").status_code == 401


def test_a_server_is_told_that_there_is_no_such_member(db: None) -> None:
    answer = post(server(), "", member="nobody")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "unknown_member"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"provider": "demo"},
        {"code": "ada"},
        {"member": "ada"},
        {"provider": "demo", "code": "ada", "member": "ada"},
        {"provider": "demo", "code": ""},
        {"provider": "demo", "code": 7},
        {"provider": "demo", "code": "a" * 65},
        {"provider": "demo", "code": "a" * 129},
        {"provider": "demo", "code": "a\x00"},
        {"provider": "demo", "code": "ada", "app_id": None},
        {"provider": "nobody", "code": "ada"},
    ],
)
def test_a_bad_login_is_refused(demo: Client, ada: Member, body: dict[str, Any]) -> None:
    assert post(demo, "", **body).status_code == 400
    assert not Session.objects.exists()


def test_there_is_no_demo_login_outside_the_demo(ada: Member, settings: Settings) -> None:
    settings.DEMO = False
    answer = sign_in(Client())
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "unknown_provider"


def test_an_old_token_in_the_header_keeps_nobody_from_signing_in(demo: Client, ada: Member) -> None:
    pair = services.open_session(member_id=ada.id)
    pass_time(services.ACCESS_FOR)
    assert sign_in(bearer(pair.access)).status_code == 201
    assert post(bearer(pair.access), "refresh/", refresh=pair.refresh).status_code == 200


# --- Refreshing -----------------------------------------------------------------------------------


def refresh(token: str) -> Any:
    return post(Client(), "refresh/", refresh=token)


def test_a_refresh_token_becomes_the_next_pair(ada: Member) -> None:
    pair = services.open_session(member_id=ada.id)
    pass_time(services.REFRESH_FOR - 5 * SECOND)
    answer = refresh(pair.refresh)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"access", "refresh", "expires_in"}
    assert answer.json()["expires_in"] == 900
    assert knock(answer.json()["access"]) == OPEN
    third = refresh(answer.json()["refresh"])
    assert third.status_code == 200
    assert knock(third.json()["access"]) == OPEN
    assert Session.objects.values("family").distinct().count() == 1


def test_the_same_token_gets_the_same_pair_within_the_grace(ada: Member) -> None:
    pair = services.open_session(member_id=ada.id)
    first = refresh(pair.refresh).json()
    pass_time(services.GRACE - 2 * SECOND)
    again = refresh(pair.refresh).json()
    assert {"access": first["access"], "refresh": first["refresh"]} == {
        "access": again["access"],
        "refresh": again["refresh"],
    }
    assert 870 <= again["expires_in"] <= 873
    assert Session.objects.count() == 2
    assert knock(first["access"]) == OPEN


def test_a_token_that_comes_later_ends_its_family_and_no_other(ada: Member) -> None:
    other = services.open_session(member_id=ada.id)
    pair = services.open_session(member_id=ada.id)
    following = refresh(pair.refresh).json()
    pass_time(services.GRACE + SECOND)
    assert knock(following["access"]) == OPEN
    assert refresh(pair.refresh).status_code == 401
    assert knock(following["access"]) == SHUT
    assert refresh(following["refresh"]).status_code == 401
    assert knock(other.access) == OPEN
    assert refresh(other.refresh).status_code == 200


@pytest.mark.parametrize("state", ["paused", "left"])
def test_a_member_who_takes_no_part_does_not_refresh(ada: Member, state: str) -> None:
    pair = services.open_session(member_id=ada.id)
    services.put_member(external_id="ada", state=state, now=NOW)
    assert refresh(pair.refresh).status_code == 401
    services.put_member(external_id="ada", state="active", now=NOW)
    assert refresh(pair.refresh).status_code == 200


def test_what_is_no_live_refresh_token_is_refused_alike(ada: Member) -> None:
    pair = services.open_session(member_id=ada.id)
    ended = services.open_session(member_id=ada.id)
    post(bearer(ended.access), "revoke/")
    bodies = []
    for token in (pair.access, pair.refresh[:-1], "psr_" + "A" * 43, ended.refresh, "eyJ.e30."):
        answer = refresh(token)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer, Api-Key"
        bodies.append(answer.json() | {"request_id": ""})
    pass_time(services.REFRESH_FOR)
    bodies.append(refresh(pair.refresh).json() | {"request_id": ""})
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "authentication_failed"


# --- Logging out ----------------------------------------------------------------------------------


def test_logging_out_here_leaves_the_other_sessions(ada: Member) -> None:
    here, there = (services.open_session(member_id=ada.id) for _device in range(2))
    following = refresh(here.refresh).json()
    assert post(bearer(here.access), "revoke/").status_code == 204
    assert [knock(here.access), knock(following["access"]), knock(there.access)] == [
        SHUT,
        SHUT,
        OPEN,
    ]
    assert refresh(following["refresh"]).status_code == 401


def test_logging_out_everywhere_ends_all_of_the_member_and_nobody_elses(ada: Member) -> None:
    mine = [services.open_session(member_id=ada.id) for _device in range(3)]
    others = services.open_session(member_id=MemberFactory.create().id)
    assert post(bearer(mine[0].access), "revoke/", everywhere=True).status_code == 204
    assert [knock(pair.access) for pair in [*mine, others]] == [SHUT, SHUT, SHUT, OPEN]
    assert [refresh(pair.refresh).status_code for pair in mine] == [401, 401, 401]


@pytest.mark.parametrize("everywhere", ["true", 1, None, [], "no"])
def test_everywhere_is_true_or_false(ada: Member, everywhere: Any) -> None:
    client = signed_in(ada)
    assert post(client, "revoke/", everywhere=everywhere).status_code == 400
    assert post(client, "revoke/").status_code == 204


# --- What stays -----------------------------------------------------------------------------------


def test_sessions_are_forgotten_thirty_days_after_their_end(ada: Member) -> None:
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - the database's clock cannot be turned
    for _login in range(5):
        services.open_session(member_id=ada.id)
    for _login in range(2):
        post(signed_in(ada), "revoke/")
    assert services.purge_sessions(now=now + services.KEPT - 5 * SECOND) == 0
    assert services.purge_sessions(now=now + services.KEPT + 5 * SECOND) == 2
    late = now + services.REFRESH_FOR + services.KEPT
    assert services.purge_sessions(now=late - 5 * SECOND) == 0
    assert services.purge_sessions(now=late + 5 * SECOND) == 5
    assert not Session.objects.exists()


def test_no_log_line_holds_a_token_or_a_code(
    demo: Client, ada: Member, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = sign_in(demo).json()
    again = refresh(body["refresh"]).json()
    secrets = [body["access"], body["refresh"], again["access"], again["refresh"], "secret-code"]
    sign_in(demo, code="secret-code")
    sign_in(demo, code="secret-code" * 7)
    knock(again["access"])
    refresh(again["refresh"] + "A")
    bearer(body["access"]).get(f"/api/v1/nowhere/?access_token={body['access']}")
    post(bearer(body["access"]), "revoke/")
    knock(again["access"])
    written = capfd.readouterr()
    said = written.err + written.out + caplog.text
    assert "POST /api/v1/sessions/refresh/" in said
    for line in said.splitlines():
        if "django.db.backends" not in line:  # the SQL of DEBUG, which nobody logs
            assert not any(secret[4:] in line for secret in secrets), line
