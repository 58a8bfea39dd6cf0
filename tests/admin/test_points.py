"""Operators look at rules, accounts and entries, and see why."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Member
from points import services
from points.models import Account, Entry, Rule
from tests.admin.conftest import limited
from tests.factories import MemberFactory
from tests.points.support import act, do, earn, load, member, pass_days
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

RULES: list[dict[str, Any]] = [
    {
        "code": "long-post",
        "action": "post",
        "points": {"field": "words", "times": 2},
        "when": {"field": "words", "gte": 12},
        "caps": ["daily"],
    },
    {"code": "spring", "action": "post", "points": 3, "starts_at": "2126-03-01T00:00:00Z"},
    {"code": "gift", "action": "gift", "points": {"field": "amount"}},
]
CAPS = [{"code": "daily", "limit": 50, "period": "day", "over": "partial"}]
LEVELS = [
    {"code": "base", "threshold": 0},
    {"code": "mid", "threshold": 30, "multiplier": "1.5"},
]
LISTS = {
    name: reverse(f"admin:points_{name}_changelist")
    for name in ("account", "cap", "entry", "level", "rule")
}
TRY = f"{LISTS['rule']}try/"


@once_a_module
def _program() -> None:
    load(rules=RULES, caps=CAPS, levels=LEVELS)


def rows(operator: Client, name: str, **query: str) -> list[Any]:
    return list(operator.get(LISTS[name], query).context["cl"].result_list)


def page(operator: Client, row: Any) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    answer = operator.get(reverse(name, args=[row.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def trial(operator: Client, text: str) -> str:
    answer = operator.post(TRY, {"activity": text})
    assert answer.status_code == 200
    return answer.content.decode()


# --- Lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_a_longer_list_asks_no_more_queries(operator: Client, name: str) -> None:
    counts = []
    for more in [5, 45]:
        rules = [{"code": f"rule-{n}", "action": "post", "points": n} for n in range(1, more)]
        load(
            rules=[*RULES, *rules],
            caps=[*CAPS, *({**CAPS[0], "code": f"cap-{n}"} for n in range(more))],
            levels=[*LEVELS, *({"code": f"l{n}", "threshold": 100 + n} for n in range(more))],
        )
        for _ in range(more):
            act(member(), "post", words=20)
        operator.get(LISTS[name])
        with CaptureQueriesContext(connection) as queries:
            assert len(rows(operator, name)) >= more
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] < 10


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_what_is_permitted(name: str) -> None:
    assert limited().get(LISTS[name]).status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_changed_or_deleted_here(operator: Client, name: str) -> None:
    act(member(), "post", words=20)
    row = rows(operator, name)[0]
    assert operator.get(f"{LISTS[name]}add/").status_code == 403
    assert operator.post(f"{LISTS[name]}{row.pk}/change/", {"code": "x"}).status_code == 403
    assert operator.post(f"{LISTS[name]}{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "query",
    [{"q": "'"}, {"q": "\0"}, {"q": "9" * 400}, {"q": "%"}, {"p": "x"}, {"id": "x"}, {"o": "9"}],
    ids=str,
)
def test_no_query_breaks_a_list(operator: Client, name: str, query: dict[str, str]) -> None:
    assert operator.get(LISTS[name], query).status_code in {200, 302, 400}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("key", ["0", "x", "9" * 40, "%00"])
def test_no_address_breaks_a_page(operator: Client, name: str, key: str) -> None:
    assert operator.get(f"{LISTS[name]}{key}/change/").status_code in {302, 404}


# --- Entries ------------------------------------------------------------------------------------


def test_entries_are_found_by_member_activity_and_reference(operator: Client) -> None:
    one, two = member(), member()
    act(one, "post", id="first", words=20)
    act(two, "post", id="second", words=20)
    first = Entry.objects.get(activity="first")
    external_id = Member.objects.get(id=one).external_id
    assert rows(operator, "entry", q=external_id) == [first]
    assert rows(operator, "entry", q=" first ") == [first]
    assert rows(operator, "entry", q="award:long-post:first") == [first]
    assert rows(operator, "entry", q="third") == []
    assert len(rows(operator, "entry")) == 2


def test_an_activity_is_found_with_what_took_it_back(operator: Client) -> None:
    act(member(), "post", id="first", words=20)
    do(services.reverse, references=["award:long-post:first"])
    kinds = [row.kind for row in rows(operator, "entry", q="first")]
    assert kinds == ["reversed", "earned"]


def test_a_search_among_entries_reads_no_more_than_it_shows(operator: Client) -> None:
    for _ in range(3):
        act(member(), "post", words=20)
    with CaptureQueriesContext(connection) as queries:
        rows(operator, "entry", q="nothing like this")
    assert not [one["sql"] for one in queries if "LIKE" in one["sql"] and "entry" in one["sql"]]


def test_an_entry_is_explained(operator: Client) -> None:
    who = member()
    act(who, "gift", amount=40)
    act(who, "post", id="first", words=20)
    entry = Entry.objects.get(activity="first")
    shown = page(operator, entry)
    assert entry.points == 50
    assert "50 points for post (rule long-post, version 1)" in shown
    for told in ["words = 20", "words is at least 12", "mid (× 1.5)", "daily"]:
        assert told in shown


def test_an_entry_leads_to_what_took_it_back(operator: Client) -> None:
    entry = earn(member(), 5, id="first")
    (countered,) = do(services.reverse, references=[entry.reference], reason="a mistake")
    assert f"/admin/points/entry/{countered.id}/change/" in page(operator, entry)
    shown = page(operator, countered)
    assert f"/admin/points/entry/{entry.id}/change/" in shown
    assert "a mistake" in shown


# --- Accounts and members -----------------------------------------------------------------------


def test_an_account_is_found_and_shown_with_lots_and_entries(operator: Client) -> None:
    ada = MemberFactory.create(nickname="Ada", external_id="wx 17&")
    earn(ada.id, 5, id="a-gift")
    earn(member(), 50)
    (row,) = rows(operator, "account", q="ada")
    assert row.member == ada
    shown = page(operator, row)
    assert "award:gift:a-gift" in shown
    assert "/admin/points/entry/?q=wx+17%26" in shown
    (entry,) = operator.get("/admin/points/entry/?q=wx+17%26").context["cl"].result_list
    assert entry.member == ada


def test_lapsed_points_are_not_shown_as_available(operator: Client) -> None:
    load(rules=RULES, caps=CAPS, expiry={"days": 5})
    who = member()
    earn(who, 5)
    pass_days(9, of=who)
    earn(who, 3)
    (row,) = rows(operator, "account")
    assert (row.available, row.live) == (8, 3)
    (found,) = operator.get("/admin/members/member/").context["cl"].result_list
    assert found.live == 3


def test_a_members_page_shows_points_to_those_who_may_see_them(operator: Client) -> None:
    who = member()
    earn(who, 4_321)
    row = Member.objects.get(id=who)
    assert "4321" in page(operator, row)
    assert "4321" not in page(limited("members.view_member"), row)


def test_a_member_without_an_account_has_a_page(operator: Client) -> None:
    row = MemberFactory.create()
    assert "Points" in page(operator, row)
    assert not Account.objects.exists()


def test_a_members_button_leads_to_the_entries(operator: Client) -> None:
    row = MemberFactory.create(external_id="a b")
    answer = operator.get(f"/admin/members/member/{row.pk}/see_entries/")
    assert answer.headers["Location"] == "/admin/points/entry/?q=a+b"
    assert operator.get("/admin/members/member/0/see_entries/").status_code == 404
    seen = limited("members.view_member").get(f"/admin/members/member/{row.pk}/see_entries/")
    assert seen.status_code == 403


def test_a_longer_list_of_members_asks_no_more_queries(operator: Client) -> None:
    counts = []
    for more in [5, 40]:
        for _ in range(more):
            earn(member(), 5)
        with CaptureQueriesContext(connection) as queries:
            operator.get("/admin/members/member/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Rules --------------------------------------------------------------------------------------


def test_a_rules_page_tells_every_version(operator: Client) -> None:
    load(rules=[{**RULES[0], "points": 7, "when": None}, *RULES[1:]], caps=CAPS, levels=LEVELS)
    shown = page(operator, Rule.objects.get(code="long-post"))
    for told in ["+2 × words", "words is at least 12", "+7", "daily"]:
        assert told in shown


def test_a_rule_tells_whether_it_counts(operator: Client) -> None:
    over = {"code": "autumn", "action": "post", "points": 3, "ends_at": "2020-03-01T00:00:00Z"}
    load(rules=[*RULES, over], caps=CAPS)
    load(rules=[*RULES[:2], over], caps=CAPS)
    shown = operator.get(LISTS["rule"]).content.decode()
    for state in ["in force", "to come", "over", "retired"]:
        assert state in shown


def test_an_activity_is_tried_for_a_member(operator: Client) -> None:
    ada = MemberFactory.create(nickname="Ada", external_id="wx-17")
    earn(ada.id, 40)
    sent = {"id": "x", "action": "post", "member": "wx-17", "data": {"words": 20}}
    shown = trial(operator, json.dumps(sent | {"occurred_at": "2026-03-10T10:00:00+08:00"}))
    assert "Would move +50 points in all." in shown
    assert "daily: 0 of 50 used before, lets 50 of 60 through" in shown
    assert "The rule counts only what happens from 2126-03-01 00:00 on." in shown
    assert Entry.objects.count() == 1


def test_an_activity_is_tried_for_a_newcomer(operator: Client) -> None:
    shown = trial(operator, '{"action": "post", "data": {"words": 11}}')
    assert "Asked for: words is at least 12. Found: words = 11." in shown
    assert "Would move +0 points in all." in shown
    assert "a newcomer" in shown


def test_an_action_that_no_rule_counts_is_told(operator: Client) -> None:
    assert "No rule counts the action dance." in trial(operator, '{"action": "dance"}')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"action": "post",\n "data": }', "Line 2, column 10: not valid JSON."),
        ('{"action": "post", "action": "gift"}', "comes twice"),
        ("[]", "Invalid data. Expected a dictionary"),
        ("{}", "action: This field is required."),
        ('{"action": "post", "points": 5}', "points: There is no such field."),
        ('{"action": "post", "occurred_at": "2026-03-10 10:00"}', "occurred_at: Expected"),
        ('{"action": "post", "member": "nobody"}', "There is no member with this id."),
        ('{"action": "post", "data": ' + "[" * 30 + "]" * 30 + "}", "nested deeper"),
        ("<script>", "Line 1, column 1: not valid JSON."),
    ],
)
def test_what_cannot_be_tried_is_told_with_its_place(
    operator: Client, text: str, told: str
) -> None:
    assert told in trial(operator, text)


def test_a_trial_is_in_the_operators_language(operator: Client) -> None:
    operator.cookies.load({"django_language": "zh-hans"})
    shown = trial(operator, '{"action":')
    assert "第 1 行" in shown


def test_only_who_may_see_rules_tries_them(operator: Client) -> None:
    assert limited("points.view_cap").get(TRY).status_code == 403
    assert operator.get(TRY).status_code == 200
