"""WeChat says who logs in; what goes wrong there has one answer here, and no secret leaves."""

from collections.abc import Iterator
from typing import Any

import pytest

from kit import outgoing
from kit.errors import DomainError, Invalid
from members.providers import Identified, identify
from members.providers.errors import (
    CodeRefused,
    LoginRefused,
    TooManyLogins,
    WeChatUnavailable,
)
from tests.fakes.wechat import CODE_LIVES, FakeWeChat, Mood
from tests.members.wechat import APP, SECRET, listening, wechat

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeWeChat]:
    with wechat(settings) as fake:
        yield fake


def login(code: str, app_id: str | None = None) -> Identified:
    return identify(provider="wechat", code=code, app_id=app_id)


def refused(code: str) -> DomainError:
    with pytest.raises(DomainError) as raised:
        login(code)
    return raised.value


def fields(error: Invalid) -> list[tuple[str, str]]:
    return [(field.field, field.code) for field in error.errors]


def test_a_code_tells_who_logs_in(fake: FakeWeChat) -> None:
    found = login(fake.code(OPENID, union_id="u-1"))
    assert (found.provider, found.app_id, found.subject) == ("wechat", APP, OPENID)
    assert found.union_id == "u-1"
    assert login(fake.code(OPENID)).union_id is None


def test_the_session_key_is_dropped(fake: FakeWeChat) -> None:
    found = login(fake.code(OPENID))
    assert fake.session_keys
    assert fake.session_keys[0] not in repr(found)


def test_a_code_travels_whole_whatever_it_holds(fake: FakeWeChat) -> None:
    code = "a&secret=b#c d%00é登"
    fake.logins[code] = fake.logins[fake.code(OPENID)]
    assert login(code).subject == OPENID


def test_the_app_is_named_where_there_are_several(fake: FakeWeChat, settings: Any) -> None:
    fake.apps["wx-other"] = "another secret"
    settings.WECHAT_APPS = dict(fake.apps)
    assert login(fake.code(OPENID), "wx-other").app_id == "wx-other"
    with pytest.raises(Invalid) as raised:
        login(fake.code(OPENID))
    assert fields(raised.value) == [("app_id", "required")]


def test_an_app_that_is_not_set_up_is_a_bad_field(fake: FakeWeChat) -> None:
    with pytest.raises(Invalid) as raised:
        login(fake.code(OPENID), "wx-unknown")
    assert fields(raised.value) == [("app_id", "unknown_app")]
    assert not fake.requests


@pytest.mark.parametrize("provider", ["wechat", "demo", "alipay", ""])
def test_a_provider_that_is_not_set_up_is_a_bad_field(provider: str, settings: Any) -> None:
    settings.DEMO, settings.WECHAT_APPS = False, {}
    with pytest.raises(Invalid) as raised:
        identify(provider=provider, code="amy", app_id=None)
    assert fields(raised.value) == [("provider", "unknown_provider")]


def test_a_code_works_once(fake: FakeWeChat) -> None:
    code = fake.code(OPENID)
    login(code)
    error = refused(code)
    assert isinstance(error, CodeRefused)
    assert (error.status, error.code) == (401, "code_refused")


def test_a_code_that_is_not_one_is_refused(fake: FakeWeChat) -> None:
    assert refused("no-such-code").status == 401
    assert refused(fake.code(OPENID, age=CODE_LIVES + 1)).code == "code_refused"


def test_too_many_logins_of_one_user_wait(fake: FakeWeChat) -> None:
    fake.logins_a_minute = 1
    login(fake.code(OPENID))
    error = refused(fake.code(OPENID))
    assert isinstance(error, TooManyLogins)
    assert (error.status, error.retry_after) == (429, 60)


def test_a_risky_user_is_refused(fake: FakeWeChat) -> None:
    fake.risky.add(OPENID)
    error = refused(fake.code(OPENID))
    assert isinstance(error, LoginRefused)
    assert error.status == 403


@pytest.mark.parametrize("mood", [mood for mood in Mood if mood is not Mood.WELL])
def test_a_bad_day_is_unavailable(
    fake: FakeWeChat, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = fake.code(OPENID)
    fake.mood = mood
    with monkeypatch.context() as hurried:
        hurried.setattr(outgoing, "SECONDS", 1.0)
        error = refused(code)
    assert isinstance(error, WeChatUnavailable)
    assert (error.status, error.code) == (503, "wechat_unavailable")
    assert error.retry_after
    assert len(fake.requests) == 1
    fake.mood = Mood.WELL
    assert login(code).subject == OPENID


def test_nobody_there_is_unavailable(settings: Any) -> None:
    with wechat(settings) as fake:
        code = fake.code(OPENID)
    assert isinstance(refused(code), WeChatUnavailable)


@pytest.mark.parametrize("apps", [{APP: "a wrong secret"}, {"wx-wrong": SECRET}])
def test_a_wrong_set_up_is_unavailable_and_logged(
    fake: FakeWeChat, settings: Any, apps: dict[str, str]
) -> None:
    settings.WECHAT_APPS = apps
    code = fake.code(OPENID)
    with listening() as said:
        assert isinstance(refused(code), WeChatUnavailable)
    assert "wechat errcode 40" in said.getvalue()
    assert '"level": "error"' in said.getvalue()


def test_a_private_address_needs_leave(fake: FakeWeChat, settings: Any) -> None:
    settings.OUTGOING_ALLOW = frozenset()
    assert isinstance(refused(fake.code(OPENID)), WeChatUnavailable)
    assert not fake.requests


@pytest.mark.parametrize("mood", Mood)
def test_no_log_line_tells_a_secret(
    fake: FakeWeChat, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 1.0)
    fake.risky.add("o-risky")
    codes = [fake.code(OPENID), "no-such-code", fake.code("o-risky")]
    fake.mood = mood
    with listening() as said:
        for code in [*codes, codes[0]]:
            try:
                login(code)
            except DomainError as error:
                codes.append(f"{error!r} {error.__cause__!r} {error.__context__!r}")
    assert fake.requests
    told = said.getvalue() + "".join(codes[3:])
    secrets = [SECRET, OPENID, "o-risky", *codes[:3], *fake.session_keys]
    assert not [secret for secret in secrets if secret in told]
