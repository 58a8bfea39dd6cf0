"""Operators look at activities, see what each granted and why, and take one back."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.models import Activity
from activities.serializers import parse_activity
from activities.services import intake
from members.models import Member
from points.models import Entry
from tests.admin.conftest import limited
from tests.factories import MemberFactory
from tests.points.support import load, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

ACTIVITIES = "/admin/activities/activity/"
RULES: list[dict[str, Any]] = [
    {"code": "post", "action": "post", "points": 5, "caps": ["daily"]},
    {"code": "long", "action": "post", "points": 3, "when": {"field": "words", "gte": 200}},
]
CAPS = [{"code": "daily", "limit": 8, "period": "day", "over": "partial"}]


@once_a_module
def _program() -> None:
    load(rules=RULES, caps=CAPS)


@pytest.fixture
def ada() -> Member:
    made: Member = MemberFactory.create(nickname="Ada", external_id="wx 17&")
    return made


def take(member: Member, *ids: str, action: str = "post", **data: Any) -> list[Activity]:
    at = timezone.now().isoformat()
    said = {"action": action, "member": member.external_id, "occurred_at": at, "data": data}
    results = intake(items=[parse_activity({"id": id_, **said}) for id_ in ids], now=timezone.now())
    assert {result.status for result in results} == {"accepted"}
    return list(Activity.objects.filter(id__in=ids))


def address(activity: Activity, button: str = "change") -> str:
    return f"{ACTIVITIES}{quote(activity.id)}/{button}/"


def text_of(client: Client, where: str) -> str:
    answer = client.get(where, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def found(operator: Client, **query: str) -> list[str]:
    return [row.id for row in operator.get(ACTIVITIES, query).context["cl"].result_list]


def test_an_activity_tells_what_it_granted_and_what_not(operator: Client, ada: Member) -> None:
    first, second = take(ada, "one"), take(ada, "two", words=10)
    assert first
    seen = text_of(operator, address(second[0]))
    assert "daily: 5 of 8 used before, lets 3 of 5 through" in seen
    assert "Asked for: words is at least 200. Found: words = 10." in seen
    assert "&quot;words&quot;: 10" in seen


def test_an_activity_that_no_rule_counted_says_so(operator: Client, ada: Member) -> None:
    (activity,) = take(ada, "one", action="dance")
    assert "No rule counted it." in text_of(operator, address(activity))


def test_activities_are_found_by_id_and_by_member(operator: Client, ada: Member) -> None:
    take(ada, "one", "two")
    take(MemberFactory.create(), "three")
    assert found(operator, q="one") == ["one"]
    assert sorted(found(operator, q="wx 17&")) == ["one", "two"]
    assert found(operator, q="on") == []


def test_before_a_search_those_show_that_granted_last(operator: Client, ada: Member) -> None:
    take(ada, "one")
    take(ada, "quiet", action="dance")
    assert found(operator) == ["one"]


def test_a_longer_list_asks_no_more_queries(operator: Client) -> None:
    counts = []
    for more in [5, 45]:
        for n in range(more):
            take(MemberFactory.create(), f"{more}-{n}")
        with CaptureQueriesContext(connection) as queries:
            assert len(found(operator)) >= more
        counts.append(len(queries))
    assert counts[0] == counts[1] < 10


def test_no_activity_is_looked_for_without_an_index(operator: Client, ada: Member) -> None:
    take(ada, "one")
    with CaptureQueriesContext(connection) as queries:
        found(operator, q="nothing")
        found(operator)
    asked = [one["sql"] for one in queries if "activities_activity" in one["sql"]]
    assert asked
    assert not [sql for sql in asked if "LIKE" in sql or " WHERE " not in sql]


def test_a_reversal_asks_first_and_takes_everything_back(operator: Client, ada: Member) -> None:
    (activity,) = take(ada, "one")
    where = address(activity, "reverse")
    assert "Reverse this activity?" in text_of(operator, where)
    assert operator.post(where, {"reason": " "}).status_code == 200
    assert shown(ada.id).available == 5
    assert operator.post(where, {"reason": "a copy"}).status_code == 302
    assert shown(ada.id).available == 0
    activity.refresh_from_db()
    assert activity.state == "reversed"
    seen = text_of(operator, address(activity))
    assert "a copy" in seen
    assert "/reverse/" not in seen


def test_a_reversal_sent_twice_takes_back_once(operator: Client, ada: Member) -> None:
    (activity,) = take(ada, "one")
    for _ in range(2):
        assert operator.post(address(activity, "reverse"), {"reason": "a copy"}).status_code == 302
    assert Entry.objects.count() == 2
    assert shown(ada.id).available == 0


@pytest.mark.parametrize(
    ("permissions", "reading", "reversing"),
    [
        ((), 403, 403),
        (("activities.view_activity",), 200, 403),
        (("activities.change_activity",), 200, 302),
    ],
)
def test_each_may_do_what_is_permitted(
    ada: Member, permissions: tuple[str, ...], reading: int, reversing: int
) -> None:
    (activity,) = take(ada, "one")
    client = limited(*permissions)
    assert client.get(ACTIVITIES).status_code == reading
    assert client.get(address(activity)).status_code == reading
    answer = client.post(address(activity, "reverse"), {"reason": "a copy"})
    assert answer.status_code == reversing
    assert client.post(address(activity), {"action": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["a_b:c~@+=-.d", "a_5Fb", "a"])
def test_any_id_has_its_pages(operator: Client, ada: Member, name: str) -> None:
    (activity,) = take(ada, name)
    (entry,) = Entry.objects.filter(activity=name)
    seen = text_of(operator, reverse("admin:points_entry_change", args=[entry.pk]))
    assert f'href="{address(activity)}"' in seen
    assert "What the rules made of it" in text_of(operator, address(activity))
    answer = operator.get(address(activity, "see_entries"), follow=True)
    assert list(answer.context["cl"].result_list) == [entry]
    assert operator.post(address(activity, "reverse"), {"reason": "x"}).status_code == 302
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("button", ["change", "reverse"])
def test_an_activity_that_is_not_there_is_not_found(operator: Client, button: str) -> None:
    assert operator.get(f"{ACTIVITIES}nothing/{button}/").status_code in {302, 404}


def test_members_show_their_last_activity_and_lead_to_all(operator: Client, ada: Member) -> None:
    (activity,) = take(ada, "one")
    MemberFactory.create()
    rows = operator.get("/admin/members/member/").context["cl"].result_list
    assert {row.last for row in rows} == {activity.occurred_at, None}
    answer = operator.get(f"/admin/members/member/{ada.pk}/see_activities/", follow=True)
    assert list(answer.context["cl"].result_list) == [activity]
