"""Reviewing posts: held by one operator at a time, decided, undone, and decided by nobody."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import members.selectors
import points.selectors
from activities.errors import (
    NoSuchPost,
    OwnPost,
    PostDecided,
    PostNotPublished,
    ReviewLeaseLost,
    ReviewSuperseded,
    UndoTooLate,
)
from activities.models import NOBODY, Decision, Post, PostReview, PostState
from activities.program_file.posts import PostsSection
from activities.rules.texts import LONGEST_REASON
from activities.services.posts import (
    NEEDS_REASON,
    NO_HOLDER,
    change,
    lock,
    refuse_second,
    tell,
)
from activities.services.record import take_back
from kit.errors import FieldError, Invalid
from kit.jobs import database_now
from kit.transactions import durable
from points.services import Fact

MOST_HELD = 50
GRADES = range(6)


@dataclass(frozen=True, slots=True)
class Overdue:
    """What became of posts that nobody decided in time; `last` is the last one's id."""

    approved: int = 0
    rejected: int = 0
    waiting: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class _Verdict:
    decision: Decision
    grade: int | None = None
    reason: str = ""
    by: int | None = None
    reviewed_as: int | None = None


@durable
def claim_posts(*, by: int, count: int = 10) -> list[Post]:
    """Have the operator `by` hold up to `count` waiting posts: theirs again, then the oldest free.

    Two operators never hold one post, and none holds their own. The lease is the program's; one
    that has lapsed makes the post free. Another's claim under way is passed by.
    """
    count = min(count, MOST_HELD)
    waiting = Post.objects.filter(state=PostState.PENDING).order_by("submitted_at", "id")
    own = members.selectors.member_of_operator(user=by)
    if own is not None:
        waiting = waiting.exclude(author=own)
    free = Q(reviewer=None) | Q(lease_expires_at__lte=database_now())
    taken = waiting.select_for_update(skip_locked=True, no_key=True)
    held = list(taken.filter(reviewer=by)[:count])
    rest = taken.filter(free).exclude(id__in=[post.id for post in held])
    held += rest[: count - len(held)]
    minutes = points.selectors.section(shape=PostsSection).lease_minutes
    until = database_now() + dt.timedelta(minutes=minutes)
    ids = [post.id for post in held]
    Post.objects.filter(id__in=ids).update(reviewer=by, lease_expires_at=until)
    return list(waiting.filter(id__in=ids).select_related("author"))


@durable
def decide_post(
    *, post: int, by: int, decision: str, grade: int | None, reason: str = "", now: dt.datetime
) -> PostReview:
    """Approve, feature or reject the post that the operator `by` holds; pay what the rules give.

    Raises Invalid where what publishes has no grade, or a rejection no reason; NoSuchPost, OwnPost,
    PostDecided, and ReviewLeaseLost for who does not hold the post, or no longer.
    """
    verdict = _verdict(decision, grade, reason, by)
    found = lock(id=post)
    _refuse_own(found, verdict)
    if found.state != PostState.PENDING:
        raise PostDecided(state=found.state)
    until = found.lease_expires_at
    if found.reviewer_id != by or until is None or until <= database_now():
        raise ReviewLeaseLost
    [review] = _apply([found], verdict, now)
    return review


@durable
def feature_post(
    *, post: int, by: int, grade: int | None = None, reason: str = "", now: dt.datetime
) -> PostReview:
    """Feature an approved post; without a grade it keeps that of its approval.

    Raises what `decide_post` raises, and PostNotPublished.
    """
    found = lock(id=post)
    if grade is None:
        approved = PostReview.objects.filter(post=found, undone_at=None, grade__isnull=False)
        grade = approved.order_by("-id").values_list("grade", flat=True).first()
    verdict = _verdict(Decision.FEATURED.value, grade, reason, by)
    _refuse_own(found, verdict)
    if not found.is_published:
        raise PostNotPublished
    if found.state != PostState.APPROVED:
        raise PostDecided(state=found.state)
    [review] = _apply([found], verdict, now)
    return review


@durable
def undo_review(*, review: int, by: int, now: dt.datetime) -> Post:
    """Undo the decision that stands, on the word of the operator `by`: its points move back.

    The post waits again, or is approved as it was before it was featured. Raises NoSuchPost,
    OwnPost, ReviewSuperseded, UndoTooLate when the program's time for it is over, and AlreadyPosted
    where the author has posted a rejected text again since.
    """
    named = PostReview.objects.filter(id=review).first()
    if named is None:
        raise NoSuchPost
    post = lock(id=named.post_id)
    as_member = members.selectors.member_of_operator(user=by)
    if as_member == post.author_id:
        raise OwnPost
    *before, last = PostReview.objects.filter(post=post, undone_at=None).order_by("id") or [named]
    if last.id != review or last.undone_at or post.state != last.decision:
        raise ReviewSuperseded
    hours = points.selectors.section(shape=PostsSection).undo_hours
    if database_now() >= last.decided_at + dt.timedelta(hours=hours):
        raise UndoTooLate
    if last.decision == Decision.REJECTED:
        refuse_second(post)
    reason = _("The decision about the post was undone.")
    take_back(ids=last.activity_ids, reason=reason, now=now)
    last.undone_at, last.undone_by_id = now, by
    last.save(update_fields=["undone_at", "undone_by"])
    if any(review.decision == Decision.APPROVED for review in before):
        change(post, state=PostState.APPROVED)
    else:
        change(post, state=PostState.PENDING, published_at=None, rejection="", submitted_at=now)
    post.save()
    return post


@transaction.atomic(savepoint=False)
def decide_overdue(*, now: dt.datetime, after: int = 0, limit: int = 100) -> Overdue:
    """Do with posts that nobody has decided in time what the program says, `limit` at most.

    Goes on behind the post with the id `after`. One that a reviewer holds, or decides meanwhile, is
    left to them.
    """
    settings = points.selectors.section(shape=PostsSection)
    overdue = Post.objects.filter(
        Q(lease_expires_at=None) | Q(lease_expires_at__lte=database_now()),
        state=PostState.PENDING,
        submitted_at__lte=now - dt.timedelta(hours=settings.decide_within_hours),
        id__gt=after,
    ).order_by("id")
    if settings.undecided == "wait":
        return Overdue(waiting=overdue.count())
    found = list(overdue.select_for_update(skip_locked=True, no_key=True)[:limit])
    last = found[-1].id if len(found) == limit else None
    if settings.undecided == "approve":
        _apply(found, _Verdict(Decision.APPROVED), now)
        return Overdue(approved=len(found), last=last)
    _apply(found, _Verdict(Decision.REJECTED, reason=NOBODY), now)
    return Overdue(rejected=len(found), last=last)


def _verdict(decision: str, grade: int | None, reason: str, by: int) -> _Verdict:
    """Return the decision, complete. Raises Invalid."""
    errors = []
    reason = reason.strip()
    if decision == Decision.REJECTED and not reason:
        errors.append(FieldError("reason", "required", NEEDS_REASON))
    if len(reason) > LONGEST_REASON:
        detail = gettext_lazy("A reason has at most 500 characters.")
        errors.append(FieldError("reason", "max_length", detail))
    if grade is None and decision != Decision.REJECTED:
        detail = gettext_lazy("A grade from 0 to 5 is needed.")
        errors.append(FieldError("grade", "required", detail))
    if grade is not None and grade not in GRADES:
        detail = gettext_lazy("A grade is a whole number from 0 to 5.")
        errors.append(FieldError("grade", "invalid", detail))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    as_member = members.selectors.member_of_operator(user=by)
    return _Verdict(Decision(decision), grade, reason, by, as_member)


def _refuse_own(post: Post, verdict: _Verdict) -> None:
    if verdict.reviewed_as == post.author_id:
        raise OwnPost


def _apply(posts: Sequence[Post], verdict: _Verdict, now: dt.datetime) -> list[PostReview]:
    """Decide the locked posts alike, and have the rules count it."""
    reviews = PostReview.objects.bulk_create(
        PostReview(
            post=post,
            author_id=post.author_id,
            reviewer_id=verdict.by,
            reviewed_as_id=verdict.reviewed_as,
            decision=verdict.decision,
            grade=verdict.grade,
            reason=verdict.reason,
            decided_at=now,
        )
        for post in posts
    )
    facts: list[Fact] = []
    for post, review in zip(posts, reviews, strict=True):
        facts += _facts(post, review, now)
        change(post, state=PostState(verdict.decision.value), **NO_HOLDER)
        if verdict.decision == Decision.REJECTED:
            post.rejection = verdict.reason
        else:
            post.published_at = post.published_at or now
        post.save()
    tell(facts=facts, now=now)
    return reviews


def _facts(post: Post, review: PostReview, now: dt.datetime) -> Iterator[Fact]:
    """Yield what the author did well by this review: a post that was approved is not so again."""
    actions = dict(zip(review.activity_ids, ("post.approved", "post.featured"), strict=False))
    data = {
        "post": post.id,
        "kind": post.kind,
        "topic": post.topic,
        "score": post.score,
        "words": post.score_parts.get("words", 0),
        "likeness": post.score_parts.get("likeness"),
    }
    if review.grade is not None:
        data["grade"] = review.grade
    for name, action in actions.items():
        if not (action == "post.approved" and post.is_published):
            yield Fact(name, action, post.author_id, now, data)
