"""Operators look at a member's check-ins, give cards and freezes, and take a check-in back."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.models import CheckIn, StreakItem
from activities.services import check_in, make_up
from members.models import Member
from members.selectors import community
from members.services import set_community
from tests.activities.streaks import load
from tests.admin.conftest import limited
from tests.factories import MemberFactory
from tests.points.support import shown

pytestmark = pytest.mark.django_db

LIST = "/admin/activities/checkin/"


@pytest.fixture
def ada(db: None) -> Member:
    load(check_ins={"makeups": {"points": 0, "card": False}})
    return MemberFactory.create(nickname="Ada", external_id="wx-17")


def today() -> dt.date:
    return community().clock.local_date(timezone.now())


def days_ago(days: int) -> dt.datetime:
    return community().clock.start_of(today() - dt.timedelta(days=days)) + dt.timedelta(hours=9)


def calendar_of(member: Member) -> str:
    return reverse("admin:activities_checkin_calendar", args=[member.pk])


def grant_of(member: Member) -> str:
    return reverse("admin:activities_checkin_grant", args=[member.pk])


def page_of(row: CheckIn, button: str = "change") -> str:
    return f"{LIST}{row.pk}/{button}/"


def text_of(client: Client, where: str, **query: str) -> str:
    answer = client.get(where, query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_members_page_leads_to_the_calendar(operator: Client, ada: Member) -> None:
    where = f"/admin/members/member/{ada.pk}/see_check_ins/"
    answer = operator.get(where)
    assert answer.headers["Location"] == calendar_of(ada)


def test_the_calendar_shows_each_day_and_leads_to_its_row(operator: Client, ada: Member) -> None:
    check_in(member=ada.id, now=days_ago(3))
    check_in(member=ada.id, now=days_ago(1))
    make_up(member=ada.id, day=today() - dt.timedelta(days=2))
    seen = ""
    for day in {today() - dt.timedelta(days=n) for n in range(4)}:
        seen += text_of(operator, calendar_of(ada), month=f"{day:%Y-%m}")
    for word in ("checked in", "made up", "still open", "days in a row"):
        assert word in seen.lower()
    for row in CheckIn.objects.all():
        assert page_of(row) in seen


def test_months_lead_to_months(operator: Client, ada: Member) -> None:
    seen = text_of(operator, calendar_of(ada), month="2026-03")
    assert 'href="?month=2026-02"' in seen
    assert 'href="?month=2026-04"' in seen
    this = text_of(operator, calendar_of(ada))
    assert 'rel="prev"' in this
    assert 'rel="next"' not in this


@pytest.mark.parametrize("month", ["x", "2026-13", "2026-3", "%00", "1700-01"])
def test_no_month_breaks_the_calendar(operator: Client, ada: Member, month: str) -> None:
    assert operator.get(calendar_of(ada), {"month": month}).status_code == 400


def test_a_member_who_is_not_there_has_no_calendar(operator: Client, ada: Member) -> None:
    for name in ("activities_checkin_calendar", "activities_checkin_grant"):
        assert operator.get(reverse(f"admin:{name}", args=[2**40])).status_code == 404


def test_check_ins_are_found_by_member(operator: Client, ada: Member) -> None:
    check_in(member=ada.id)
    check_in(member=MemberFactory.create().id)
    rows = operator.get(LIST, {"q": "wx-17"}).context["cl"].result_list
    assert [row.member_id for row in rows] == [ada.id]
    assert len(operator.get(LIST).context["cl"].result_list) == 2


def test_a_longer_list_asks_no_more_queries(operator: Client, ada: Member) -> None:
    counts = []
    for more in (2, 12):
        for _ in range(more):
            check_in(member=MemberFactory.create().id)
        with CaptureQueriesContext(connection) as queries:
            operator.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_taking_back_asks_first_and_takes_everything(operator: Client, ada: Member) -> None:
    check_in(member=ada.id)
    row = CheckIn.objects.get()
    where = page_of(row, "revoke")
    assert "Take this check-in back?" in text_of(operator, where)
    assert operator.post(where, {"reason": " "}).status_code == 200
    assert shown(ada.id).available == 5
    for _ in range(2):
        assert operator.post(where, {"reason": "somebody else"}).status_code == 302
    assert shown(ada.id).available == 0
    row.refresh_from_db()
    assert row.reason == "somebody else"
    seen = text_of(operator, page_of(row))
    assert "somebody else" in seen
    assert "/revoke/" not in seen
    assert "taken back" in text_of(operator, calendar_of(ada))
    assert LogEntry.objects.filter(object_id=str(row.pk)).count() == 1


@pytest.mark.parametrize("kind", ["card", "freeze"])
def test_what_is_given_twice_by_one_form_is_given_once(
    operator: Client, ada: Member, kind: str
) -> None:
    page = text_of(operator, grant_of(ada))
    [token] = re.findall(r'name="token" value="([^"]+)"', page)
    for _ in range(2):
        assert operator.post(grant_of(ada), {"kind": kind, "token": token}).status_code == 302
    item = StreakItem.objects.get()
    assert (item.kind, item.source) == (kind, f"operator:{token}")


def test_more_freezes_than_may_be_held_are_refused(operator: Client, ada: Member) -> None:
    for _ in range(3):
        said: dict[str, Any] = {"kind": "freeze", "token": str(uuid.uuid4())}
        answer = operator.post(grant_of(ada), said, follow=True)
    assert "No more freezes can be held." in answer.content.decode()
    assert StreakItem.objects.count() == 2


@pytest.mark.parametrize("said", [{}, {"kind": "crown"}, {"kind": "card", "token": "x"}])
def test_nothing_else_is_given(operator: Client, ada: Member, said: dict[str, str]) -> None:
    assert operator.post(grant_of(ada), said).status_code == 200
    assert not StreakItem.objects.exists()


@pytest.mark.parametrize(
    ("permissions", "seeing", "giving", "taking"),
    [
        ((), 403, 403, 403),
        (("activities.view_checkin",), 200, 403, 403),
        (("activities.view_checkin", "activities.add_streakitem"), 200, 302, 403),
        (("activities.change_checkin", "activities.view_checkin"), 200, 403, 302),
    ],
)
def test_each_may_do_what_is_permitted(
    ada: Member, permissions: tuple[str, ...], seeing: int, giving: int, taking: int
) -> None:
    check_in(member=ada.id)
    row = CheckIn.objects.get()
    client = limited(*permissions)
    assert client.get(LIST).status_code == seeing
    assert client.get(calendar_of(ada)).status_code == seeing
    said = {"kind": "card", "token": str(uuid.uuid4())}
    assert client.post(grant_of(ada), said).status_code == giving
    assert client.post(page_of(row, "revoke"), {"reason": "x"}).status_code == taking


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_speak_both_languages(operator: Client, ada: Member, language: str) -> None:
    check_in(member=ada.id)
    operator.cookies["django_language"] = language
    words = {"en": ("Streak", "checked in"), "zh-hans": ("连签", "已签到")}[language]
    seen = text_of(operator, calendar_of(ada))
    assert all(word in seen for word in words)


def test_a_change_of_clock_that_waits_is_shown(operator: Client, ada: Member) -> None:
    where = "/admin/members/community/1/change/"
    assert "Change of the clock" not in text_of(operator, where)
    set_community(name=None, time_zone="UTC", day_starts_at=dt.time(4), fiscal_year_starts=1)
    seen = text_of(operator, where)
    assert "Change of the clock" in seen
    assert "Asia/Shanghai, 00:00" in seen
    assert "UTC, 04:00" in seen
