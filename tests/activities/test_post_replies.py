"""Likes, comments and accepted answers."""

from typing import Any

import pytest
from django.utils import timezone

from activities import services
from activities.errors import NoSuchComment
from activities.models import Acceptance, Activity, Comment, Like, Post
from kit.errors import Invalid
from members.models import Member
from tests.activities.posting import Caller, actions_of, load, published, reviewer, say, write
from tests.factories import MemberFactory
from tests.points.support import assert_reconciled, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db


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
def eve() -> Caller:
    return Caller(MemberFactory.create(external_id="eve", nickname="Eve"))


@pytest.fixture
def mei(db: None) -> int:
    return reviewer("mei")


@pytest.fixture
def post(ada: Caller, mei: int) -> Post:
    return published(ada.member, mei)


@pytest.fixture
def question(ada: Caller, mei: int) -> Post:
    return published(ada.member, mei, kind="question")


def points(member: Member) -> int:
    return shown(member.id).available if Activity.objects.filter(member=member).exists() else 0


# --- Likes ----------------------------------------------------------------------------------------


def test_the_author_of_a_liked_post_earns_once_for_each_who_likes_it(
    ada: Caller, bob: Caller, eve: Caller, post: Post
) -> None:
    before = points(ada.member)
    for _ in range(2):
        assert bob.put(f"{post.id}/like/").json() == {"likes": 1, "liked": True}
    assert points(ada.member) - before == 5
    assert bob.delete(f"{post.id}/like/").json() == {"likes": 0, "liked": False}
    assert bob.delete(f"{post.id}/like/").json() == {"likes": 0, "liked": False}
    assert points(ada.member) - before == 5  # what was earned stays
    assert bob.put(f"{post.id}/like/").json() == {"likes": 1, "liked": True}
    assert points(ada.member) - before == 5  # and is not earned again
    assert eve.get(f"{post.id}/").json()["likes"] == 1
    assert eve.get(f"{post.id}/").json()["liked"] is False
    eve.put(f"{post.id}/like/")
    assert points(ada.member) - before == 10
    done = Activity.objects.filter(action="post.liked")
    assert {one.id for one in done} == {
        f"~like:{post.id}:{bob.member.id}",
        f"~like:{post.id}:{eve.member.id}",
    }
    assert done.get(id__endswith=f":{eve.member.id}").data == {"post": post.id, "by": "eve"}
    assert points(bob.member) == points(eve.member) == 0


def test_nobody_likes_their_own(ada: Caller, post: Post) -> None:
    waiting = write(ada.member)
    for one in (post, waiting):
        refused = ada.put(f"{one.id}/like/")
        assert (refused.status_code, refused.json()["code"]) == (409, "own_post")
    assert not Like.objects.exists()


def test_likes_are_capped_by_the_program(ada: Caller, post: Post) -> None:
    before = points(ada.member)
    for _ in range(4):
        Caller(MemberFactory.create()).put(f"{post.id}/like/")
    assert points(ada.member) - before == 12
    last = Activity.objects.filter(action="post.liked").latest("received_at")
    [told] = last.outcome
    assert (told["refused"], bool(told["next_at"])) == ("cap_reached", True)


def test_what_one_does_not_see_one_does_not_like(ada: Caller, bob: Caller) -> None:
    waiting = write(ada.member)
    for method in ("put", "delete"):
        assert bob.send(method, f"{waiting.id}/like/").status_code == 404
        assert bob.send(method, f"{2**40}/like/").status_code == 404


# --- Comments -------------------------------------------------------------------------------------


def test_a_comment_is_read_by_all_and_earns(ada: Caller, bob: Caller, post: Post) -> None:
    answer = bob.post(f"{post.id}/comments/", body="So true,\n\n<b>really</b> \u202e")
    assert answer.status_code == 201
    said = answer.json()
    assert said.pop("awards") == [{"rule": "said", "points": 2}]
    assert said.pop("refusals") == []
    assert said["body"] == "So true,\n\n<b>really</b>"
    assert said["author"]["nickname"] == "Bob"
    assert ada.get(f"{post.id}/comments/").json() == {"results": [said], "next_cursor": ""}
    assert ada.get(f"{post.id}/").json()["comments"] == 1
    [done] = Activity.objects.filter(action="comment.posted")
    assert (done.id, done.member) == (f"~comment:{said['id']}", bob.member)
    assert done.data == {"post": post.id, "words": 5, "own_post": False}


def test_a_comment_that_earns_nothing_says_why_and_when_again(
    bob: Caller, ada: Caller, post: Post
) -> None:
    for _ in range(2):
        bob.post(f"{post.id}/comments/", body="More")
    over = bob.post(f"{post.id}/comments/", body="More").json()
    [refusal] = over["refusals"]
    assert (over["awards"], refusal["code"]) == ([], "cap_reached")
    assert refusal["next_at"]
    own = ada.post(f"{post.id}/comments/", body="Thanks").json()
    assert own["refusals"][0]["code"] == "condition_failed"
    chinese = bob.client.post(
        f"/api/v1/posts/{post.id}/comments/",
        {"body": "再来"},
        "application/json",
        headers={"Accept-Language": "zh-CN"},
    ).json()
    assert "上限" in chinese["refusals"][0]["reason"]


def test_comments_come_in_pages_oldest_first(
    ada: Caller, bob: Caller, post: Post, django_assert_num_queries: Any
) -> None:
    said = [say(post, bob.member, f"Number {number}").id for number in range(5)]
    first = ada.get(f"{post.id}/comments/", limit=3).json()
    with django_assert_num_queries(3):  # session, post, comments
        rest = ada.get(f"{post.id}/comments/", limit=3, cursor=first["next_cursor"]).json()
    assert [one["id"] for one in first["results"] + rest["results"]] == said


def test_only_published_posts_are_commented(ada: Caller, bob: Caller) -> None:
    waiting = write(ada.member)
    refused = ada.post(f"{waiting.id}/comments/", body="First!")
    assert (refused.status_code, refused.json()["code"]) == (409, "post_not_published")
    assert bob.post(f"{waiting.id}/comments/", body="First!").status_code == 404
    assert ada.get(f"{waiting.id}/comments/").json()["results"] == []


@pytest.mark.parametrize(
    "body", [{}, {"body": ""}, {"body": "\u200b"}, {"body": "x" * 2_001}, {"body": "a", "post": 1}]
)
def test_what_cannot_be_said_is_refused(bob: Caller, post: Post, body: dict[str, Any]) -> None:
    assert bob.post(f"{post.id}/comments/", **body).status_code == 400
    assert not Comment.objects.exists()


def test_a_deleted_comment_is_gone_with_what_it_earned(
    ada: Caller, bob: Caller, post: Post
) -> None:
    said = say(post, bob.member)
    path = f"/api/v1/comments/{said.id}/"
    assert ada.delete(path).status_code == 404
    assert points(bob.member) == 2
    assert bob.delete(path).status_code == 204
    assert bob.delete(path).status_code == 404
    assert points(bob.member) == 0
    assert ada.get(f"{post.id}/comments/").json()["results"] == []
    assert ada.get(f"{post.id}/").json()["comments"] == 0
    assert Comment.objects.get().body == ""
    assert_reconciled()


def test_a_comment_outlives_its_post_for_its_author_alone(
    ada: Caller, bob: Caller, post: Post
) -> None:
    said = say(post, bob.member)
    ada.delete(f"{post.id}/")
    assert bob.get(f"{post.id}/comments/").status_code == 404
    assert bob.delete(f"/api/v1/comments/{said.id}/").status_code == 204


def test_an_operator_removes_a_comment_with_a_reason(bob: Caller, post: Post) -> None:
    said = say(post, bob.member)
    with pytest.raises(Invalid):
        services.remove_comment(id=said.id, reason="", now=timezone.now())
    services.remove_comment(id=said.id, reason="Rude", now=timezone.now())
    assert points(bob.member) == 0
    with pytest.raises(NoSuchComment):
        services.remove_comment(id=said.id, reason="Rude", now=timezone.now())


# --- Answers --------------------------------------------------------------------------------------


def accept(caller: Caller, question: Post, comment: Comment) -> Any:
    return caller.put(f"{question.id}/answer/", comment=comment.id)


def test_a_question_accepts_one_comment_as_the_answer(
    ada: Caller, bob: Caller, eve: Caller, question: Post
) -> None:
    first, second = say(question, bob.member), say(question, eve.member)
    for _ in range(2):
        answer = accept(ada, question, first)
        assert (answer.status_code, answer.json()["answer"]) == (200, first.id)
    assert points(bob.member) == 2 + 15
    assert accept(ada, question, second).json()["answer"] == second.id
    assert (points(bob.member), points(eve.member)) == (2, 2 + 15)
    listed = bob.get(f"{question.id}/comments/").json()["results"]
    assert [one["is_answer"] for one in listed] == [False, True]
    assert Acceptance.objects.filter(withdrawn_at=None).count() == 1
    assert actions_of(bob.member) == [("comment.posted", "taken"), ("answer.accepted", "reversed")]
    assert_reconciled()


def test_an_answer_is_taken_back_and_given_again(ada: Caller, bob: Caller, question: Post) -> None:
    said = say(question, bob.member)
    accept(ada, question, said)
    for _ in range(2):
        assert ada.delete(f"{question.id}/answer/").json()["answer"] is None
        assert points(bob.member) == 2
    accept(ada, question, said)
    assert points(bob.member) == 2 + 15


def test_who_answers_their_own_question_earns_nothing(ada: Caller, question: Post) -> None:
    before = points(ada.member)
    said = say(question, ada.member)
    assert accept(ada, question, said).json()["answer"] == said.id
    assert points(ada.member) == before


def test_only_the_asker_accepts(bob: Caller, question: Post) -> None:
    said = say(question, bob.member)
    assert accept(bob, question, said).status_code == 404
    assert bob.delete(f"{question.id}/answer/").status_code == 404


def test_only_a_published_question_has_an_answer(
    ada: Caller, bob: Caller, post: Post, question: Post
) -> None:
    said, elsewhere = say(post, bob.member), say(question, bob.member)
    refused = accept(ada, post, said)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_question")
    for wrong in (said.id, 2**40):
        refused = ada.put(f"{question.id}/answer/", comment=wrong)
        assert refused.json()["errors"][0]["code"] == "no_such_comment"
    bob.delete(f"/api/v1/comments/{elsewhere.id}/")
    assert accept(ada, question, elsewhere).status_code == 400
    waiting = write(ada.member, kind="question")
    assert accept(ada, waiting, said).json()["code"] == "post_not_published"


@pytest.mark.parametrize("comment", [None, "1", 1.0, True, 0, -1, 2**53, [1]], ids=repr)
def test_an_answer_is_named_by_a_whole_number(ada: Caller, question: Post, comment: Any) -> None:
    assert ada.put(f"{question.id}/answer/", comment=comment).status_code == 400


@pytest.mark.parametrize("gone", ["comment", "question"])
def test_what_is_deleted_is_no_answer(ada: Caller, bob: Caller, question: Post, gone: str) -> None:
    said = say(question, bob.member)
    accept(ada, question, said)
    if gone == "comment":
        bob.delete(f"/api/v1/comments/{said.id}/")
        assert ada.get(f"{question.id}/").json()["answer"] is None
    else:
        ada.delete(f"{question.id}/")
    assert points(bob.member) == (0 if gone == "comment" else 2)
    assert_reconciled()
