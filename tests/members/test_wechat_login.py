"""Members log in by WeChat over the API; its bad days touch nobody who is in already."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from kit import outgoing
from members.models import Identity, Member, Session
from tests.fakes.wechat import FakeWeChat, Mood
from tests.members.sessions import bearer
from tests.members.wechat import APP, SECRET, listening, wechat

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeWeChat]:
    with wechat(settings) as fake:
        yield fake


def post(route: str, **body: str) -> Any:
    return Client().post(f"/api/v1/{route}/", body, content_type="application/json")


def login(code: str, **more: str) -> Any:
    return post("sessions", provider="wechat", code=code, **more)


def test_a_stranger_becomes_a_member_and_is_known_the_next_time(fake: FakeWeChat) -> None:
    first, second = (login(fake.code(OPENID), app_id=APP) for _login in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["member"] == second.json()["member"]
    assert Member.objects.count() == 1
    assert bearer(second.json()["access"]).get("/api/v1/me/account/").status_code == 200


def refuse_risk(fake: FakeWeChat) -> str:
    fake.risky.add(OPENID)
    return fake.code(OPENID)


def reuse(fake: FakeWeChat) -> str:
    code = fake.code(OPENID)
    fake.exchange({"appid": APP, "secret": SECRET, "js_code": code, **GRANT})
    return code


def hurry(fake: FakeWeChat) -> str:
    fake.logins_a_minute = 0
    return fake.code(OPENID)


GRANT = {"grant_type": "authorization_code"}
REFUSALS: dict[str, tuple[Callable[[FakeWeChat], str], int, str]] = {
    "not a code": (lambda fake: "no-such-code", 401, "code_refused"),
    "a used code": (reuse, 401, "code_refused"),
    "too often": (hurry, 429, "too_many_logins"),
    "a risk": (refuse_risk, 403, "login_refused"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_wechat_refuses_is_refused(fake: FakeWeChat, case: str) -> None:
    make, status, code = REFUSALS[case]
    answer = login(make(fake))
    assert (answer.status_code, json.loads(answer.content)["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert ("Retry-After" in answer) == (status == 429)
    assert ("WWW-Authenticate" in answer) == (status == 401)
    assert not Member.objects.exists()


@pytest.mark.parametrize("mood", [mood for mood in Mood if mood is not Mood.WELL])
def test_a_bad_day_stores_nothing_and_the_same_code_works_after_it(
    fake: FakeWeChat, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)
    code = fake.code(OPENID)
    fake.mood = mood
    answer = login(code)
    assert (answer.status_code, answer.json()["code"]) == (503, "wechat_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert not Member.objects.exists()
    assert not Identity.objects.exists()
    assert not Session.objects.exists()
    fake.mood = Mood.WELL
    assert login(code).status_code == 201


def test_a_refusal_is_in_the_language_of_the_mini_program(fake: FakeWeChat) -> None:
    body = {"provider": "wechat", "code": "no-such-code"}
    answer = Client(headers={"Accept-Language": "zh_CN"}).post(
        "/api/v1/sessions/", body, content_type="application/json"
    )
    assert answer.status_code == 401
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json()["detail"])


def test_an_app_that_is_not_set_up_is_a_bad_field(fake: FakeWeChat) -> None:
    answer = login(fake.code(OPENID), app_id="wx-unknown")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "app_id")


def test_members_who_are_in_stay_in_while_wechat_is_down(fake: FakeWeChat) -> None:
    pair = login(fake.code(OPENID)).json()
    fake.mood = Mood.HANG_UP
    assert login(fake.code(OPENID)).status_code == 503
    asked = len(fake.requests)
    member = bearer(pair["access"])
    assert member.get("/api/v1/me/account/").status_code == 200
    answer = post("sessions/refresh", refresh=pair["refresh"])
    assert answer.status_code == 200
    assert bearer(answer.json()["access"]).get("/api/v1/me/entries/").status_code == 200
    assert len(fake.requests) == asked


def test_the_session_key_is_kept_nowhere(fake: FakeWeChat) -> None:
    answer = login(fake.code(OPENID))
    kept = [*Member.objects.values(), *Identity.objects.values(), *Session.objects.values()]
    [session_key] = fake.session_keys
    assert session_key not in answer.content.decode() + repr(kept)
    assert OPENID not in answer.content.decode()


@pytest.mark.parametrize("mood", Mood)
def test_no_log_line_of_a_login_tells_a_secret(
    fake: FakeWeChat, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)
    code = fake.code(OPENID)
    fake.mood = mood
    with listening() as said:
        answers = [login(code), login(code)]
    assert "request_finished" in said.getvalue()
    told = said.getvalue() + "".join(answer.content.decode() for answer in answers)
    assert not [secret for secret in (SECRET, code, OPENID, *fake.session_keys) if secret in told]
