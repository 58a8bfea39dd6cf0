"""The service speaks Chinese wherever it speaks English."""

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django.conf
import polib
import pytest
import rest_framework
from django.apps import apps
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import translation
from rest_framework import exceptions

from kit.api import StrictSerializer
from kit.api.problems import TITLES
from kit.errors import DomainError
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.house.rules import FLOORS
from tests.kit.views import RAISED
from tests.words import (
    BORROWED,
    CATALOGUE,
    Message,
    everything,
    faults,
    left_in_english,
    message_of,
    said,
    said_by,
    updated,
)

pytestmark = pytest.mark.once

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,}[,;]? [A-Za-z]{2,}")
"""Two words in a row; a single one is a name, such as a field's."""


def is_chinese(text: object) -> bool:
    return bool(CHINESE.search(str(text))) and not ENGLISH.search(str(text))


# --- The catalogue ------------------------------------------------------------------------------


def read(text: str) -> polib.POFile:
    return polib.pofile(text, wrapwidth=0)


def test_the_catalogue_says_all_that_the_code_says() -> None:
    catalogue = read(CATALOGUE.read_text(encoding="utf-8"))
    compiled = CATALOGUE.with_suffix(".mo").read_bytes()
    assert faults(catalogue, compiled, wanted=everything()) == []


TRANSLATED = {
    Message("Not found."): "未找到。",
    Message("{most} of %(points)d points"): "%(points)d 分中的 {most} 分",
    Message("%s in %d days"): "%s，%d 天内",
    Message("%d point", "%d points"): "%d 分",
}


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('msgid "Not found."', 'msgid "Found."', "'Not found.' is missing"),
        ('msgid "Not found."', 'msgid "Found."', "'Found.' is said no more"),
        ('msgstr "未找到。"', 'msgstr ""', "'Not found.' is not translated"),
        ('msgid "Not', '#, fuzzy\nmsgid "Not', "'Not found.' is fuzzy"),
        ("{most} 分", "{least} 分", "'{most} of %(points)d points' has other placeholders"),
        ("%(points)d 分", "积分", "'{most} of %(points)d points' has other placeholders"),
        ("%s，%d 天内", "%d 天内，%s", "'%s in %d days' has other placeholders"),
        ('msgstr[0] "%d 分', 'msgstr[0] "%s 分', "'%d point' has other placeholders"),
        ('msgid "Not', '#: kit/errors.py:67\nmsgid "Not', "the .po is not as `make"),
        ('msgid "Not', '#~ msgid "Gone."\n#~ msgstr ""\n\nmsgid "Not', "the .po is not as `make"),
        ("未找到。", "没找到。", "the .mo is not what the .po compiles to"),
    ],
)
def test_a_fault_in_a_catalogue_is_found(before: str, after: str, fault: str) -> None:
    catalogue = updated(polib.POFile(), wanted=TRANSLATED.keys())
    for entry in catalogue:
        said = TRANSLATED[message_of(entry)]
        entry.msgstr, entry.msgstr_plural = said, {0: said} if entry.msgid_plural else {}
    text, compiled = f"{catalogue}", catalogue.to_binary()
    assert faults(read(text), compiled, wanted=TRANSLATED.keys()) == []
    assert text.count(before) == 1
    found = faults(read(text.replace(before, after)), compiled, wanted=TRANSLATED.keys())
    assert any(each.startswith(fault) for each in found)


def test_what_is_borrowed_is_still_said() -> None:
    """Words that Django or REST framework changed would go out as they are."""
    theirs = {
        entry.msgid
        for package in (django.conf, rest_framework)
        for entry in polib.mofile(f"{package.__path__[0]}/locale/zh_Hans/LC_MESSAGES/django.mo")
    }
    assert {message.text for message in BORROWED} - theirs == set()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('_("One " "sentence.")', Message("One sentence.")),
        ('__("Now.")', Message("Now.")),
        ('gettext_lazy("Later.")', Message("Later.")),
        ('translation.gettext("There.")', Message("There.")),
        ('ngettext("%d day", "%d days", n)', Message("%d day", "%d days")),
        ('pgettext_lazy("entry", "reversed")', Message("reversed", context="entry")),
        ('npgettext("lot", "%d point", "%d points", n)', Message("%d point", "%d points", "lot")),
    ],
)
def test_every_way_to_say_something_is_heard(code: str, message: Message, tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "errors.py").write_text(f"title = {code}\n", encoding="utf-8")
    assert said(tmp_path) == {message}


PAGE = """{% load i18n %}
{% trans 'Apply' %} {% translate "Add row" as add %} {{ title|default:_("Untitled") }}
{% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
{% translate "May" context "month" %} {% translate heading %} "_('no call')"
"""


def test_every_way_to_say_something_on_a_page_is_heard(tmp_path: Path) -> None:
    page = tmp_path / "members" / "templates" / "admin" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, encoding="utf-8")
    assert said(tmp_path) == {
        Message("Apply"),
        Message("Add row"),
        Message("Untitled"),
        Message("%(n)s row", "%(n)s rows"),
        Message("May", context="month"),
    }


def test_what_a_package_says_is_heard(tmp_path: Path) -> None:
    """So the words of a newer skin are missed by name, as soon as it is installed."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{% load i18n %}{% trans 'New' %}")
    (tmp_path / "admin.py").write_text('_("Newer"); _(f"{n}"); print("nothing")')
    (tmp_path / "contrib").mkdir()
    (tmp_path / "contrib" / "admin.py").write_text('_("Of another package")')
    assert said_by(tmp_path) == {Message("New"), Message("Newer")}


def test_the_skins_english_is_found_in_the_installed_package() -> None:
    left = left_in_english()
    assert {Message("Select action to run"), Message("Apply Filters"), Message("Run")} <= left
    assert Message("Log in") not in left


@pytest.mark.parametrize("code", ['_(f"{n} days")', "_(title)", '_("%d days" % n)', "_()"])
def test_what_is_put_together_cannot_be_translated(code: str, tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "errors.py").write_text(f"\ntitle = {code}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^kit/errors\.py:2: _ takes plain text only$"):
        said(tmp_path)


def test_english_is_told_from_chinese() -> None:
    assert not is_chinese("Not found.")
    assert not is_chinese("请求无效：not found")
    assert not is_chinese("JSON")
    assert is_chinese("请求体必须是 UTF-8 编码的 JSON。")


# --- What there is to say -----------------------------------------------------------------------


def kinds_of(kind: type[Any]) -> Iterator[type[Any]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from kinds_of(inner)


def ours(kind: type[Any]) -> set[type[Any]]:
    """Return the kinds of it that the service has."""
    importlib.import_module(settings.ROOT_URLCONF)  # and with the routes all that they lead to
    return {inner for inner in kinds_of(kind) if inner.__module__.split(".")[0] in FLOORS}


def test_every_refusal_has_a_chinese_title() -> None:
    refusals = ours(DomainError)
    assert len(refusals) > 10
    with translation.override("zh-hans"):
        assert [title for title in TITLES.values() if not is_chinese(title)] == []
        assert [kind for kind in refusals if not is_chinese(kind.title)] == []
        assert [
            kind
            for kind in kinds_of(exceptions.APIException)
            if not is_chinese(kind.default_detail)
        ] == []


def messages_of(field: Any) -> Iterator[str]:
    """Yield all that a serializer's field may complain about, its children's complaints too."""
    yield from map(str, field.error_messages.values())
    for validator in field.validators:
        yield str(getattr(validator, "message", validator))
    for inner in [*getattr(field, "fields", {}).values(), getattr(field, "child", None)]:
        if inner is not None:
            yield from messages_of(inner)


def test_every_field_complains_in_chinese() -> None:
    shapes = ours(StrictSerializer)
    assert len(shapes) > 3
    with translation.override("zh-hans"):
        told = {words for shape in shapes for words in messages_of(shape())}
        assert [words for words in told if not is_chinese(words)] == []


def labels() -> Iterator[tuple[str, object]]:
    """Yield the name of each table, column and choice, as people see them."""
    for model in apps.get_models():
        if model._meta.app_label not in FLOORS:
            continue
        yield model._meta.label, model._meta.verbose_name
        yield model._meta.label, model._meta.verbose_name_plural
        for field in model._meta.concrete_fields:
            if not field.auto_created and field.attname != "id":
                yield f"{model._meta.label}.{field.name}", field.verbose_name
            for value, label in field.flatchoices:
                yield f"{model._meta.label}.{field.name}={value}", label


def test_every_table_column_and_choice_has_a_chinese_name() -> None:
    with translation.override("zh-hans"):
        assert [name for name, label in labels() if not is_chinese(label)] == []


# --- What callers hear --------------------------------------------------------------------------

NOTES, CROWD, INTAKE = "/api/v1/notes/", "/api/v1/crowd/", "/api/v1/activities/"
ADA = "/api/v1/members/ada/"


@pytest.fixture
def client(db: None, settings: Any) -> Client:
    """A client of the service and of the kit's routes, that asks for Chinese as WeChat does."""
    settings.ROOT_URLCONF = "tests.kit.urls"
    MemberFactory.create(external_id="ada")
    headers = {
        "Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}",
        "Accept-Language": "zh_CN",
    }
    return Client(raise_request_exception=False, headers=headers)


def sentences(answer: Any) -> Iterator[str]:
    """Yield each `title` and `detail`, however deep."""
    for name, inner in answer.items() if isinstance(answer, dict) else enumerate(answer):
        if name in {"title", "detail"}:
            yield inner
        elif isinstance(inner, dict | list):
            yield from sentences(inner)


def hear(response: Any) -> dict[str, Any]:
    """Return an answer of which all sentences are Chinese."""
    answer: dict[str, Any] = json.loads(response.content)
    heard = list(sentences(answer))
    assert heard
    assert [sentence for sentence in heard if not is_chinese(sentence)] == []
    return answer


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        pytest.param("GET", CROWD, 401, {"Authorization": ""}, id="no key"),
        pytest.param("GET", CROWD, 401, {"Authorization": "Api-Key psk_"}, id="a wrong key"),
        pytest.param("GET", "/api/v1/forgetful/", 403, {}, id="no scope"),
        pytest.param("GET", "/api/v1/nowhere/", 404, {}, id="no route"),
        pytest.param("GET", "/api/v1/members/nobody/", 404, {}, id="no member"),
        pytest.param("GET", f"{INTAKE}nothing/", 404, {}, id="no activity"),
        pytest.param("DELETE", NOTES, 405, {}, id="another method"),
        pytest.param("GET", CROWD, 406, {"Accept": "text/html"}, id="not JSON"),
        pytest.param("GET", "/api/v1/crowd", 400, {"Host": "evil.example"}, id="a foreign host"),
        pytest.param("GET", "/api/v1/refusals/throttled/", 429, {}, id="too many"),
        pytest.param("GET", "/api/v1/refusals/busy/", 503, {}, id="busy"),
        pytest.param("GET", "/api/v1/refusals/broken/", 500, {}, id="a fault of ours"),
        pytest.param("GET", "/api/v1/refusals/away/", 503, {}, id="no database"),
        pytest.param("GET", f"{CROWD}?limit=abc", 400, {}, id="no number"),
        pytest.param("GET", f"{CROWD}?limit=0", 400, {}, id="too small"),
        pytest.param("GET", f"{CROWD}?limit=101", 400, {}, id="too large"),
        pytest.param("GET", f"{CROWD}?page=2", 400, {}, id="an unknown parameter"),
        pytest.param("GET", f"{CROWD}?limit=1&limit=2", 400, {}, id="a parameter twice"),
        pytest.param("GET", f"{CROWD}?cursor=x", 400, {}, id="no cursor"),
        pytest.param("GET", f"{CROWD}?cursor=%00", 400, {}, id="NUL"),
        pytest.param("GET", f"{CROWD}?name={'a' * 21}", 400, {}, id="too long"),
        pytest.param("POST", "/api/v1/effects/", 400, {}, id="no idempotency key"),
    ],
)
def test_a_call_is_refused_in_chinese(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
    status: int,
    headers: dict[str, str],
) -> None:
    monkeypatch.setitem(RAISED, "away", lambda: OperationalError("server closed the connection"))
    body = '{"text": "a"}' if method == "POST" else ""
    response = client.generic(method, path, body, "application/json", headers=headers)
    assert response.status_code == status
    hear(response)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        b"\xff",
        '{"data": NaN}',
        f'{{"data": {2**63}}}',
        '{"text": "a", "text": "b"}',
        "[" * 21 + "]" * 21,
        '{"text": "\\u0000"}',
        '{"text": "\\ud800"}',
        " " * (2**20 + 1),
        '{"points": "1"}',
        '{"points": 0}',
        '{"points": 1000000000001}',
        '{"text": null}',
        '{"text": 1}',
        '{"text": " "}',
        '{"text": "12345678901"}',
        '{"member": " a"}',
        '{"at": "2026-11-22"}',
        '{"tags": {}}',
        '{"tags": [1]}',
        '{"tags": [{}]}',
        '{"txet": 1}',
    ],
    ids=lambda body: str(body[:40]),
)
def test_a_body_is_refused_in_chinese(client: Client, body: str | bytes) -> None:
    response = client.generic("POST", NOTES, body, "application/json")
    assert response.status_code in {400, 413}
    hear(response)


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        ("text/plain", {}),
        ("application/json; charset=utf-16", {}),
        ("application/json", {"Content-Encoding": "gzip"}),
        ("application/json", {"Transfer-Encoding": "chunked", "Content-Length": ""}),
    ],
)
def test_a_form_of_body_is_refused_in_chinese(
    client: Client, content_type: str, headers: dict[str, str]
) -> None:
    response = client.generic("POST", NOTES, b"{}", content_type, headers=headers)
    assert response.status_code in {413, 415}
    hear(response)


@pytest.mark.parametrize(
    "body",
    [
        {"nickname": "\u200b"},
        {"nickname": "a" * 101},
        {"nickname": "a" * 1001},
        {"avatar_url": "ftp://example.org/a.png"},
        {"avatar_url": "nonsense"},
        {"state": "asleep"},
        {"joined_at": 5},
        {"state": ["active"], "points": 7},
    ],
    ids=str,
)
def test_a_member_is_refused_in_chinese(client: Client, body: dict[str, Any]) -> None:
    response = client.put(ADA, body, "application/json")
    assert response.status_code == 400
    hear(response)


def test_a_key_that_was_used_is_refused_in_chinese(client: Client) -> None:
    headers = {"Idempotency-Key": "one"}
    client.post("/api/v1/effects/", {"text": "a"}, "application/json", headers=headers)
    response = client.post("/api/v1/effects/", {"text": "b"}, "application/json", headers=headers)
    assert response.status_code == 422
    hear(response)


@pytest.mark.parametrize("body", [{}, {"activities": 1}, {"activities": [{}] * 1001}, []])
def test_an_intake_is_refused_in_chinese(client: Client, body: object) -> None:
    response = client.post(INTAKE, json.dumps(body), "application/json")
    assert response.status_code == 400
    hear(response)


def test_each_activity_is_rejected_in_chinese(client: Client) -> None:
    good = {
        "id": "a-1",
        "action": "post.upvoted",
        "member": "ada",
        "occurred_at": "2026-11-22T10:00:00Z",
    }
    activities: list[object] = [
        7,
        {},
        good | {"id": " ", "action": " ", "member": " ", "occurred_at": 1, "data": 1, "points": 1},
        good | {"member": "nobody"},
        good | {"occurred_at": "2001-01-01T00:00:00Z"},
        good | {"occurred_at": "2999-01-01T00:00:00Z"},
    ]
    response = client.post(INTAKE, json.dumps({"activities": activities}), "application/json")
    answer = hear(response)
    assert answer["rejected"] == len(activities)
