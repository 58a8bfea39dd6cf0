"""Every answer that says no says it in one form."""

import json

import psycopg
import psycopg_pool
import pytest
from django.conf import settings as django_settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from kit.api import problems
from kit.api.languages import RequestLanguageMiddleware
from tests.factories import ApiKeyFactory, key_of
from tests.kit.conftest import fields, problem
from tests.kit.views import RAISED


def test_a_refusal_says_what_and_why(client: Client) -> None:
    body = problem(client.get("/api/v1/refusals/refused/"), 409, "out_of_stock")
    assert body["title"] == "Out of stock"
    assert body["detail"] == "None is left."
    assert body["left"] == 0


def test_a_fault_of_ours_tells_nothing_of_itself(client: Client) -> None:
    response = client.get("/api/v1/refusals/broken/")
    problem(response, 500, "internal_error")
    assert b"broken" not in response.content
    assert b"Traceback" not in response.content


def test_pages_for_people_stay_pages(client: Client) -> None:
    assert client.get("/broken/")["Content-Type"].startswith("text/html")
    assert client.get("/nowhere/")["Content-Type"].startswith("text/html")


def test_an_unknown_route_is_a_problem(client: Client) -> None:
    problem(client.get("/api/v1/nowhere/"), 404, "not_found")
    problem(client.get("/api/nowhere"), 404, "not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_another_method_is_not_allowed(client: Client, method: str) -> None:
    response = client.generic(method, "/api/v1/notes/")
    problem(response, 405, "method_not_allowed")
    assert "POST" in response["Allow"]


def test_a_method_cannot_be_overridden(client: Client) -> None:
    headers = {"X-HTTP-Method-Override": "POST"}
    problem(client.get("/api/v1/notes/", headers=headers), 405, "method_not_allowed")


def test_only_json_is_answered(client: Client) -> None:
    response = client.get("/api/v1/crowd/", headers={"Accept": "text/html"})
    problem(response, 406, "not_acceptable")
    asked = problem(client.get("/api/v1/crowd/", {"format": "xml"}), 400, "invalid")
    assert fields(asked) == {("format", "unknown_parameter")}


def test_a_foreign_host_is_a_problem(client: Client) -> None:
    problem(client.get("/api/v1/crowd", headers={"Host": "evil.example"}), 400, "malformed")


def test_a_brake_says_how_long(client: Client) -> None:
    throttled = client.get("/api/v1/refusals/throttled/")
    problem(throttled, 429, "throttled")
    assert throttled["Retry-After"] == "3"
    busy = client.get("/api/v1/refusals/busy/")
    problem(busy, 503, "unavailable")
    assert busy["Retry-After"] == "7"


def caused(error: Exception, by: Exception) -> Exception:
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OperationalError("server closed the connection"), id="gone"),
        pytest.param(InterfaceError("connection already closed"), id="closed"),
        pytest.param(
            caused(OperationalError(), psycopg.errors.LockNotAvailable()), id="lock timeout"
        ),
        pytest.param(
            caused(OperationalError(), psycopg.errors.QueryCanceled()), id="statement timeout"
        ),
        pytest.param(caused(OperationalError(), psycopg_pool.PoolTimeout()), id="pool timeout"),
        pytest.param(caused(OperationalError(), psycopg.errors.DiskFull()), id="disk full"),
        pytest.param(
            caused(InternalError(), psycopg.errors.IdleInTransactionSessionTimeout()), id="idle"
        ),
        pytest.param(
            caused(InternalError(), psycopg.errors.ReadOnlySqlTransaction()), id="read-only"
        ),
    ],
)
def test_a_database_that_is_away_is_503(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setitem(RAISED, "away", lambda: error)
    response = client.get("/api/v1/refusals/away/")
    problem(response, 503, "unavailable")
    assert response["Retry-After"] == "1"
    monkeypatch.setitem(RAISED, "broken", lambda: error)
    page = client.get("/broken/")
    assert page.status_code == 503
    assert page["Retry-After"] == "1"
    assert page["Content-Type"].startswith("text/html")


def test_a_fault_in_our_sql_is_not_a_busy_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = caused(InternalError(), psycopg.errors.InternalError())
    monkeypatch.setitem(RAISED, "fault", lambda: error)
    problem(client.get("/api/v1/refusals/fault/"), 500, "internal_error")


def test_a_form_of_another_site_is_refused_in_kind() -> None:
    factory = RequestFactory()
    problem(problems.csrf_failure(factory.post("/api/v1/notes/"), "no cookie"), 403, "csrf_failed")
    page = problems.csrf_failure(factory.post("/admin/login/"), "no cookie")
    assert page["Content-Type"].startswith("text/html")
    assert django_settings.CSRF_FAILURE_VIEW == "kit.api.problems.csrf_failure"


@pytest.mark.parametrize("language", ["zh_CN", "zh-CN", "zh", "zh-Hans", "zh_CN,en;q=0.5"])
def test_a_problem_speaks_the_callers_language(client: Client, language: str) -> None:
    response = client.get("/api/v1/crowd/", headers={"Accept-Language": language, "Accept": "a/b"})
    body = problem(response, 406, "not_acceptable")
    assert response["Content-Language"] == "zh-hans"
    assert not body["detail"].isascii()


@pytest.mark.parametrize("language", ["", "en_GB", "fr_FR", "*", ",,;q=x", "zz" * 500])
def test_english_is_what_is_left(client: Client, language: str) -> None:
    response = client.get("/api/v1/nowhere/", headers={"Accept-Language": language})
    assert problem(response, 404, "not_found")["detail"] == "Not found."


def test_a_request_without_a_language_stays_without() -> None:
    request = RequestFactory().get("/")
    RequestLanguageMiddleware(lambda _seen: HttpResponse())(request)
    assert "HTTP_ACCEPT_LANGUAGE" not in request.META


def test_a_problem_names_the_request_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    body = problem(client.get("/api/v1/nowhere/"), 404, "not_found")
    assert body["request_id"] in caplog.text


# --- Who may call ---------------------------------------------------------------------------------


def test_nobody_is_told_how_to_say_who_they_are(db: None) -> None:
    response = Client().get("/api/v1/crowd/")
    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Bearer, Api-Key"


def test_a_key_without_the_scope_may_not(db: None) -> None:
    key = ApiKeyFactory.create(scopes=["activities:write"])
    client = Client(headers={"Authorization": f"Api-Key {key_of(key)}"})
    body = problem(client.get("/api/v1/crowd/"), 403, "missing_scope")
    assert body["scopes"] == ["members:read"]


def test_a_view_that_names_no_scope_is_closed(client: Client) -> None:
    problem(client.get("/api/v1/forgetful/"), 403, "missing_scope")


def test_scopes_may_differ_by_method(db: None) -> None:
    key = ApiKeyFactory.create(scopes=["members:read"])
    client = Client(headers={"Authorization": f"Api-Key {key_of(key)}"})
    problem(client.get("/api/v1/members/nobody/"), 404, "not_found")
    assert client.head("/api/v1/members/nobody/").status_code == 404
    response = client.put("/api/v1/members/nobody/", {}, "application/json")
    assert json.loads(response.content)["scopes"] == ["members:write"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", f"name={'a' * 21}"])
def test_each_caller_is_refused_in_the_own_language_whoever_came_before(
    client: Client, query: str
) -> None:
    said = [
        client.get(f"/api/v1/crowd/?{query}", headers={"Accept-Language": language}).json()
        for language in ("en", "zh-CN", "en", "zh-CN")
    ]
    english, chinese, *again = [body["errors"][0]["detail"] for body in said]
    assert english.isascii()
    assert not chinese.isascii()
    assert again == [english, chinese]
