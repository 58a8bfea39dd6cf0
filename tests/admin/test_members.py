"""Operators look members up and change what is theirs to change."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kit import pages
from members.models import Community, Member
from tests.admin.conftest import limited
from tests.factories import MemberFactory

MEMBERS = "/admin/members/member/"
ERASED_AT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def page_of(member: Member) -> str:
    return reverse("admin:members_member_change", args=[member.pk])


def form_of(member: Member, **changes: Any) -> dict[str, Any]:
    return {"nickname": member.nickname, "state": member.state, **changes}


@pytest.mark.parametrize("wanted", ["Ada", "ada", "wx-17", "17"])
def test_a_member_is_found_by_name_and_by_external_id(operator: Client, wanted: str) -> None:
    MemberFactory.create(nickname="Ada", external_id="wx-17")
    MemberFactory.create(nickname="Bob", external_id="wx-25")
    rows = operator.get(MEMBERS, {"q": wanted}).context["cl"].result_list
    assert [row.external_id for row in rows] == ["wx-17"]


def test_members_are_filtered_by_state(operator: Client) -> None:
    MemberFactory.create()
    paused = MemberFactory.create(state="paused")
    rows = operator.get(MEMBERS, {"state__exact": "paused"}).context["cl"].result_list
    assert list(rows) == [paused]


def test_a_longer_list_asks_no_more_queries(operator: Client) -> None:
    counts = []
    for more in [2, 20]:
        MemberFactory.create_batch(more)
        with CaptureQueriesContext(connection) as queries:
            operator.get(MEMBERS)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_list_counts_no_more_rows_than_it_shows(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS_SHOWN", 120)
    MemberFactory.create_batch(130)
    with CaptureQueriesContext(connection) as queries:
        shown = operator.get(MEMBERS, {"p": 3}).context["cl"]
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert all("LIMIT 120" in sql for sql in counts if "members_member" in sql)
    assert (shown.result_count, len(shown.result_list)) == (120, 20)


def test_an_edit_is_made_and_logged(operator: Client) -> None:
    member = MemberFactory.create(nickname="Ada")
    answer = operator.post(
        page_of(member), form_of(member, nickname=" Ada  L. ", state="paused", is_staff="on")
    )
    assert answer.status_code == 302
    member.refresh_from_db()
    assert (member.nickname, member.state, member.is_staff) == ("Ada L.", "paused", True)
    logged = LogEntry.objects.get()
    assert logged.object_id == str(member.pk)
    assert "State" in logged.get_change_message()


@pytest.mark.django_db(transaction=True)
def test_an_edit_runs_in_the_services_own_transaction() -> None:
    """A durable service refuses to run inside the one that Django opens around a form."""
    member = MemberFactory.create(nickname="Ada")
    editor = limited("members.change_member")
    assert editor.post(page_of(member), form_of(member, nickname="Bea")).status_code == 302
    member.refresh_from_db()
    assert member.nickname == "Bea"


def test_a_refusal_is_shown_above_the_form_as_it_was_sent(operator: Client) -> None:
    member = MemberFactory.create(nickname="Ada")
    answer = operator.post(page_of(member), form_of(member, nickname="\u200b", state="left"))
    assert answer.status_code == 200
    assert "The nickname shows nothing." in answer.content.decode()
    assert answer.context["adminform"].form["state"].value() == "left"
    member.refresh_from_db()
    assert (member.nickname, member.state) == ("Ada", "active")
    assert not LogEntry.objects.exists()


def test_an_erased_member_is_only_looked_at(operator: Client) -> None:
    member = MemberFactory.create(erased_at=ERASED_AT)
    assert operator.get(page_of(member)).status_code == 200
    assert operator.post(page_of(member), form_of(member, nickname="Bea")).status_code == 403


@pytest.mark.parametrize(
    ("permissions", "reading", "writing"),
    [
        ((), 403, 403),
        (("members.view_member",), 200, 403),
        (("members.change_member",), 200, 302),
        (("members.change_apikey",), 403, 403),
    ],
)
def test_each_may_do_what_is_permitted(
    db: None, permissions: tuple[str, ...], reading: int, writing: int
) -> None:
    member = MemberFactory.create()
    client = limited(*permissions)
    assert client.get(MEMBERS).status_code == reading
    assert client.get(page_of(member)).status_code == reading
    assert client.post(page_of(member), form_of(member)).status_code == writing


@pytest.mark.parametrize("page", ["add/", "1/delete/"])
def test_members_are_neither_made_nor_deleted_here(operator: Client, page: str) -> None:
    MemberFactory.create(id=1)
    assert operator.get(f"{MEMBERS}{page}").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\0"},
        {"nickname": "a\0"},
        {"nickname\0": "a"},
        {"p": "0"},
        {"p": "abc"},
        {"p": "9" * 400},
        {"q": "'; DROP TABLE members_member; --"},
        {"state__exact": "asleep"},
        {"id": "9" * 400},
        {"is_staff__exact": "maybe"},
        {"all": ""},
        {"o": "1.-2.x"},
        {"password__startswith": "a"},
    ],
    ids=str,
)
def test_no_query_breaks_a_list(operator: Client, query: dict[str, str]) -> None:
    MemberFactory.create()
    assert operator.get(MEMBERS, query).status_code in {200, 302, 400}


@pytest.mark.parametrize("name", ["0", "x", "9" * 400, "%00", "-1", "1 or 1=1"])
def test_no_address_breaks_a_page(operator: Client, name: str) -> None:
    assert operator.get(f"{MEMBERS}{name}/change/").status_code in {302, 404}


# --- The community ------------------------------------------------------------------------------

COMMUNITY = "/admin/members/community/1/change/"
SAID = {"name": "Garden", "time_zone": "Asia/Shanghai", "day_starts_at": "04:00"}


def test_the_communitys_list_is_its_page(operator: Client) -> None:
    answer = operator.get("/admin/members/community/")
    assert answer.headers["Location"] == COMMUNITY


def test_the_communitys_name_and_clock_are_set(operator: Client) -> None:
    year = Community.objects.get().fiscal_year_starts
    answer = operator.post(COMMUNITY, SAID | {"fiscal_year_starts": "7"})
    assert answer.status_code == 302
    community = Community.objects.get()
    assert (community.name, community.time_zone) == ("Garden", "Asia/Shanghai")
    assert community.day_starts_at == dt.time(4)
    assert community.fiscal_year_starts == year


@pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Olympus"}, {"day_starts_at": "25:00"}])
def test_a_clock_that_there_is_not_is_refused(operator: Client, wrong: dict[str, str]) -> None:
    assert operator.post(COMMUNITY, SAID | wrong).status_code == 200
    assert Community.objects.get().name != "Garden"


def test_times_are_those_of_the_community(operator: Client) -> None:
    operator.post(COMMUNITY, SAID)
    member = MemberFactory.create(joined_at=dt.datetime(2026, 3, 1, 20, 30, tzinfo=dt.UTC))
    assert "March 2, 2026, 4:30 a.m." in operator.get(page_of(member)).content.decode()
