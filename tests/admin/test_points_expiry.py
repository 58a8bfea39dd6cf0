"""Operators see what members are told, and what has lapsed."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from points import services
from points.models import Account, ExpiryNotice, Lot
from tests.admin.conftest import limited
from tests.factories import MemberFactory
from tests.points.support import do, earn, load, member, pass_days
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db
LIST = reverse("admin:points_expirynotice_changelist")


@once_a_module
def _program() -> None:
    load(expiry={"days": 5})


def told(external_id: str) -> ExpiryNotice:
    """Return the notice of a member who has earned 10 points."""
    who = MemberFactory.create(external_id=external_id)
    earn(who.id, 10)
    do(services.tell_what_lapses)
    return ExpiryNotice.objects.get(member=who)


def page(operator: Client, notice: ExpiryNotice) -> str:
    answer = operator.get(reverse("admin:points_expirynotice_change", args=[notice.id]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_notices_are_found_by_their_member(operator: Client) -> None:
    notices = [told(name) for name in ("ann", "ben")]
    found = [operator.get(LIST, query).context["cl"].result_list for query in ({}, {"q": "ann"})]
    assert [list(rows) for rows in found] == [notices[::-1], notices[:1]]


def test_a_notices_page_counts_the_points_anew(operator: Client) -> None:
    notice = told("ann")
    assert ">10<" in page(operator, notice)
    do(services.spend, member=notice.member_id, points=10, reference="s")
    assert ">0<" in page(operator, notice)


def test_nobody_changes_a_notice(operator: Client) -> None:
    notice = told("ann")
    change = reverse("admin:points_expirynotice_change", args=[notice.id])
    assert operator.post(change, {"step_days": 3}).status_code == 403
    assert operator.get(f"{LIST}add/").status_code == 403


@pytest.mark.parametrize(
    ("permission", "status"), [("points.view_expirynotice", 200), ("points.view_entry", 403)]
)
def test_who_may_view_notices_does(permission: str, status: int) -> None:
    assert limited(permission).get(LIST).status_code == status


def test_a_longer_list_asks_no_more_queries(operator: Client) -> None:
    counts = []
    for number in range(2):
        for more in range(3):
            told(f"m{number}-{more}")
        with CaptureQueriesContext(connection) as queries:
            operator.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_accounts_page_says_which_lots_have_lapsed(operator: Client) -> None:
    who = member()
    earn(who, 10)
    do(services.hold, member=who, points=4, reference="h")
    pass_days(6, of=who)
    earn(who, 20)
    account = reverse("admin:points_account_change", args=[Account.objects.get(member=who).pk])
    shown = operator.get(account).content.decode()
    assert "lapsed; what is held stays" in shown
    assert "can be spent" in shown
    Lot.objects.filter(held=0).update(expires_at=timezone.now() - dt.timedelta(hours=1))
    assert ">lapsed<" in "".join(operator.get(account).content.decode().split())
