"""Posts, with everybody liking, deciding and deleting at once."""

import functools
from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from activities import services
from activities.errors import AlreadyPosted, NoSuchPost, PostDecided, ReviewLeaseLost
from activities.models import Acceptance, Activity, Like, Post, PostReview
from kit.transactions import durable
from members.models import Member
from points.models import CapUsage
from tests.activities.posting import hold, judge, load, published, reviewer, say, write
from tests.depth import examples
from tests.factories import MemberFactory
from tests.points.support import assert_reconciled, at_once, shown

call = functools.partial
ROUNDS = examples(10)


@pytest.fixture(autouse=True)
def _posts(_program: None) -> None:
    load("{undecided: approve}")


@pytest.fixture
def ada(transactional_db: None) -> Member:
    made: Member = MemberFactory.create(external_id="ada")
    return made


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(one).__name__ for one in results)


def sweep() -> int:
    return durable(services.decide_overdue)(now=timezone.now()).approved


def like(post: Post, member: Member) -> None:
    services.like_post(post=post.id, member=member.id, now=timezone.now())


def test_fifty_likes_of_one_member_at_once_are_one(ada: Member) -> None:
    post, bob = published(ada, reviewer()), MemberFactory.create()
    before = shown(ada.id).available
    results = at_once([call(like, post, bob) for _ in range(50)])
    assert kinds(results) == {"NoneType": 50}
    assert Like.objects.count() == Activity.objects.filter(action="post.liked").count() == 1
    assert shown(ada.id).available - before == 5
    assert_reconciled()


def test_fifty_likers_of_one_post_at_once_stay_below_the_cap(ada: Member) -> None:
    post = published(ada, reviewer())
    before = shown(ada.id).available
    results = at_once([call(like, post, MemberFactory.create()) for _ in range(50)])
    assert kinds(results) == {"NoneType": 50}
    assert Like.objects.count() == 50
    assert shown(ada.id).available - before == 12
    assert CapUsage.objects.get().used == 12
    assert_reconciled()


def test_likes_and_their_taking_back_at_once_pay_once(ada: Member) -> None:
    post, bob = published(ada, reviewer()), MemberFactory.create()
    before = shown(ada.id).available
    undo = call(services.unlike_post, post=post.id, member=bob.id, now=timezone.now())
    results = at_once([call(like, post, bob), undo] * 20)
    assert kinds(results) == {"NoneType": 40}
    assert shown(ada.id).available - before == 5


def test_the_same_text_posted_at_once_is_one_post(ada: Member) -> None:
    results = at_once([call(write, ada, title="One", body="Only one of it")] * 16)
    assert kinds(results) == {"Post": 1, AlreadyPosted.__name__: 15}
    assert Post.objects.count() == 1


def test_two_reviewers_deciding_at_once_are_one_decision(ada: Member) -> None:
    mei, lin = reviewer(), reviewer()
    for _round in range(ROUNDS):
        post = write(ada)
        hold(mei, post)
        results = at_once([call(judge, post, mei), call(judge, post, lin), call(judge, post, mei)])
        assert kinds(results)["PostReview"] == 1
        refused = {PostDecided.__name__, ReviewLeaseLost.__name__, "PostReview"}
        assert set(kinds(results)) <= refused
    assert PostReview.objects.count() == Activity.objects.count() == ROUNDS
    assert shown(ada.id).available == 16 * ROUNDS
    assert_reconciled()


def test_an_approval_and_a_rejection_at_once_are_one_decision(ada: Member) -> None:
    mei = reviewer()
    for _round in range(ROUNDS):
        post = write(ada)
        hold(mei, post)
        no = call(judge, post, mei, "rejected", reason="No")
        results = at_once([call(judge, post, mei), no])
        assert kinds(results) == {"PostReview": 1, PostDecided.__name__: 1}
    approved = Post.objects.filter(state="approved").count()
    assert Activity.objects.count() == approved
    assert_reconciled()


def test_undoing_and_featuring_at_once_leave_one_story(ada: Member) -> None:
    mei = reviewer()
    for _round in range(ROUNDS):
        post = published(ada, mei)
        review = PostReview.objects.get(post=post)
        now = timezone.now()
        at_once(
            [
                call(services.undo_review, review=review.id, by=mei, now=now),
                call(services.feature_post, post=post.id, by=mei, grade=3, now=now),
            ]
        )
        post.refresh_from_db()
        standing = set(
            PostReview.objects.filter(post=post, undone_at=None).values_list("decision", flat=True)
        )
        paid = Activity.objects.filter(data__post=post.id, state="taken")
        actions = set(paid.values_list("action", flat=True))
        assert (post.state, standing, actions) in [
            ("pending", set(), set()),
            ("featured", {"approved", "featured"}, {"post.approved", "post.featured"}),
        ]
        if post.state == "pending":
            services.delete_post(id=post.id, author=ada.id, now=now)
    assert_reconciled()


def test_an_undoing_sent_twice_at_once_is_one(ada: Member) -> None:
    mei, lin = reviewer(), reviewer()
    published(ada, mei)
    review, now = PostReview.objects.get(), timezone.now()
    results = at_once(
        [call(services.undo_review, review=review.id, by=by, now=now) for by in (mei, lin) * 4]
    )
    assert kinds(results) == {"Post": 1, "ReviewSuperseded": 7}
    assert shown(ada.id).available == 0


def test_a_post_that_is_deleted_while_it_is_approved_earns_nothing(ada: Member) -> None:
    mei = reviewer()
    for _round in range(ROUNDS):
        post = write(ada)
        hold(mei, post)
        delete = call(services.delete_post, id=post.id, author=ada.id, now=timezone.now())
        decided, deleted = at_once([call(judge, post, mei), delete])
        assert deleted is None
        assert isinstance(decided, PostReview | NoSuchPost)
    assert set(Post.objects.values_list("state", flat=True)) == {"deleted"}
    assert not Activity.objects.filter(state="taken").exists()
    assert_reconciled()


def test_a_post_that_is_deleted_while_it_is_liked_earns_nothing(ada: Member) -> None:
    mei = reviewer()
    fans = [MemberFactory.create() for _ in range(6)]
    for _round in range(ROUNDS):
        post = published(ada, mei)
        delete = call(services.delete_post, id=post.id, author=ada.id, now=timezone.now())
        likes = [call(like, post, fan) for fan in fans]
        results = at_once([*likes[:3], delete, *likes[3:]])
        assert set(kinds(results)) <= {"NoneType", NoSuchPost.__name__}
    assert not Activity.objects.filter(state="taken").exists()
    assert_reconciled()


def test_eight_who_take_at_once_hold_different_posts(ada: Member) -> None:
    posts = {write(ada).id for _ in range(20)}
    reviewers = [reviewer() for _ in range(8)]
    results = at_once([call(services.claim_posts, by=by, count=5) for by in reviewers])
    assert set(kinds(results)) == {"list"}
    held = [post.id for taken in results for post in taken]
    assert len(held) == len(set(held))
    assert set(held) <= posts
    for by, taken in zip(reviewers, results, strict=True):
        assert all(post.reviewer_id == by for post in taken)
    assert set(Post.objects.filter(reviewer=None).values_list("id", flat=True)) == posts - set(held)


def test_the_policy_and_a_reviewer_at_once_are_one_decision(ada: Member) -> None:
    mei = reviewer()
    for _round in range(ROUNDS):
        post = write(ada)
        hold(mei, post)
        Post.objects.filter(id=post.id).update(
            submitted_at=post.submitted_at.replace(year=2020), lease_expires_at=post.created_at
        )
        take = call(services.claim_posts, by=mei)
        results = at_once([sweep, take, call(judge, post, mei)])
        told = {"int", "list", "PostReview", PostDecided.__name__, ReviewLeaseLost.__name__}
        assert set(kinds(results)) <= told
        assert PostReview.objects.filter(post=post).count() <= 1
    assert Activity.objects.count() == PostReview.objects.count()
    assert_reconciled()


def test_answers_accepted_at_once_leave_one(ada: Member) -> None:
    mei = reviewer()
    question = published(ada, mei, kind="question")
    said = [say(question, MemberFactory.create()) for _ in range(6)]
    accept = [
        call(
            services.accept_answer,
            question=question.id,
            comment=one.id,
            author=ada.id,
            now=timezone.now(),
        )
        for one in said
    ]
    assert kinds(at_once(accept * 2, threads=6)) == {"NoneType": 12}
    [stands] = Acceptance.objects.filter(withdrawn_at=None)
    paid = Activity.objects.filter(action="answer.accepted", state="taken")
    assert [one.id for one in paid] == [stands.activity_id]
    assert_reconciled()
