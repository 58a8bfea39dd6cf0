"""Operators try an activity, read why an entry is what it is, and adjust points in twos."""

import re

import pytest
from django.contrib.auth.models import User

from points.models import Adjustment, Entry, EntryKind
from tests.browser.conftest import Visitor

SECOND, PASSWORD = "second", "only-for-the-tests-in-a-browser"
LANGUAGES = ("zh-hans", "en")

TRIED = """{
  "action": "post.published",
  "data": {"words": 20, "topic": "garden"}
}"""


@pytest.fixture(scope="module")
def second(host: str) -> str:
    """A second operator."""
    User.objects.create_superuser(SECOND, password=PASSWORD)
    return SECOND


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_activity_is_tried(visitor: Visitor, names: set[str], language: str) -> None:
    visit = visitor(language)
    page = visit.open("/admin/points/rule/")
    page.locator("a[href$='/points/rule/try/']").first.click()
    page.fill("[name=activity]", TRIED)
    page.locator("#page-form button[type=submit]").click()
    page.locator("text=post-published").first.wait_for()
    visit.look()
    visit.read(names=names)
    visit.shoot("rule-try")
    assert "+10" in page.content()
    page.fill("[name=activity]", '{"action": "post.published",\n "data": {')
    page.locator("#page-form button[type=submit]").click()
    page.locator(".text-red-600").first.wait_for()
    visit.read(names=names)
    visit.shoot("rule-try-refused")
    assert re.search("第 2 行" if language == "zh-hans" else "Line 2", page.content())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_says_why(visitor: Visitor, names: set[str], language: str) -> None:
    entry = Entry.objects.filter(kind=EntryKind.EARNED, explanation__has_key="caps").latest("id")
    visit = visitor(language)
    page = visit.open(f"/admin/points/entry/?q={entry.activity}")
    page.locator("#result_list a", has_text=re.compile("为什么|Why")).first.click()
    page.wait_for_url("**/points/entry/*/change/")
    visit.look()
    visit.read(names=names)
    visit.shoot("entry-why")
    assert entry.explanation["rule"] in page.content()
    page.locator("#content-main a", has_text=entry.activity).click()
    page.wait_for_url("**/activities/activity/**")
    visit.look()
    visit.read(names=names)
    visit.shoot("activity-why")
    visit.open(f"/admin/points/account/{entry.member_id}/change/")
    visit.read(names=names)
    visit.shoot("account")
    visit.open(f"/admin/members/member/{entry.member_id}/change/")
    visit.read(names=names)
    visit.shoot("member-points")


def test_two_operators_adjust_points(visitor: Visitor, names: set[str], second: str) -> None:
    member = Entry.objects.latest("id").member_id
    visit = visitor("zh-hans")
    page = visit.open(f"/admin/members/member/{member}/change/")
    page.locator("a[href$='/adjust_points/']").first.click()
    page.fill("[name=points]", "100000")
    page.fill("[name=reason]", "年会抽奖补发")
    visit.read(names=names)
    visit.shoot("adjustment-new")
    visit.follow(lambda: page.click("[name=_save]"))
    made = Adjustment.objects.latest("id")
    visit.read(names=names)
    visit.shoot("adjustment-waiting")
    assert made.state == "waiting"
    assert not page.locator("a[href$='/approve/']").count()
    other = visitor("zh-hans", name=second, password=PASSWORD)
    page = other.open("/admin/points/adjustment/?state__exact=waiting")
    other.read(names=names)
    other.shoot("adjustments")
    page.locator("#result_list a[href*='/change/']").first.click()
    page.locator("a[href$='/approve/']").first.click()
    page.locator("#page-form").wait_for()
    other.look()
    other.read(names=names)
    other.shoot("adjustment-approve")
    other.follow(page.locator("#page-form button[type=submit]").click)
    other.read(names=names)
    other.shoot("adjustment-posted")
    made.refresh_from_db()
    assert made.state == "posted"
