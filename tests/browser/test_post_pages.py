"""Operators review posts by keyboard, and look at what came of it."""

import pytest
from django.utils import timezone

from activities.models import Post, PostReview
from pointsvc.demo.posts import load_posts
from tests.browser.conftest import Visitor
from tests.browser.visit import DESKTOP, PHONE


@pytest.fixture(scope="module", autouse=True)
def posts(host: str) -> None:
    """The demo's posts, a few of them waiting."""
    load_posts(now=timezone.now(), seed=0)


@pytest.mark.parametrize(("language", "size"), [("zh-hans", DESKTOP), ("en", PHONE)])
def test_posts_are_reviewed_by_keyboard(
    visitor: Visitor, names: set[str], language: str, size: dict[str, int]
) -> None:
    Post.objects.filter(state="pending").update(reviewer=None, lease_expires_at=None)
    before = PostReview.objects.count()
    visit = visitor(language, size=size)
    page = visit.open("/admin/activities/post/")
    visit.read(names=names)
    visit.shoot("posts")
    visit.open("/admin/activities/post/review/")
    visit.read(names=names)
    visit.shoot("review-empty")
    page.click("[name=take]")
    page.locator(".review-post").first.wait_for()
    visit.look()
    visit.read(names=names)
    page.keyboard.press("4")
    page.keyboard.press("j")
    visit.shoot("review")
    assert page.locator("input[value=approved]:checked").count() == 1
    assert page.locator("input[value='4']:checked").count() == 1
    page.keyboard.press("k")
    page.keyboard.press("r")
    page.keyboard.type("jk05 is text here")
    visit.follow(lambda: page.keyboard.press("Control+Enter"))
    visit.shoot("review-done")
    assert PostReview.objects.count() == before + 1
    review = PostReview.objects.latest("id")
    assert (review.decision, review.grade, review.reason) == ("rejected", 4, "jk05 is text here")
    visit.open(f"/admin/activities/post/{review.post_id}/change/")
    visit.shoot("post")
    visit.open(str(page.locator("a[href$='/undo/']").first.get_attribute("href")))
    visit.follow(page.locator("#page-form button[type=submit]").click)
    assert Post.objects.get(id=review.post_id).state == "pending"
    best = Post.objects.filter(state="featured").latest("id")
    visit.open(f"/admin/activities/post/{best.id}/change/")
    visit.read(names=names)
    visit.shoot("post-featured")
