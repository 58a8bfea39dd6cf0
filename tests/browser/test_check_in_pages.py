"""Operators look at a member's month, give a freeze and take a check-in back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import CheckIn, StreakItem
from members.models import Member
from pointsvc.demo.check_ins import load_check_ins
from tests.browser.conftest import Visitor
from tests.browser.visit import PHONE


@pytest.fixture(scope="module")
def member(host: str) -> Member:
    """Who checked in most often."""
    load_check_ins(now=timezone.now(), seed=0)
    return max(Member.objects.all(), key=lambda one: CheckIn.objects.filter(member=one).count())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_month_is_looked_at(
    visitor: Visitor, names: set[str], member: Member, language: str
) -> None:
    visit = visitor(language)
    page = visit.open(reverse("admin:members_member_change", args=[member.pk]))
    page.locator("a[href*='see_check_ins']").first.click()
    page.locator("a[rel=prev]").wait_for()
    visit.look()
    visit.read(names=names)
    visit.shoot("check-ins")
    page.locator("a[rel=prev]").click()
    page.locator("a[rel=next]").wait_for()
    visit.read(names=names)


def test_a_freeze_is_given_and_a_check_in_taken_back(
    visitor: Visitor, names: set[str], member: Member
) -> None:
    visit = visitor("zh-hans", size=PHONE)
    address = reverse("admin:activities_checkin_calendar", args=[member.pk])
    page = visit.open(address)
    visit.shoot("check-ins-phone")
    page.locator("a[href$='/grant/']").click()
    page.select_option("[name=kind]", "card")
    visit.read(names=names)
    visit.shoot("check-ins-give")
    page.locator("#page-form button[type=submit]").click()
    page.locator("a[rel=prev]").wait_for()
    assert StreakItem.objects.filter(member=member, source__startswith="operator:").exists()
    row = CheckIn.objects.standing().filter(member=member, kind="done").latest("local_on")
    visit.open(reverse("admin:activities_checkin_change", args=[row.pk]))
    # On a phone the buttons stand in a menu.
    visit.open(str(page.locator("a[href$='/revoke/']").first.get_attribute("href")))
    page.fill("[name=reason]", "测试")
    visit.read(names=names)
    visit.shoot("check-in-take-back")
    page.locator("#page-form button[type=submit]").click()
    page.locator("#content-main").wait_for()
    row.refresh_from_db()
    assert row.reason == "测试"
