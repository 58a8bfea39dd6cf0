"""What no route takes as a body."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.kit.conftest import fields, problem

NOTES = "/api/v1/notes/"


def send(
    client: Client, body: str | bytes, content_type: str = "application/json", **extra: Any
) -> Any:
    return client.generic("POST", NOTES, body, content_type, **extra)


def test_a_good_body_is_understood_as_it_was_meant(client: Client) -> None:
    body = {
        "points": 10**12,
        "text": "  e\u0301👩‍👩‍👧 ",
        "member": "user:7/ü",
        "at": "2026-11-22T10:00:00.5+08:00",
        "tags": [{"code": "a"}],
        "data": {"emoji": "👩‍👩‍👧", "big": 2**63 - 1, "real": 1.5, "literal": "\\u0000 \\ud800"},
    }
    answer = send(client, json.dumps(body)).json()
    assert answer == body | {"text": "é👩‍👩‍👧", "at": "2026-11-22T02:00:00.500000Z"}


@pytest.mark.parametrize(
    "literal",
    ["true", "1.5", "1.0", "1e3", '"1"', '" 1 "', '"1_000"', '"１２"', "[1]", "{}", "1E400"],
)
def test_an_integer_is_an_integer(client: Client, literal: str) -> None:
    body = problem_of_400(send(client, f'{{"points": {literal}}}'))
    assert "errors" not in body or fields(body) == {("points", "invalid")}


def problem_of_400(response: Any) -> dict[str, Any]:
    code = response.json()["code"]
    assert code in {"invalid", "malformed"}
    return problem(response, 400, code)


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, "min_value"), (-1, "min_value"), (10**12 + 1, "max_value"), (2**63 - 1, "max_value")],
)
def test_an_integer_keeps_its_bounds(client: Client, number: int, code: str) -> None:
    body = problem(send(client, json.dumps({"points": number})), 400, "invalid")
    assert fields(body) == {("points", code)}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="cut off"),
        pytest.param("nonsense", id="not JSON"),
        pytest.param('{"data": NaN}', id="NaN"),
        pytest.param('{"data": -Infinity}', id="Infinity"),
        pytest.param('{"data": 1e400}', id="1e400"),
        pytest.param(f'{{"data": {2**63}}}', id="2^63"),
        pytest.param(f'{{"data": -{2**63}}}', id="-2^63"),
        pytest.param('{"data": %s}' % ("9" * 5000), id="5,000 digits"),
        pytest.param('{"text": "a\0"}', id="bare NUL"),
        pytest.param('{"text": "a\\u0000"}', id="NUL in text"),
        pytest.param('{"data": {"deep": [{"a": "\\u0000"}]}}', id="NUL in data"),
        pytest.param('{"data": {"\\u0000": 1}}', id="NUL in a key"),
        pytest.param('{"text": "\\ud800"}', id="surrogate in text"),
        pytest.param('{"data": ["\\udfff"]}', id="surrogate in data"),
        pytest.param('{"data": {"\\uDBFF": 1}}', id="surrogate in a key"),
        pytest.param('{"data": "\\ude00\\ud83d"}', id="surrogates the wrong way round"),
        pytest.param('{"data": "\\\\ud83d\\ude00"}', id="half an emoji behind a literal half"),
        pytest.param('{"data": "\\\\\\u0000"}', id="NUL behind a backslash"),
        pytest.param('{"text": "a", "text": "b"}', id="a key twice"),
        pytest.param('{"data": [{"a": {"b": 1, "b": 1}}]}', id="a key twice, deep inside"),
        pytest.param("[" * 2000 + "]" * 2000, id="2,000 arrays"),
        pytest.param('{"data":' + "[" * 100_000 + "]" * 100_000 + "}", id="100,000 arrays"),
        pytest.param('{"data":' + '{"a":[' * 10 + "]}" * 10 + "}", id="21 levels"),
        pytest.param(b'{"text": "\xff"}', id="not UTF-8"),
        pytest.param(b'{"text": "\xed\xa0\x80"}', id="a surrogate in bytes"),
        pytest.param(b'\xef\xbb\xbf{"text": "a"}', id="a byte order mark"),
        pytest.param("{}".encode("utf-16"), id="UTF-16 that says it is UTF-8"),
    ],
)
def test_a_body_that_is_not_clean_json_is_malformed(client: Client, body: str | bytes) -> None:
    problem(send(client, body), 400, "malformed")


def test_twenty_levels_are_not_too_deep(client: Client) -> None:
    assert send(client, '{"data":' + "[" * 19 + "]" * 19 + "}").status_code == 200


@pytest.mark.parametrize("body", ["[]", '"text"', "null", "1", "true", "[{}]"])
def test_a_body_is_an_object(client: Client, body: str) -> None:
    problem(send(client, body), 400, "invalid")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"txet": "a"}, {("txet", "unknown_field")}),
        ({"id": 7, "balance": 10**6}, {("id", "unknown_field"), ("balance", "unknown_field")}),
        ({"tags": [{"code": "a"}, {"code": "b", "x": 1}]}, {("tags[1].x", "unknown_field")}),
        ({"tags": [{}]}, {("tags[0].code", "required")}),
        ({"tags": {"code": "a"}}, {("tags", "not_a_list")}),
        ({"no": 1, "points": "1"}, {("no", "unknown_field"), ("points", "invalid")}),
        ({"text": "12345678901"}, {("text", "max_length")}),
        ({"text": None}, {("text", "null")}),
        ({"text": 1}, {("text", "invalid")}),
        ({"text": True}, {("text", "invalid")}),
        ({"member": 7}, {("member", "invalid")}),
        ({"member": ""}, {("member", "blank")}),
        ({"member": " a"}, {("member", "invalid")}),
        ({"member": "a\u200b"}, {("member", "invalid")}),
        ({"member": "a\x1f"}, {("member", "invalid")}),
        ({"member": "a" * 65}, {("member", "max_length")}),
    ],
)
def test_every_wrong_field_is_named_with_its_path(
    client: Client, body: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert fields(problem(send(client, json.dumps(body)), 400, "invalid")) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T10:00:00",
        "2026-11-22 10:00:00+08:00",
        "2026-11-22",
        "2026-W47-7T10:00:00Z",
        "2026-11-22T10:00Z",
        "20261122T100000Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:00:60Z",
        "2026-02-29T10:00:00Z",
        "2026-11-22T10:00:00+25:00",
        "0000-00-00T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-08:00",
        "２０２６-11-22T10:00:00Z",
        1795000000,
        None,
    ],
)
def test_an_instant_has_an_offset_and_exists(client: Client, text: object) -> None:
    body = problem(send(client, json.dumps({"at": text})), 400, "invalid")
    assert {field for field, _code in fields(body)} == {"at"}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=foo",
        "application/json; charset=utf-16",
        "application/json; charset=bz2_codec",
    ],
)
def test_a_body_is_json_in_utf8(client: Client, content_type: str) -> None:
    problem(send(client, b'{"text": "a"}', content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "application/json"])
def test_utf8_may_be_said_or_left_out(client: Client, content_type: str) -> None:
    assert send(client, b'{"text": "a"}', content_type).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity"])
def test_a_body_is_not_compressed(client: Client, encoding: str) -> None:
    response = send(client, b"{}", headers={"Content-Encoding": encoding})
    problem(response, 415, "unsupported_media_type")


def padded(size: int) -> bytes:
    return b'{"text": "a"' + b" " * (size - 13) + b"}"


def test_a_body_has_a_megabyte_unless_the_route_takes_more(client: Client) -> None:
    assert send(client, padded(2**20)).status_code == 200
    problem(send(client, padded(2**20 + 1)), 413, "payload_too_large")
    longer = "/api/v1/long-notes/"
    assert client.post(longer, padded(2**21), "application/json").status_code == 200
    response = client.post(longer, padded(2**21 + 1), "application/json")
    problem(response, 413, "payload_too_large")


def test_a_body_without_a_length_is_not_read(client: Client) -> None:
    response = send(client, b"{}", headers={"Transfer-Encoding": "chunked"}, CONTENT_LENGTH="")
    problem(response, 413, "payload_too_large")


@pytest.mark.parametrize("length", ["abc", "-5", "1e3"])
def test_a_length_that_is_not_one_is_no_body(client: Client, length: str) -> None:
    problem(send(client, b"{}", CONTENT_LENGTH=length), 400, "malformed")


def test_a_route_without_fields_takes_an_empty_body_and_no_other(client: Client) -> None:
    assert client.post("/api/v1/empty/", b"", "application/json").status_code == 200
    assert client.post("/api/v1/empty/", {}, "application/json").status_code == 200
    response = client.post("/api/v1/empty/", {"quantity": 3}, "application/json")
    assert fields(problem(response, 400, "invalid")) == {("quantity", "unknown_field")}


def test_a_flood_of_wrong_fields_is_answered_briefly(client: Client) -> None:
    body = {f"{n}{'x' * 1000}": 1 for n in range(500)}
    response = send(client, json.dumps(body))
    assert len(problem(response, 400, "invalid")["errors"]) == 100
    assert len(response.content) < 40_000
