"""Operators decide on what waits: award by award, or a case as a whole."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import Member
from points.models import BrakeCase, PendingAward
from tests.admin.conftest import limited
from tests.factories import MemberFactory
from tests.points.support import act, assert_reconciled, load, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

AWARDS = "/admin/points/pendingaward/"
CASES = "/admin/points/brakecase/"
GIFT = {"code": "gift", "action": "gift", "points": {"field": "amount"}}
JURY = GIFT | {"code": "jury", "action": "jury", "release": "decision"}
YOUNG = {"code": "watchful", "counts": "points", "limit": 50, "period": "day", "actions": ["gift"]}


@once_a_module
def _program() -> None:
    load(rules=[GIFT, JURY], brakes=[YOUNG])


@pytest.fixture
def ada() -> Member:
    made: Member = MemberFactory.create(nickname="Ada", external_id="ada")
    return made


def waits(of: Member, points: int = 20) -> PendingAward:
    act(of.id, "jury", amount=points)
    return PendingAward.objects.latest("id")


def held(of: Member) -> BrakeCase:
    for amount in (50, 7, 8):
        act(of.id, "gift", amount=amount)
    return BrakeCase.objects.get(state="open", member=of)


def text_of(client: Client, address: str, **query: Any) -> str:
    answer = client.get(address, query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def page(of: str, row: Any, button: str = "change") -> str:
    return f"{of}{row.pk}/{button}/"


# --- Pending awards -------------------------------------------------------------------------------


def test_what_waits_is_listed_with_its_member_rule_and_activity(
    operator: Client, ada: Member
) -> None:
    award = waits(ada)
    text = text_of(operator, AWARDS)
    for said in ("Ada", "jury", award.activity, "by decision", "waiting"):
        assert said in text
    found = operator.get(AWARDS, {"q": "ada"}).context["cl"].result_list
    assert list(found) == [award]
    assert not operator.get(AWARDS, {"state__exact": "dropped"}).context["cl"].result_list
    assert "Pending: held for review." in text_of(operator, page(AWARDS, award))


def test_an_operator_releases_one(operator: Client, ada: Member) -> None:
    award = waits(ada)
    assert "Awards that wait: 1; their points: 20." in text_of(
        operator, page(AWARDS, award, "release")
    )
    assert shown(ada.id).available == 0
    assert operator.post(page(AWARDS, award, "release")).status_code == 302
    assert (shown(ada.id).available, shown(ada.id).pending) == (20, 0)
    award.refresh_from_db()
    assert award.decided_by is not None
    assert award.decided_by.username == "operator"
    text = text_of(operator, page(AWARDS, award))
    assert f"/admin/points/entry/{award.entry_id}/change/" in text
    assert f"{award.pk}/release/" not in text
    again = operator.post(page(AWARDS, award, "release"))
    assert "released or dropped already" in again.content.decode()
    assert_reconciled()


def test_an_operator_drops_one_and_says_why(operator: Client, ada: Member) -> None:
    award = waits(ada)
    assert operator.post(page(AWARDS, award, "drop"), {"reason": " "}).status_code == 200
    assert shown(ada.id).pending == 20
    assert operator.post(page(AWARDS, award, "drop"), {"reason": "Copied"}).status_code == 302
    assert (shown(ada.id).net, shown(ada.id).pending) == (0, 0)
    assert "Copied" in text_of(operator, page(AWARDS, award))


@pytest.mark.parametrize(
    ("action", "form", "state"),
    [("release_chosen", {}, "released"), ("drop_chosen", {"reason": "Copied"}, "dropped")],
)
def test_several_are_decided_by_one_form(
    operator: Client, ada: Member, action: str, form: dict[str, str], state: str
) -> None:
    awards = [waits(ada) for _ in range(3)]
    chosen = [one.pk for one in awards[:2]]
    answer = operator.post(AWARDS, {"action": action, "_selected_action": chosen})
    assert answer.status_code == 302
    address = answer.headers["Location"]
    assert "Awards that wait: 2; their points: 40." in text_of(operator, address)
    answer = operator.post(address, form, follow=True)
    assert f"2 awards have been {state}." in answer.content.decode()
    states = PendingAward.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [state, state, "waiting"]
    assert operator.post(address, form).status_code == 200
    assert_reconciled()


@pytest.mark.parametrize("ids", ["", "0", "x,1e9", "9" * 30, "%00", ",".join(["1"] * 900)])
def test_a_form_for_none_refuses(operator: Client, ids: str) -> None:
    answer = operator.post(f"{AWARDS}release/?ids={ids}")
    assert answer.status_code == 200
    assert "There is no such pending award." in answer.content.decode()


def test_what_a_case_holds_has_no_buttons_of_its_own(operator: Client, ada: Member) -> None:
    held(ada)
    award = PendingAward.objects.earliest("id")
    text = text_of(operator, page(AWARDS, award))
    assert f"{award.pk}/release/" not in text
    assert "with its case" in text
    answer = operator.post(page(AWARDS, award, "release"))
    assert "A case holds these points" in answer.content.decode()


# --- Cases ----------------------------------------------------------------------------------------


def test_a_case_shows_what_it_holds_and_which_brakes_fired(operator: Client, ada: Member) -> None:
    case = held(ada)
    text = text_of(operator, page(CASES, case))
    assert "Awards: 2; points: 15." in text
    for said in ("Ada", "watchful", "Release all", "Reverse all"):
        assert said in text
    for award in PendingAward.objects.all():
        assert award.activity in text
        assert page(AWARDS, award) in text


def test_all_of_a_case_is_released_at_once(operator: Client, ada: Member) -> None:
    case = held(ada)
    text_of(operator, page(CASES, case, "release_all"))
    assert BrakeCase.objects.get().state == "open"
    answer = operator.post(page(CASES, case, "release_all"), follow=True)
    assert "All of it is released." in answer.content.decode()
    assert (shown(ada.id).available, shown(ada.id).pending) == (65, 0)
    text = text_of(operator, page(CASES, case))
    assert "/release_all/" not in text
    assert "/reverse_all/" not in text
    again = operator.post(page(CASES, case, "reverse_all"), {"reason": "late"})
    assert "This case has been decided already." in again.content.decode()
    assert LogEntry.objects.count() == 1
    assert_reconciled()


def test_all_of_a_case_is_reversed_at_once_for_a_reason(operator: Client, ada: Member) -> None:
    case = held(ada)
    assert operator.post(page(CASES, case, "reverse_all"), {"reason": ""}).status_code == 200
    assert BrakeCase.objects.get().state == "open"
    operator.post(page(CASES, case, "reverse_all"), {"reason": "A robot"})
    assert (shown(ada.id).available, shown(ada.id).pending) == (50, 0)
    assert "A robot" in text_of(operator, page(CASES, case))
    assert_reconciled()


def test_open_cases_come_first(operator: Client, ada: Member) -> None:
    first = held(ada)
    second = held(MemberFactory.create())
    operator.post(page(CASES, second, "release_all"))
    found = operator.get(CASES).context["cl"].result_list
    assert [case.pk for case in found] == [first.pk, second.pk]
    assert [(case.held, case.held_points) for case in found] == [(2, 15), (2, 15)]
    found = operator.get(CASES, {"state__exact": "released"}).context["cl"].result_list
    assert list(found) == [second]


@pytest.mark.parametrize(
    ("permissions", "deciding", "seeing"),
    [
        ((), 403, 403),
        (("points.view_brakecase", "points.view_pendingaward"), 403, 200),
        (("points.change_brakecase", "points.change_pendingaward"), 302, 200),
    ],
)
def test_each_may_do_what_is_permitted(
    ada: Member, permissions: tuple[str, ...], deciding: int, seeing: int
) -> None:
    case, award, other = held(ada), waits(ada), waits(ada)
    client = limited(*permissions)
    assert client.get(CASES).status_code == seeing
    assert client.get(page(CASES, case)).status_code == seeing
    assert client.get(AWARDS).status_code == seeing
    assert client.post(page(CASES, case, "release_all")).status_code == deciding
    assert client.post(page(AWARDS, award, "release")).status_code == deciding
    assert client.post(f"{AWARDS}release/?ids={other.pk}").status_code == deciding
    assert shown(ada.id).available == (50 + 15 + 40 if deciding == 302 else 50)


def test_nothing_of_a_case_or_an_award_changes_otherwise(operator: Client, ada: Member) -> None:
    case, award = held(ada), waits(ada)
    for address in (page(CASES, case), page(AWARDS, award)):
        assert operator.post(address, {"state": "released"}).status_code == 403
        assert operator.get(f"{address}../delete/").status_code == 403
    assert operator.get(f"{CASES}add/").status_code == 403


@pytest.mark.parametrize("address", [AWARDS, CASES])
def test_a_longer_list_asks_no_more_queries(operator: Client, address: str) -> None:
    counts = []
    for more in [3, 12]:
        for _ in range(more):
            person = MemberFactory.create()
            waits(person)
            for amount in (50, 1):
                act(person.id, "gift", amount=amount)
        with CaptureQueriesContext(connection) as queries:
            operator.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 10


def test_an_account_shows_what_waits(operator: Client, ada: Member) -> None:
    award = waits(ada)
    held(ada)
    text = text_of(operator, f"/admin/points/account/{ada.pk}/change/")
    assert page(AWARDS, award) in text


@pytest.mark.parametrize("button", ["change", "release_all", "reverse_all"])
def test_a_case_that_is_not_there_is_not_found(operator: Client, button: str) -> None:
    assert operator.get(f"{CASES}0/{button}/").status_code in {302, 404}
    assert operator.get(f"{CASES}x/{button}/").status_code in {302, 404}
