"""One operator adjusts points; above the limit another must approve."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Member
from points.models import Adjustment, Entry, Program
from tests.admin.conftest import limited, logged_in
from tests.factories import MemberFactory
from tests.points.support import load, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

ADJUSTMENTS = "/admin/points/adjustment/"
ADD = f"{ADJUSTMENTS}add/"


@once_a_module
def _program() -> None:
    load()
    Program.objects.update(adjustment_limit=100)


@pytest.fixture
def ada() -> Member:
    made: Member = MemberFactory.create(nickname="Ada")
    return made


@pytest.fixture
def second(db: None) -> Client:
    return logged_in(User.objects.create_superuser("second", password="secret"))


def form_of(client: Client, member: Member, **said: Any) -> dict[str, Any]:
    initial = client.get(ADD).context["adminform"].form.initial
    return {
        "member": member.pk,
        "points": 50,
        "reason": "Lost at the fair",
        "reference": initial["reference"],
        **said,
    }


def ask(client: Client, member: Member, **said: Any) -> Adjustment:
    answer = client.post(ADD, form_of(client, member, **said))
    assert answer.status_code == 302, answer.context["errors"]
    return Adjustment.objects.latest("id")


def page(adjustment: Adjustment, button: str = "change") -> str:
    return f"{ADJUSTMENTS}{adjustment.pk}/{button}/"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_up_to_the_limit_it_is_posted_at_once(operator: Client, ada: Member) -> None:
    made = ask(operator, ada, points=-100)
    assert (made.state, made.points, made.reason) == ("posted", -100, "Lost at the fair")
    assert made.requested_by is not None
    assert made.requested_by.username == "operator"
    assert shown(ada.id).net == -100
    seen = text_of(operator, page(made))
    assert "The points have been posted." in seen
    assert f"/admin/points/entry/{made.entry_id}/change/" in seen
    assert "/approve/" not in seen


def test_above_the_limit_it_waits_for_a_second_operator(
    operator: Client, second: Client, ada: Member
) -> None:
    made = ask(operator, ada, points=101)
    assert made.state == "waiting"
    assert "Waits for a second operator" in text_of(operator, page(made))
    assert shown(ada.id).net == 0
    assert second.get(page(made, "approve")).status_code == 200
    assert second.post(page(made, "approve")).status_code == 302
    made.refresh_from_db()
    assert made.state == "posted"
    assert made.decided_by is not None
    assert made.decided_by.username == "second"
    assert shown(ada.id).net == 101


def test_a_look_at_the_question_decides_nothing(
    operator: Client, second: Client, ada: Member
) -> None:
    made = ask(operator, ada, points=101)
    for button in ("approve", "reject"):
        assert "+101 points for Ada: Lost at the fair" in text_of(second, page(made, button))
    assert Adjustment.objects.get().state == "waiting"


def test_who_asked_neither_sees_the_button_nor_may_approve(
    operator: Client, second: Client, ada: Member
) -> None:
    made = ask(operator, ada, points=101)
    assert "/approve/" not in text_of(operator, page(made))
    assert "/reject/" in text_of(operator, page(made))
    assert "/approve/" in text_of(second, page(made))
    answer = operator.post(page(made, "approve"))
    assert "Somebody else must approve this adjustment." in answer.content.decode()
    assert not Entry.objects.exists()


def test_a_rejection_says_why(operator: Client, second: Client, ada: Member) -> None:
    made = ask(operator, ada, points=101)
    assert second.post(page(made, "reject"), {"reason": " "}).status_code == 200
    assert Adjustment.objects.get().state == "waiting"
    assert second.post(page(made, "reject"), {"reason": "Too much"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.rejection) == ("rejected", "Too much")
    assert "Too much" in text_of(operator, page(made))
    answer = second.post(page(made, "approve"))
    assert "This adjustment has been decided already." in answer.content.decode()
    assert not Entry.objects.exists()


def test_the_same_form_sent_twice_counts_once(operator: Client, ada: Member) -> None:
    form = form_of(operator, ada)
    first, second = (operator.post(ADD, form) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert Entry.objects.count() == 1
    assert shown(ada.id).available == 50


def test_a_form_opened_anew_counts_again(operator: Client, ada: Member) -> None:
    ask(operator, ada)
    ask(operator, ada)
    assert shown(ada.id).available == 100


def test_a_form_changed_and_sent_again_is_refused(operator: Client, ada: Member) -> None:
    form = form_of(operator, ada)
    operator.post(ADD, form)
    answer = operator.post(ADD, {**form, "points": 51})
    assert "This reference has been used for something else." in answer.content.decode()
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": "0"},
        {"points": ""},
        {"points": "1.5"},
        {"points": "many"},
        {"points": str(10**12 + 1)},
        {"points": str(2**63)},
        {"reason": "  "},
        {"reason": "x" * 501},
        {"member": ""},
        {"member": "0"},
        {"reference": ""},
        {"reference": "x" * 201},
    ],
    ids=str,
)
def test_what_cannot_be_posted_is_refused(
    operator: Client, ada: Member, wrong: dict[str, Any]
) -> None:
    answer = operator.post(ADD, form_of(operator, ada) | wrong)
    assert answer.status_code == 200
    assert not Adjustment.objects.exists()


def test_an_adjustment_that_waited_too_long_is_not_approved(
    operator: Client, second: Client, ada: Member
) -> None:
    made = ask(operator, ada, points=101)
    with time_machine.travel(timezone.now() + dt.timedelta(days=5)):
        second = logged_in(User.objects.get(username="second"))
        assert "/approve/" not in text_of(second, page(made))
        answer = second.post(page(made, "approve"))
        assert "This adjustment has waited too long" in answer.content.decode()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "asking", "approving", "seeing"),
    [
        ((), 403, 403, 403),
        (("points.view_adjustment",), 403, 403, 200),
        (("points.add_adjustment",), 302, 403, 403),
        (("points.change_adjustment",), 403, 302, 200),
    ],
)
def test_each_may_do_what_is_permitted(
    operator: Client,
    ada: Member,
    permissions: tuple[str, ...],
    asking: int,
    approving: int,
    seeing: int,
) -> None:
    made = ask(operator, ada, points=101)
    form = form_of(operator, ada)
    client = limited(*permissions)
    assert client.get(ADJUSTMENTS).status_code == seeing
    assert client.get(page(made)).status_code == seeing
    assert client.post(ADD, form).status_code == asking
    assert client.post(page(made, "approve")).status_code == approving
    assert Adjustment.objects.get(id=made.id).state == ("posted" if approving == 302 else "waiting")


def test_nothing_of_an_adjustment_changes_otherwise(operator: Client, ada: Member) -> None:
    made = ask(operator, ada, points=101)
    assert operator.post(page(made), {"points": 1}).status_code == 403
    assert operator.post(page(made, "delete"), {"post": "yes"}).status_code == 403


def test_the_waiting_ones_are_listed(operator: Client, ada: Member) -> None:
    ask(operator, ada)
    waiting = ask(operator, ada, points=101)
    found = operator.get(ADJUSTMENTS, {"state__exact": "waiting"}).context["cl"].result_list
    assert list(found) == [waiting]
    found = operator.get(ADJUSTMENTS, {"q": ada.external_id}).context["cl"].result_list
    assert len(found) == 2


def test_a_longer_list_asks_no_more_queries(operator: Client, ada: Member) -> None:
    counts = []
    for more in [5, 20]:
        for _ in range(more):
            ask(operator, MemberFactory.create())
        with CaptureQueriesContext(connection) as queries:
            operator.get(ADJUSTMENTS)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 10


def test_a_members_button_names_the_member_in_the_form(operator: Client, ada: Member) -> None:
    answer = operator.get(f"/admin/members/member/{ada.pk}/adjust_points/", follow=True)
    assert answer.context["adminform"].form.initial["member"] == str(ada.pk)
    seen = limited("members.view_member", "points.view_account")
    assert seen.get(f"/admin/members/member/{ada.pk}/adjust_points/").status_code == 403


@pytest.mark.parametrize("button", ["change", "approve", "reject"])
def test_an_adjustment_that_is_not_there_is_not_found(operator: Client, button: str) -> None:
    assert operator.get(f"{ADJUSTMENTS}0/{button}/").status_code in {302, 404}
    assert operator.get(f"{ADJUSTMENTS}x/{button}/").status_code in {302, 404}
