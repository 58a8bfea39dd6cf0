"""Posts as members write, read, change and delete them."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.models import Activity, Post, PostReview
from activities.services import like_post
from members.models import Member
from tests.activities.posting import (
    POSTS,
    Caller,
    actions_of,
    decide,
    load,
    published,
    reviewer,
    say,
    write,
)
from tests.factories import MemberFactory
from tests.points.support import assert_reconciled, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

TEXT = {
    "title": "Tomatoes on a balcony",
    "body": "Water them early.\n\nPicture: https://a.example/b",
}


@once_a_module
def _program() -> None:
    load()


@pytest.fixture
def ada() -> Caller:
    return Caller(MemberFactory.create(external_id="ada", nickname="Ada"))


@pytest.fixture
def bob() -> Caller:
    return Caller(MemberFactory.create(external_id="bob", nickname="Bob"))


@pytest.fixture
def mei() -> int:
    return reviewer("mei")


# --- Writing --------------------------------------------------------------------------------------


def test_a_post_waits_and_its_author_alone_sees_it(ada: Caller, bob: Caller) -> None:
    answer = ada.post(**TEXT, topic="garden")
    assert answer.status_code == 201
    body = answer.json()
    made = Post.objects.get()
    assert body.pop("created_at")
    assert body == {
        "id": made.id,
        "kind": "post",
        **TEXT,
        "topic": "garden",
        "state": "pending",
        "author": {"id": ada.member.id, "nickname": "Ada", "avatar_url": ""},
        "likes": 0,
        "liked": False,
        "comments": 0,
        "answer": None,
        "published_at": None,
        "rejection": None,
        "awards": [],
        "refusals": [],
    }
    assert ada.get(f"{made.id}/").json()["id"] == made.id
    for path in (f"{made.id}/", f"{made.id}/comments/"):
        assert bob.get(path).status_code == 404
        assert bob.get(path).json()["code"] == "not_found"
    assert bob.get().json()["results"] == []
    assert ada.get().json()["results"] == []
    assert [post["id"] for post in ada.get(author="me").json()["results"]] == [made.id]
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "=HYPERLINK(1)",
        "👨‍👩‍👧 family",
        "می‌خواهم",
        "a & b < c",
    ],
)
def test_text_is_kept_as_plain_text(ada: Caller, hostile: str) -> None:
    body = ada.post(title=hostile, body=hostile).json()
    assert (body["title"], body["body"]) == (hostile, hostile)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\u202eb\u2066c", "abc"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("  one\r\ntwo  \r\n\r\n\r\n\r\n\r\nthree ", "one\ntwo\n\n\nthree"),
        ("e\u0301", "é"),
        ("a\u0007b", "ab"),
    ],
)
def test_what_hides_or_turns_text_is_left_out(ada: Caller, typed: str, kept: str) -> None:
    body = ada.post(title=typed, body=typed).json()
    assert body["body"] == kept
    assert body["title"] == " ".join(kept.split())


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": " "},
        {"title": "\u200b\u2066"},
        {"title": "\u3164"},
        {"title": None},
        {"title": 7},
        {"title": ["x"]},
        {"title": "x" * 121},
        {"title": "nul\0"},
        {"title": "\ud800"},
        {"body": ""},
        {"body": "\u200d"},
        {"body": "x" * 10_001},
        {"body": {"text": "x"}},
        {"topic": "x" * 41},
        {"topic": 1},
        {"kind": "poem"},
        {"kind": ["post"]},
        {"state": "approved"},
        {"score": 100},
        {"author": 1},
        {"id": 1},
    ],
    ids=repr,
)
def test_what_cannot_be_posted_is_refused(ada: Caller, wrong: dict[str, Any]) -> None:
    body = {**TEXT, **wrong}
    answer = ada.client.generic("POST", POSTS, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert not Post.objects.exists()


def test_the_longest_text_counts_code_points(ada: Caller) -> None:
    made = ada.post(title="题" * 120, body="👍" * 10_000).json()
    assert len(made["body"]) == 10_000
    assert Post.objects.get().score == 20 + 30  # no word, no link, and its own


def test_a_topic_is_one_of_the_programs(ada: Caller) -> None:
    load("{topics: [garden, kitchen]}")
    assert ada.post(**TEXT, topic="garden").status_code == 201
    refused = ada.post(title="Else", body="Else", topic="cars")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "unknown_topic"
    assert ada.post(title="Else", body="Else").status_code == 201


def test_the_same_text_stands_once_for_its_author(ada: Caller, bob: Caller, mei: int) -> None:
    made = ada.post(**TEXT).json()["id"]
    again = ada.post(title=TEXT["title"].upper(), body=TEXT["body"] + " !!")
    assert (again.status_code, again.json()["code"]) == (409, "already_posted")
    assert again.json()["post"] == made
    assert bob.post(**TEXT).status_code == 201
    assert Post.objects.get(author=bob.member).duplicate_of_id == made
    decide(Post.objects.get(id=made), mei, "rejected", reason="No")
    assert ada.post(**TEXT).status_code == 201


# --- Reading --------------------------------------------------------------------------------------


def test_what_is_published_everybody_reads_newest_first(ada: Caller, bob: Caller, mei: int) -> None:
    now = timezone.now()
    written = [write(ada.member, topic="garden" if n % 2 else "") for n in range(4)]
    for number, post in enumerate(reversed(written)):
        decide(post, mei, now=now + dt.timedelta(minutes=number))
    ids = [post["id"] for post in bob.get().json()["results"]]
    assert ids == [post.id for post in written]
    assert [post["id"] for post in bob.get(topic="garden").json()["results"]] == ids[1::2]
    assert bob.get(topic="nothing").json()["results"] == []
    page = bob.get(limit=3).json()
    rest = bob.get(limit=3, cursor=page["next_cursor"]).json()
    assert [post["id"] for post in page["results"] + rest["results"]] == ids
    assert rest["next_cursor"] == ""


def test_ones_own_are_listed_by_state(ada: Caller, bob: Caller, mei: int) -> None:
    states = ["pending", "approved", "featured", "rejected"]
    posts = {state: write(ada.member) for state in states}
    for state in states[1:]:
        decide(posts[state], mei, state, reason="Because")
    own = ada.get(author="me").json()["results"]
    assert [post["state"] for post in own] == states[::-1]
    for state in states:
        found = ada.get(author="me", state=state).json()["results"]
        assert [post["id"] for post in found] == [posts[state].id]
    assert [post["state"] for post in bob.get(state="featured").json()["results"]] == ["featured"]
    assert bob.get(state="pending").status_code == 400
    assert bob.get(author="me").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"state": "deleted"},
        {"state": "x"},
        {"author": "1"},
        {"topic": "\0"},
        {"topic": ""},
        {"limit": "0"},
        {"cursor": "x"},
        {"order": "id"},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(ada: Caller, query: dict[str, str]) -> None:
    assert ada.get(**query).status_code == 400


def test_a_cursor_of_ones_own_list_is_none_of_the_others(ada: Caller) -> None:
    for _ in range(3):
        write(ada.member)
    cursor = ada.get(author="me", limit=1).json()["next_cursor"]
    assert ada.get(author="me", limit=1, cursor=cursor).status_code == 200
    assert ada.get(limit=1, cursor=cursor).status_code == 400


def test_the_author_reads_what_it_brought_and_why_not_more(
    ada: Caller, bob: Caller, mei: int
) -> None:
    post = write(ada.member)
    decide(post, mei, "featured", grade=0)
    seen = ada.get(f"{post.id}/").json()
    awards = {award["rule"]: award["points"] for award in seen["awards"]}
    assert awards == {"approved": 10, "featured": 30}
    [refusal] = seen["refusals"]
    assert (refusal["rule"], refusal["code"], refusal["reason"]) == (
        "graded",
        "no_points",
        "It comes to no points.",
    )
    chinese = ada.client.get(f"{POSTS}{post.id}/", headers={"Accept-Language": "zh-CN"}).json()
    assert chinese["refusals"][0]["reason"] != refusal["reason"]
    other = bob.get(f"{post.id}/").json()
    assert (other["awards"], other["refusals"], other["rejection"]) == ([], [], None)


def test_a_rejection_says_why_to_its_author(ada: Caller, mei: int) -> None:
    post = write(ada.member)
    decide(post, mei, "rejected", grade=None, reason="An advertisement")
    assert ada.get(f"{post.id}/").json()["rejection"] == "An advertisement"
    assert shown_points(ada.member) == 0


def test_a_list_asks_as_many_queries_for_twenty_posts_as_for_one(
    ada: Caller, bob: Caller, mei: int
) -> None:
    def queries(caller: Caller, **query: Any) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert caller.get(**query).status_code == 200
        return len(asked)

    first = published(ada.member, mei)
    say(first, bob.member)
    like_post(post=first.id, member=bob.member.id, now=timezone.now())
    counts = [queries(bob), queries(ada), queries(ada, author="me")]
    for _ in range(19):
        post = published(ada.member, mei)
        say(post, bob.member)
        like_post(post=post.id, member=bob.member.id, now=timezone.now())
    assert counts == [queries(bob), queries(ada), queries(ada, author="me")]
    assert counts == [2, 4, 4]  # session and posts; of one's own their reviews and activities


def test_one_post_is_two_queries(
    bob: Caller, ada: Caller, mei: int, django_assert_num_queries: Any
) -> None:
    post = published(ada.member, mei)
    with django_assert_num_queries(2):
        bob.get(f"{post.id}/")


# --- Changing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["patch", "put"])
def test_a_waiting_post_is_changed(ada: Caller, method: str) -> None:
    post = write(ada.member, body="Short")
    body = ada.send(method, f"{post.id}/", {"body": "Much longer than before"}).json()
    assert (body["title"], body["body"]) == (post.title, "Much longer than before")
    changed = Post.objects.get()
    assert changed.digest != post.digest
    assert changed.score > post.score
    assert changed.submitted_at == post.submitted_at
    assert ada.send(method, f"{post.id}/", {}).status_code == 200


def test_a_rejected_post_that_is_changed_waits_again(ada: Caller, mei: int) -> None:
    post = write(ada.member)
    decide(post, mei, "rejected", reason="Too short")
    now = Post.objects.get().submitted_at
    body = ada.patch(f"{post.id}/", body="Now it is longer").json()
    assert (body["state"], body["rejection"]) == ("pending", None)
    assert Post.objects.get().submitted_at > now
    decide(post, mei, "rejected", reason="Still too short")
    assert PostReview.objects.count() == 2


def test_a_rejected_post_that_is_sent_unchanged_stays_rejected(ada: Caller, mei: int) -> None:
    post = write(ada.member)
    decide(post, mei, "rejected", reason="Too short")
    assert ada.patch(f"{post.id}/", body=post.body).json()["state"] == "rejected"


@pytest.mark.parametrize("state", ["approved", "featured"])
def test_a_published_post_stays_as_it_is(ada: Caller, mei: int, state: str) -> None:
    post = write(ada.member)
    decide(post, mei, state)
    refused = ada.patch(f"{post.id}/", title="Something else")
    assert (refused.status_code, refused.json()["code"]) == (409, "post_published")
    post.refresh_from_db()
    assert post.title.startswith("Title")


def test_nobody_changes_or_deletes_anothers(ada: Caller, bob: Caller, mei: int) -> None:
    for post in (write(ada.member), published(ada.member, mei)):
        assert bob.patch(f"{post.id}/", title="Mine").status_code == 404
        assert bob.delete(f"{post.id}/").status_code == 404
    assert Post.objects.filter(state="deleted").count() == 0


# --- Deleting -------------------------------------------------------------------------------------


def shown_points(member: Member) -> int:
    return shown(member.id).available if Activity.objects.filter(member=member).exists() else 0


def test_deleting_a_post_takes_back_all_it_earned(ada: Caller, bob: Caller, mei: int) -> None:
    post = write(ada.member)
    decide(post, mei, "featured", grade=5)
    kept = published(ada.member, mei)
    for one in (post, kept):
        like_post(post=one.id, member=bob.member.id, now=timezone.now())
        say(one, bob.member)
    assert shown_points(ada.member) == (10 + 10 + 30 + 5) + (10 + 6 + 5)
    assert ada.delete(f"{post.id}/").status_code == 204
    assert shown_points(ada.member) == 10 + 6 + 5
    assert shown_points(bob.member) == 4  # what they said was said
    gone = Post.objects.get(id=post.id)
    assert (gone.state, gone.title, gone.body, gone.digest) == ("deleted", "", "", None)
    for caller in (ada, bob):
        assert caller.get(f"{post.id}/").status_code == 404
        assert caller.delete(f"{post.id}/").status_code == 404
    assert ada.get(author="me").json()["results"][0]["id"] == kept.id
    assert {state for action, state in actions_of(ada.member)} == {"taken", "reversed"}
    assert_reconciled()


def test_a_deleted_post_can_be_written_again(ada: Caller) -> None:
    made = ada.post(**TEXT).json()["id"]
    ada.delete(f"{made}/")
    assert ada.post(**TEXT).status_code == 201
