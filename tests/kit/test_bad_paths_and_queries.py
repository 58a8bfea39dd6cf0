"""What no route takes in its path or query, and what paging promises."""

import datetime as dt
from itertools import product
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from kit.api import CursorPage
from members.models import Member
from tests.factories import MemberFactory
from tests.kit.conftest import fields, problem

CROWD = "/api/v1/crowd/"


@pytest.mark.parametrize(
    "part", ["0", "007", "-1", "+1", "１", str(2**53), str(2**63), "9" * 5000, "abc", "%00", "1%00"]
)
def test_an_id_that_cannot_be_is_not_found(client: Client, part: str) -> None:
    problem(client.get(f"/api/v1/things/{part}/"), 404, "not_found")


def test_the_largest_id_is_read_exactly(client: Client) -> None:
    assert client.get(f"/api/v1/things/{2**53 - 1}/").json() == {"pk": 2**53 - 1}


@pytest.mark.parametrize("part", ["%00", "a%00b", "%1F", "a%0Ab", "%20a", "a" * 65, "%E2%80%8B"])
def test_a_name_that_cannot_be_is_not_found(client: Client, part: str) -> None:
    problem(client.get(f"/api/v1/names/{part}/"), 404, "not_found")


def test_a_name_may_be_in_any_script(client: Client) -> None:
    assert client.get("/api/v1/names/用户 7/").json() == {"name": "用户 7"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", ("limit", "min_value")),
        ("limit=-1", ("limit", "min_value")),
        ("limit=101", ("limit", "max_value")),
        ("limit=1000000000", ("limit", "max_value")),
        ("limit=abc", ("limit", "invalid")),
        ("limit=", ("limit", "invalid")),
        ("limit=1.0", ("limit", "invalid")),
        ("limit=%EF%BC%91", ("limit", "invalid")),
        (f"limit={'9' * 5000}", ("limit", "invalid")),
        ("least=2147483648", ("least", "max_value")),
        ("name=%00", ("name", "null_characters_not_allowed")),
        (f"name={'a' * 21}", ("name", "max_length")),
        ("ordering=note;drop", ("ordering", "unknown_parameter")),
        ("offset=" + "9" * 30, ("offset", "unknown_parameter")),
        ("page=" + "9" * 30, ("page", "unknown_parameter")),
        ("limit=1&limit=2", ("limit", "repeated_parameter")),
        ("cursor=cD0x", ("cursor", "invalid_cursor")),
        ("cursor=%00", ("cursor", "null_characters_not_allowed")),
        ("cursor=%F0%9F%92%A9", ("cursor", "invalid_cursor")),
        (f"cursor={'a' * 1001}", ("cursor", "max_length")),
    ],
)
def test_a_query_is_taken_to_the_letter(
    client: Client, query: str, expected: tuple[str, str]
) -> None:
    assert expected in fields(problem(client.get(f"{CROWD}?{query}"), 400, "invalid"))


def test_a_write_takes_no_query(client: Client) -> None:
    response = client.post(f"{CROWD}?limit=5", {}, "application/json")
    assert fields(problem(response, 400, "invalid")) == {("limit", "unknown_parameter")}


@pytest.mark.parametrize("salt", ["cursor:members.member:-id", "cursor:members.apikey:-id", ""])
def test_a_cursor_of_another_list_is_refused(client: Client, salt: str) -> None:
    cursor = signing.dumps(["2026-01-01T00:00:00Z", 1], salt=salt)
    response = client.get(CROWD, {"cursor": cursor})
    assert fields(problem(response, 400, "invalid")) == {("cursor", "invalid_cursor")}


def test_a_cursor_that_was_touched_is_refused(client: Client) -> None:
    MemberFactory.create_batch(3)
    cursor = client.get(f"{CROWD}?limit=1").json()["next_cursor"]
    for place in range(0, len(cursor), 7):
        touched = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        problem(client.get(CROWD, {"cursor": touched}), 400, "invalid")


def walk(client: Client, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = client.get(CROWD, query).json()
        pages.append(page["results"])
        if not page["next_cursor"]:
            return pages
        query["cursor"] = page["next_cursor"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_hold_every_row_once_and_in_order(client: Client, limit: int) -> None:
    day = dt.datetime(2026, 5, 1, microsecond=123456, tzinfo=dt.UTC)
    for days in [0, 0, 0, 1, 1, 2, 3]:
        MemberFactory.create(joined_at=day + dt.timedelta(days=days))
    order = Member.objects.order_by("-joined_at", "id").values_list("external_id", flat=True)
    pages = walk(client, limit)
    assert [name for page in pages for name in page] == list(order)
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


def test_an_order_may_have_many_columns(db: None) -> None:
    for name, state, day in product(["b", "a"], ["paused", "active", "left"], [2, 1]):
        joined_at = dt.datetime(2026, 5, day, tzinfo=dt.UTC)
        MemberFactory.create(nickname=name, state=state, joined_at=joined_at)
    order = ("-state", "joined_at", "-nickname", "id")
    members, cursor, seen = Member.objects.all(), "", list[Member]()
    for _page in range(members.count()):
        page = CursorPage.of(members, order=order, limit=1, cursor=cursor)
        seen += page.rows
        cursor = page.next_cursor
    assert seen == list(members.order_by(*order))
    assert not cursor


def test_a_page_does_not_move_when_rows_come(client: Client) -> None:
    MemberFactory.create_batch(4)
    first = client.get(f"{CROWD}?limit=2").json()
    MemberFactory.create(joined_at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    second = client.get(CROWD, {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert not set(first["results"]) & set(second["results"])
    assert second["next_cursor"] == ""


def test_a_page_has_twenty_rows_unless_asked(client: Client) -> None:
    MemberFactory.create_batch(21)
    assert len(client.get(CROWD).json()["results"]) == 20
