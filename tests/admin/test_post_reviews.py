"""Operators review posts on one page, and undo, feature and remove them on the post's own."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from activities.models import Post, PostReview
from members.models import Member
from tests.activities.posting import load, write
from tests.admin.conftest import limited, logged_in
from tests.factories import MemberFactory
from tests.points.support import shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

POSTS = "/admin/activities/post/"
REVIEW = f"{POSTS}review/"


@once_a_module
def _program() -> None:
    load()


@pytest.fixture
def ada() -> Member:
    made: Member = MemberFactory.create(nickname="Ada", external_id="ada")
    return made


def take(client: Client) -> str:
    return client.post(REVIEW, {"take": "1"}, follow=True).content.decode()


def choose(post: Post, decision: str = "", grade: str = "", reason: str = "") -> dict[str, str]:
    said = {"decision": decision, "grade": grade, "reason": reason}
    return {f"post-{post.id}-{name}": value for name, value in said.items() if value}


def send(client: Client, *chosen: dict[str, str], **more: str) -> str:
    data: dict[str, Any] = {"decide": "1"} | more
    for one in chosen:
        data |= one
    return client.post(REVIEW, data, follow=True).content.decode()


def page(post: Post, button: str = "change") -> str:
    return f"{POSTS}{post.id}/{button}/"


def state(post: Post) -> str:
    return Post.objects.get(id=post.id).state


def test_a_look_takes_nothing(operator: Client, ada: Member) -> None:
    post = write(ada)
    seen = operator.get(REVIEW).content.decode()
    assert "1 post waits for review." in seen
    assert post.title not in seen
    assert Post.objects.get().reviewer is None


def test_many_are_decided_in_one_go(operator: Client, ada: Member) -> None:
    posts = [write(ada, topic="garden") for _ in range(4)]
    seen = take(operator)
    assert all(post.title in seen and post.body in seen for post in posts)
    approved, featured, rejected, left = posts
    told = send(
        operator,
        choose(approved, "approved", "4"),
        choose(featured, "featured", "5"),
        choose(rejected, "rejected", reason="An advertisement"),
    )
    assert "3 posts decided." in told
    assert [state(post) for post in posts] == ["approved", "featured", "rejected", "pending"]
    assert left.title in told
    assert shown(ada.id).available == (10 + 8) + (10 + 10 + 30)
    assert {review.reviewer_id for review in PostReview.objects.all()} == {
        User.objects.get(username="operator").id
    }


def test_one_that_is_refused_keeps_no_other_back(operator: Client, ada: Member) -> None:
    first, second = write(ada), write(ada)
    take(operator)
    told = send(operator, choose(first, "approved"), choose(second, "approved", "3"))
    assert f"“{first.title}”: A grade from 0 to 5 is needed." in told
    assert (state(first), state(second)) == ("pending", "approved")


def test_a_choice_about_a_post_that_is_lost_does_not_count_and_says_so(
    operator: Client, ada: Member
) -> None:
    post = write(ada)
    take(operator)
    Post.objects.update(reviewer=None, lease_expires_at=None)
    told = send(operator, choose(post, "approved", "3"))
    assert f"“#{post.id}”: You do not hold this post for review any more." in told
    assert state(post) == "pending"


def test_two_operators_hold_different_posts(operator: Client, ada: Member) -> None:
    other = logged_in(User.objects.create_superuser("other", password="secret"))
    posts = [write(ada) for _ in range(12)]
    take(operator)
    seen = take(other)
    assert posts[0].title not in seen
    assert all(post.title in seen for post in posts[10:])


def test_the_text_of_a_post_is_text(operator: Client, ada: Member) -> None:
    write(ada, title="<script>alert(1)</script>", body="<img src=x onerror=alert(2)>")
    for seen in (take(operator), operator.get(POSTS).content.decode()):
        assert "<script>alert(1)" not in seen
        assert "<img src=x" not in seen
        assert "&lt;script&gt;alert(1)" in seen


def test_no_script_stands_in_the_page(operator: Client, ada: Member) -> None:
    write(ada)
    answer = operator.post(REVIEW, {"take": "1"}, follow=True)
    policy = answer["Content-Security-Policy"]
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert 'src="/static/activities/review' in answer.content.decode()


def test_a_post_tells_of_its_decisions_and_they_are_undone(operator: Client, ada: Member) -> None:
    post = write(ada)
    take(operator)
    send(operator, choose(post, "approved", "3", "Nice"))
    review = PostReview.objects.get()
    seen = operator.get(page(post)).content.decode()
    assert f"/admin/activities/activity/~post_3A{post.id}_3A{review.id}/change/" in seen
    assert "/feature/" in seen
    assert operator.get(page(post, "undo")).status_code == 200
    assert state(post) == "approved"
    assert operator.post(page(post, "undo")).status_code == 302
    assert (state(post), shown(ada.id).available) == ("pending", 0)
    assert "/undo/" not in operator.get(page(post)).content.decode()


def test_a_post_is_featured_and_removed(operator: Client, ada: Member) -> None:
    post = write(ada)
    take(operator)
    send(operator, choose(post, "approved", "3"))
    assert operator.post(page(post, "feature"), {"grade": "6"}).status_code == 200
    assert operator.post(page(post, "feature"), {"grade": "5"}).status_code == 302
    assert (state(post), shown(ada.id).available) == ("featured", 16 + 30)
    assert operator.post(page(post, "remove"), {"reason": ""}).status_code == 200
    assert operator.post(page(post, "remove"), {"reason": "Stolen"}).status_code == 302
    assert (state(post), shown(ada.id).available) == ("deleted", 0)


def test_an_operator_who_is_a_member_does_not_meet_their_own(operator: Client, ada: Member) -> None:
    post = write(ada)
    form = {"nickname": "Ada", "state": "active", "operator": User.objects.get().id}
    assert operator.post(f"/admin/members/member/{ada.id}/change/", form).status_code == 302
    assert "Nothing waits for you." in take(operator)
    assert state(post) == "pending"


@pytest.mark.parametrize(
    ("permissions", "reviewing", "seeing"),
    [
        ((), 403, 403),
        (("activities.view_post",), 403, 200),
        (("activities.change_post",), 200, 200),
    ],
)
def test_who_may_not_review_does_not(
    ada: Member, permissions: tuple[str, ...], reviewing: int, seeing: int
) -> None:
    post = write(ada)
    client = limited(*permissions)
    assert client.get(REVIEW).status_code == reviewing
    assert client.post(REVIEW, {"take": "1"}).status_code == (302 if reviewing == 200 else 403)
    assert client.get(POSTS).status_code == seeing
    assert client.get(page(post)).status_code == seeing
    assert client.post(page(post, "remove"), {"reason": "x"}).status_code == (
        302 if reviewing == 200 else 403
    )


def test_nobody_comes_in_without_a_log_in(ada: Member) -> None:
    assert Client().get(REVIEW).status_code == 302


def test_reviewers_of_the_list_find_an_authors_posts(operator: Client, ada: Member) -> None:
    mine, _other = write(ada), write(MemberFactory.create())
    found = operator.get(POSTS, {"q": "ada"}).context["cl"].result_list
    assert list(found) == [mine]
