"""What members wrote is theirs to take along, and goes with them."""

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activities.models import Activity, Comment, Like, Post, PostReview
from activities.services import accept_answer, like_post
from members.models import Member
from pointsvc.me.services import finish_erasures
from tests.activities.posting import decide, load, published, reviewer, say, write
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, shown
from tests.pointsvc.test_me import everything_kept

pytestmark = pytest.mark.django_db

ME = "/api/v1/me/"
SECRET = "lovelace"


@pytest.fixture
def bob(db: None) -> Member:
    load()
    made: Member = MemberFactory.create(external_id="bob")
    return made


@pytest.fixture
def ada(bob: Member) -> Member:
    """Ada has posted, commented, answered, liked, and been rejected."""
    by = reviewer()
    made: Member = MemberFactory.create(external_id=SECRET, nickname=SECRET)
    published(made, by, title=f"By {SECRET}", body=f"The diary of {SECRET}")
    decide(write(made, title=SECRET), by, "rejected", reason=f"About {SECRET}")
    question = published(bob, by, kind="question")
    said = say(question, made, f"Says {SECRET}")
    now = timezone.now()
    accept_answer(question=question.id, comment=said.id, author=bob.id, now=now)
    like_post(post=question.id, member=made.id, now=now)
    return made


def exported(client: Client) -> Any:
    return json.loads(b"".join(client.get(f"{ME}export/").streaming_content))


def test_the_export_holds_what_a_member_wrote_and_nobody_elses(ada: Member, bob: Member) -> None:
    body = exported(signed_in(ada))
    assert [post["state"] for post in body["posts"]] == ["approved", "rejected"]
    assert body["posts"][0]["body"] == f"The diary of {SECRET}"
    assert [review["reason"] for review in body["post_reviews"]] == ["", f"About {SECRET}"]
    assert [comment["body"] for comment in body["comments"]] == [f"Says {SECRET}"]
    assert len(body["likes"]) == 1
    other = exported(signed_in(bob))
    assert SECRET not in json.dumps({name: other[name] for name in ("posts", "comments", "likes")})


def test_what_a_member_wrote_goes_with_them_and_what_it_earned_stays(
    ada: Member, bob: Member
) -> None:
    earned, bobs = shown(ada.id).available, shown(bob.id).available
    assert everything_kept().lower().count(SECRET) > 8
    assert signed_in(ada).delete(ME).status_code == 204
    assert SECRET not in everything_kept().lower()
    assert {post.state for post in Post.objects.filter(author=ada)} == {"deleted"}
    assert Comment.objects.get().deleted_at is not None
    assert not Like.objects.exists()
    assert PostReview.objects.filter(author=ada).count() == 2
    assert Activity.objects.get(action="post.liked").data == {}
    assert (shown(ada.id).available, shown(bob.id).available) == (earned, bobs)
    question = signed_in(bob).get(f"/api/v1/posts/{Post.objects.get(author=bob).id}/").json()
    assert (question["likes"], question["comments"], question["answer"]) == (0, 0, None)
    assert_reconciled()
    assert finish_erasures(now=timezone.now()) == 0


def test_the_night_drops_a_post_that_was_written_during_a_leaving(ada: Member) -> None:
    signed_in(ada).delete(ME)
    write(ada, body=SECRET)
    assert finish_erasures(now=timezone.now() + dt.timedelta(minutes=1)) == 1
    assert SECRET not in everything_kept().lower()
