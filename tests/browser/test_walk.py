"""A walk through all pages of the admin, in both languages, at a desk and with a phone."""

import re

import pytest
from django.contrib import admin
from django.urls import get_resolver, reverse
from django.utils import timezone

from pointsvc.demo import load_demo
from tests.browser.conftest import Visitor
from tests.browser.visit import DESKTOP, PHONE

EMPTY = {
    *("auth.group", "kit.jobrun", "members.apikey", "voting.ballotlook", "points.expirynotice"),
    "members.community",  # a page, not a list
}
"""What only a service in use fills: keys and groups that somebody made, jobs, notices, looks."""
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(scope="module", autouse=True)
def whole_demo(host: str) -> None:
    """The whole demo: every page shows something, whichever tests have been here before."""
    load_demo(now=timezone.now(), progress=False)


def lists() -> dict[str, str]:
    """Return the address of each table's list, by the table's name."""
    assert get_resolver().url_patterns  # the pages are loaded with the routes
    return {
        model._meta.label_lower: reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        )
        for model in admin.site._registry
    }


@pytest.mark.parametrize(
    ("language", "size"), [("zh-hans", "desktop"), ("en", "desktop"), ("zh-hans", "phone")]
)
def test_every_page_is_sound(visitor: Visitor, names: set[str], language: str, size: str) -> None:
    visit = visitor(language, size=SIZES[size])
    visit.read(names=names)
    visit.shoot(f"home-{size}")
    empty = set()
    for name, address in lists().items():
        page = visit.open(address)
        visit.read(names=names)
        visit.shoot(f"{name}-{size}")
        row = page.locator("#result_list a[href*='/change/']").first
        if not row.count():
            empty.add(name)
            continue
        visit.open(str(row.get_attribute("href")))
        visit.read(names=names)
        visit.shoot(f"{name}.one-{size}")
    assert empty <= EMPTY


def test_every_form_is_sound(visitor: Visitor, names: set[str]) -> None:
    visit = visitor("zh-hans")
    for name, address in lists().items():
        if visit.page.request.get(f"{visit.host}{address}add/").ok:
            visit.open(f"{address}add/")
            visit.read(names=names)
            visit.shoot(f"{name}.new")


def test_a_key_is_made_and_seen_once(visitor: Visitor) -> None:
    visit = visitor("zh-hans")
    page = visit.open("/admin/members/apikey/add/")
    visit.shoot("key-new")
    page.fill("[name=name]", "商城")
    page.check("[name=scopes][value='members:read']")
    page.click("[name=_save]")
    key = page.locator("#new-key").inner_text()
    visit.shoot("key-shown")
    assert re.fullmatch(r"psk_[0-9a-f]{8}_[\w-]{43}", key)
    visit.open("/admin/members/apikey/")
    assert "商城" in page.content()
    page.locator("#result_list a", has_text="商城").click()
    assert key not in page.content()


def test_the_language_is_switched_by_hand(visitor: Visitor) -> None:
    visit = visitor("zh-hans")
    visit.language = "en"
    english = visit.page.locator(
        "form[action='/i18n/setlang/']", has=visit.page.locator("[value=en]")
    )
    visit.follow(lambda: english.evaluate("form => form.submit()"))
    assert "Members" in visit.lines()


def test_the_apis_documentation_is_sound(visitor: Visitor) -> None:
    visit = visitor("en", name="")
    visit.page.goto(f"{visit.host}/api/docs/", wait_until="networkidle")
    visit.page.get_by_text("/api/v1/activities/").first.wait_for()
    visit.shoot("docs")
