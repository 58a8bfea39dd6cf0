"""Operators review posts: held by one, decided, undone in time, or decided by nobody."""

import datetime as dt
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from activities import services
from activities.errors import (
    AlreadyPosted,
    NoSuchPost,
    OwnPost,
    PostDecided,
    PostNotPublished,
    ReviewLeaseLost,
    ReviewSuperseded,
    UndoTooLate,
)
from activities.models import Activity, Post, PostReview
from activities.services import decide_overdue
from kit.errors import Invalid
from kit.transactions import durable
from members.errors import OperatorTaken
from members.models import Member
from members.services import edit_member
from tests.activities.posting import (
    actions_of,
    decide,
    hold,
    judge,
    load,
    published,
    reviewer,
    write,
)
from tests.factories import MemberFactory
from tests.points.support import assert_reconciled, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@once_a_module
def _program() -> None:
    load()


@pytest.fixture
def ada() -> Member:
    made: Member = MemberFactory.create(external_id="ada")
    return made


@pytest.fixture
def mei() -> int:
    return reviewer("mei")


@pytest.fixture
def lin() -> int:
    return reviewer("lin")


def age(hours: float) -> None:
    """Let hours pass for all posts and decisions."""
    back = dt.timedelta(hours=hours)
    Post.objects.update(
        submitted_at=F("submitted_at") - back, lease_expires_at=F("lease_expires_at") - back
    )
    PostReview.objects.update(decided_at=F("decided_at") - back)


def fresh(post: Post) -> Post:
    return Post.objects.get(id=post.id)


def undo(review: PostReview, by: int) -> Post:
    return services.undo_review(review=review.id, by=by, now=timezone.now())


def feature(post: Post, by: int, **said: Any) -> PostReview:
    return services.feature_post(post=post.id, by=by, now=timezone.now(), **said)


# --- Holding --------------------------------------------------------------------------------------


def test_the_oldest_are_held_first_and_by_one(ada: Member, mei: int, lin: int) -> None:
    posts = [write(ada) for _ in range(5)]
    assert services.claim_posts(by=mei, count=2) == posts[:2]
    assert services.claim_posts(by=lin, count=2) == posts[2:4]
    assert services.claim_posts(by=mei, count=9) == [*posts[:2], posts[4]]
    assert services.claim_posts(by=lin, count=9) == posts[2:4]


def test_a_lapsed_lease_can_be_taken_and_its_holder_is_refused(
    ada: Member, mei: int, lin: int
) -> None:
    post = write(ada)
    hold(mei, post)
    assert services.claim_posts(by=lin) == []
    with pytest.raises(ReviewLeaseLost):
        judge(post, lin)
    age(0.26)
    with pytest.raises(ReviewLeaseLost):
        judge(post, mei)
    assert services.claim_posts(by=lin) == [post]
    with pytest.raises(ReviewLeaseLost):
        judge(post, mei)
    judge(post, lin)
    assert fresh(post).state == "approved"


def test_a_lapsed_lease_can_be_taken_again_by_its_holder(ada: Member, mei: int) -> None:
    post = write(ada)
    hold(mei, post)
    age(0.26)
    hold(mei, post)
    judge(post, mei)


def test_a_lease_is_as_long_as_the_program_says(ada: Member, mei: int) -> None:
    load("{lease_minutes: 60}")
    post = write(ada)
    hold(mei, post)
    age(0.9)
    judge(post, mei)


def test_nobody_decides_about_what_they_have_not_read(ada: Member, mei: int) -> None:
    post = write(ada)
    hold(mei, post)
    services.edit_post(id=post.id, author=ada.id, body="All different now", now=timezone.now())
    with pytest.raises(ReviewLeaseLost):
        judge(post, mei)


def test_an_operator_neither_holds_nor_decides_their_own(ada: Member, mei: int, lin: int) -> None:
    own, other = write(ada), write(MemberFactory.create())
    ada.operator_id = mei
    ada.save()
    assert services.claim_posts(by=mei) == [other]
    # Even one that was held before they were known to be the same person.
    Post.objects.filter(id=own.id).update(reviewer=mei, lease_expires_at=timezone.now() + HOUR)
    with pytest.raises(OwnPost):
        judge(own, mei)
    Post.objects.filter(id=own.id).update(reviewer=None, lease_expires_at=None)
    review = decide(own, lin)
    with pytest.raises(OwnPost):
        feature(own, mei)
    with pytest.raises(OwnPost):
        undo(review, mei)
    assert fresh(own).state == "approved"


# --- Deciding -------------------------------------------------------------------------------------


def test_an_approval_pays_by_its_grade(ada: Member, mei: int) -> None:
    post = write(ada, topic="garden", body="One two three https://a.example/b")
    review = decide(post, mei, grade=4, reason="Nice")
    assert shown(ada.id).available == 10 + 8
    [done] = Activity.objects.all()
    assert (done.id, done.action, done.member_id) == (
        f"~post:{post.id}:{review.id}",
        "post.approved",
        ada.id,
    )
    assert done.data == {
        "post": post.id,
        "kind": "post",
        "topic": "garden",
        "score": post.score,
        "words": 3,
        "likeness": "none",
        "grade": 4,
    }
    row = fresh(post)
    assert (row.state, row.reviewer_id, row.lease_expires_at) == ("approved", None, None)
    assert row.published_at is not None


def test_a_featured_post_is_approved_with_it(ada: Member, mei: int) -> None:
    decide(write(ada), mei, "featured", grade=5)
    assert sorted(actions_of(ada)) == [("post.approved", "taken"), ("post.featured", "taken")]
    assert shown(ada.id).available == 10 + 10 + 30


def test_an_approved_post_is_featured_later_for_the_rest(ada: Member, mei: int) -> None:
    post = published(ada, mei)
    before = fresh(post).published_at
    review = feature(post, mei)
    assert (review.grade, fresh(post).state, fresh(post).published_at) == (3, "featured", before)
    assert [action for action, _state in actions_of(ada)] == ["post.approved", "post.featured"]
    assert shown(ada.id).available == 16 + 30
    with pytest.raises(PostDecided):
        feature(post, mei)


def test_only_what_is_approved_is_featured_later(ada: Member, mei: int) -> None:
    post = write(ada)
    with pytest.raises(PostNotPublished):
        feature(post, mei, grade=3)
    decide(post, mei, "rejected", reason="No")
    with pytest.raises(PostNotPublished):
        feature(post, mei, grade=3)


def test_a_rejection_pays_nothing_and_says_why(ada: Member, mei: int) -> None:
    post = write(ada)
    decide(post, mei, "rejected", grade=None, reason=" An advertisement ")
    assert (fresh(post).state, fresh(post).rejection) == ("rejected", "An advertisement")
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"grade": None},
        {"grade": 6},
        {"grade": -1},
        {"decision": "featured", "grade": None},
        {"decision": "rejected", "reason": " "},
        {"decision": "rejected", "reason": "x" * 501},
    ],
    ids=str,
)
def test_a_decision_is_complete(ada: Member, mei: int, said: dict[str, Any]) -> None:
    post = write(ada)
    hold(mei, post)
    with pytest.raises(Invalid):
        judge(post, mei, **said)
    assert fresh(post).state == "pending"


def test_what_is_decided_is_not_decided_again(ada: Member, mei: int) -> None:
    for decision in ("approved", "featured", "rejected"):
        post = write(ada)
        decide(post, mei, decision, reason="So")
        with pytest.raises(PostDecided):
            judge(post, mei)


def test_what_is_deleted_is_not_decided(ada: Member, mei: int) -> None:
    post = write(ada)
    hold(mei, post)
    services.delete_post(id=post.id, author=ada.id, now=timezone.now())
    with pytest.raises(NoSuchPost):
        judge(post, mei)
    assert services.claim_posts(by=mei) == []


def test_who_does_not_take_part_earns_nothing(ada: Member, mei: int) -> None:
    post = write(ada)
    Member.objects.filter(id=ada.id).update(state="paused")
    decide(post, mei)
    assert fresh(post).state == "approved"
    assert not Activity.objects.exists()


# --- Undoing --------------------------------------------------------------------------------------


def test_an_undone_approval_takes_its_points_back_and_the_post_waits(
    ada: Member, mei: int, lin: int
) -> None:
    post = write(ada)
    review = decide(post, mei)
    age(23.9)
    assert undo(review, lin).state == "pending"
    assert (fresh(post).published_at, shown(ada.id).available) == (None, 0)
    assert fresh(post).submitted_at > timezone.now() - HOUR
    row = PostReview.objects.get()
    assert (row.undone_by_id, row.undone_at is not None) == (lin, True)
    with pytest.raises(ReviewSuperseded):
        undo(review, lin)
    decide(post, lin, grade=5)
    assert shown(ada.id).available == 10 + 10
    assert_reconciled()


def test_after_its_time_a_decision_stays(ada: Member, mei: int) -> None:
    review = decide(write(ada), mei)
    age(24)
    with pytest.raises(UndoTooLate):
        undo(review, mei)
    assert shown(ada.id).available == 16
    load("{undo_hours: 48}")
    undo(review, mei)


def test_featuring_is_undone_before_the_approval(ada: Member, mei: int) -> None:
    post = write(ada)
    approval = decide(post, mei)
    featuring = feature(post, mei)
    with pytest.raises(ReviewSuperseded):
        undo(approval, mei)
    assert undo(featuring, mei).state == "approved"
    assert shown(ada.id).available == 16
    feature(post, mei)
    assert shown(ada.id).available == 16 + 30
    undo(PostReview.objects.latest("id"), mei)
    assert undo(approval, mei).state == "pending"
    assert shown(ada.id).available == 0
    assert_reconciled()


def test_what_was_featured_at_once_is_undone_as_a_whole(ada: Member, mei: int) -> None:
    review = decide(write(ada), mei, "featured")
    assert undo(review, mei).state == "pending"
    assert shown(ada.id).available == 0


def test_a_rejection_is_undone(ada: Member, mei: int) -> None:
    post = write(ada)
    review = decide(post, mei, "rejected", reason="By mistake")
    undo(review, mei)
    assert (fresh(post).state, fresh(post).rejection) == ("pending", "")


def test_a_rejection_is_not_undone_once_the_text_is_changed_or_posted_again(
    ada: Member, mei: int
) -> None:
    changed, again = write(ada), write(ada)
    reviews = [decide(post, mei, "rejected", reason="No") for post in (changed, again)]
    services.edit_post(id=changed.id, author=ada.id, body="Better", now=timezone.now())
    with pytest.raises(ReviewSuperseded):
        undo(reviews[0], mei)
    write(ada, title=again.title, body=again.body)
    with pytest.raises(AlreadyPosted):
        undo(reviews[1], mei)


# --- Nobody decides -------------------------------------------------------------------------------


@durable
def overdue(**said: Any) -> services.Overdue:
    return decide_overdue(**{"now": timezone.now()} | said)


def test_what_nobody_decides_is_approved_without_a_grade(ada: Member, mei: int) -> None:
    load("{undecided: approve}")
    post = write(ada)
    age(71.9)
    assert overdue() == services.Overdue()
    age(0.2)
    assert overdue() == services.Overdue(approved=1)
    assert overdue() == services.Overdue()
    [review] = PostReview.objects.all()
    assert (review.reviewer, review.grade, review.decision) == (None, None, "approved")
    assert shown(ada.id).available == 10  # what depends on a grade needs one
    assert fresh(post).state == "approved"
    undo(review, mei)
    assert shown(ada.id).available == 0


def test_what_nobody_decides_is_rejected(ada: Member) -> None:
    load("{undecided: reject, decide_within_hours: 2}")
    post = write(ada)
    age(2.1)
    assert overdue() == services.Overdue(rejected=1)
    assert (fresh(post).state, fresh(post).rejection) == ("rejected", "undecided")


def test_what_nobody_decides_goes_on_waiting(ada: Member) -> None:
    post = write(ada)
    age(80)
    assert overdue() == services.Overdue(waiting=1)
    assert fresh(post).state == "pending"


def test_what_a_reviewer_holds_is_left_to_them(ada: Member, mei: int) -> None:
    load("{undecided: approve}")
    post = write(ada)
    age(80)
    hold(mei, post)
    assert overdue() == services.Overdue()
    age(1)
    assert overdue() == services.Overdue(approved=1)


def test_many_are_decided_chunk_by_chunk(ada: Member) -> None:
    load("{undecided: approve}")
    posts = [write(ada) for _ in range(5)]
    age(80)
    first = overdue(limit=2)
    assert first == services.Overdue(approved=2, last=posts[1].id)
    assert overdue(limit=2, after=posts[1].id) == services.Overdue(approved=2, last=posts[3].id)
    assert overdue(limit=2, after=posts[3].id) == services.Overdue(approved=1)
    assert shown(ada.id).available == 50


# --- Operators' own hand --------------------------------------------------------------------------


def test_an_operator_removes_a_post_with_a_reason(ada: Member, mei: int) -> None:
    post = published(ada, mei)
    with pytest.raises(Invalid):
        services.remove_post(id=post.id, reason=" ", now=timezone.now())
    services.remove_post(id=post.id, reason="Stolen", now=timezone.now())
    assert fresh(post).state == "deleted"
    assert shown(ada.id).available == 0
    with pytest.raises(NoSuchPost):
        services.remove_post(id=post.id, reason="Stolen", now=timezone.now())


def test_an_operator_is_one_member(ada: Member, mei: int) -> None:
    def link(member: Member) -> None:
        edit_member(
            member_id=member.id,
            nickname="",
            state="active",
            is_staff=True,
            is_hidden=False,
            operator=mei,
        )

    link(ada)
    link(ada)
    with pytest.raises(OperatorTaken):
        link(MemberFactory.create())
    assert Member.objects.get(operator=mei) == ada
