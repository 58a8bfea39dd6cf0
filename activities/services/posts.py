"""Writing posts, changing them before anybody has decided, and deleting them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import points.selectors
from activities.errors import AlreadyPosted, NoSuchPost, PostIsPublished
from activities.models import (
    Acceptance,
    Activity,
    Comment,
    Like,
    Post,
    PostReview,
    PostState,
)
from activities.program_file.posts import PostsSection
from activities.rules.scores import BANDS, fingerprint, score
from activities.rules.texts import (
    LONGEST_BODY,
    LONGEST_TITLE,
    LONGEST_TOPIC,
    clean_line,
    clean_text,
)
from activities.selectors import alike
from activities.services.record import record, take_back
from kit.errors import FieldError, Invalid
from kit.transactions import durable, take_turns
from members.models import Member, MemberState
from points.services import Fact

NO_HOLDER: dict[str, Any] = {"reviewer_id": None, "lease_expires_at": None}
EMPTY: dict[str, Any] = {
    "title": "",
    "body": "",
    "topic": "",
    "rejection": "",
    "digest": None,
    **{f"band_{number}": None for number in range(1, BANDS + 1)},
    "published_at": None,
    "duplicate_of_id": None,
    **NO_HOLDER,
}
"""What is left of a post that is deleted."""


@durable
def write_post(
    *, author: int, kind: str, title: str, body: str, topic: str = "", now: dt.datetime
) -> Post:
    """Keep what a member writes, for a reviewer to decide; it has its automatic score.

    Raises Invalid for a text that shows nothing or is too long, and for a topic that the program
    does not know; AlreadyPosted where the same text of the member stands.
    """
    post = Post(author_id=author, kind=kind, created_at=now, submitted_at=now)
    _say(post, title=title, body=body, topic=topic)
    post.save(force_insert=True)
    return post


@durable
def edit_post(
    *,
    id: int,  # noqa: A002 - its name
    author: int,
    title: str | None = None,
    body: str | None = None,
    topic: str | None = None,
    now: dt.datetime,
) -> Post:
    """Change a post of the member's that nobody has published; None leaves a part as it is.

    A rejected one waits for a decision again. A reviewer who holds the post must take it again, for
    what they read has changed. Raises NoSuchPost, PostIsPublished, and what `write_post` raises.
    """
    post = lock_own(id=id, author=author)
    if post.is_published:
        raise PostIsPublished
    wanted = {"title": title, "body": body, "topic": topic}
    said = {name: getattr(post, name) if text is None else text for name, text in wanted.items()}
    before = {name: getattr(post, name) for name in said}
    _say(post, **said)
    if all(getattr(post, name) == text for name, text in before.items()):
        return post
    if post.state == PostState.REJECTED:
        post.state, post.rejection, post.submitted_at = PostState.PENDING, "", now
    change(post, **NO_HOLDER)
    post.save()
    return post


@durable
def delete_post(*, id: int, author: int, now: dt.datetime) -> None:  # noqa: A002 - its name
    """Delete a post of the member's and take back what it earned. Raises NoSuchPost."""
    post = lock_own(id=id, author=author)
    _delete(post, _("The post was deleted."), now)


@durable
def remove_post(*, id: int, reason: str, now: dt.datetime) -> None:  # noqa: A002 - its name
    """Delete anybody's post, on an operator's word, and take back what it earned.

    Raises NoSuchPost, and Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(errors=[FieldError("reason", "required", NEEDS_REASON)])
    post = lock(id=id)
    _delete(post, reason, now)


NEEDS_REASON = gettext_lazy("A reason is needed.")


def lock(*, id: int) -> Post:  # noqa: A002 - its name
    """Lock the post until the transaction ends. Raises NoSuchPost if there is none, or no more."""
    post = Post.objects.locked().filter(id=id).exclude(state=PostState.DELETED).first()
    if post is None:
        raise NoSuchPost
    return post


def lock_own(*, id: int, author: int) -> Post:  # noqa: A002 - its name
    """Lock the member's own post. Raises NoSuchPost if it is another's, or there is none."""
    post = lock(id=id)
    if post.author_id != author:
        raise NoSuchPost
    return post


def lock_visible(*, id: int, viewer: int) -> Post:  # noqa: A002 - its name
    """Lock a post that the member sees. Raises NoSuchPost."""
    post = lock(id=id)
    if not post.is_published and post.author_id != viewer:
        raise NoSuchPost
    return post


@transaction.atomic(savepoint=False)
def tell(*, facts: Sequence[Fact], now: dt.datetime) -> None:
    """Record what members did, of those who take part at present: others earn nothing."""
    who = Member.objects.filter(id__in={fact.member for fact in facts})
    active = set(who.filter(state=MemberState.ACTIVE).values_list("id", flat=True))
    counted = [fact for fact in facts if fact.member in active]
    if counted:
        record(facts=counted, now=now)


def refuse_second(post: Post) -> None:
    """Refuse a text of which the author has another that stands. Raises AlreadyPosted."""
    digest = bytes(post.digest or b"")
    # The same text at once: the second finds the first.
    take_turns(name=f"post:{digest.hex()}")
    stands = Post.objects.filter(author=post.author_id, digest=digest, rejection="")
    earlier = stands.exclude(id=post.id or 0).values_list("id", flat=True).first()
    if earlier is not None:
        raise AlreadyPosted(post=earlier)


def change(post: Post, **said: object) -> None:
    """Set fields of the row in memory."""
    for name, value in said.items():
        setattr(post, name, value)


@transaction.atomic(savepoint=False)
def forget_posts(*, member: int) -> int:
    """Drop what an erased member wrote, what was said of it, and whom they liked.

    What it earned stays in the ledger. Returns how many rows had something to drop.
    """
    theirs = Post.objects.filter(author=member).exclude(state=PostState.DELETED)
    dropped = theirs.update(state=PostState.DELETED, score_parts={}, **EMPTY)
    reviews = PostReview.objects.filter(author=member).exclude(reason="")
    dropped += reviews.update(reason="")
    said = Comment.objects.filter(author=member, deleted_at=None)
    dropped += said.update(body="", deleted_at=Now())
    answers = Acceptance.objects.filter(comment__author=member, withdrawn_at=None)
    dropped += answers.update(withdrawn_at=Now())
    likes = list(Like.objects.filter(member=member))
    # The activity is that of the post's author, and names who liked it.
    names = [like.activity_id for like in likes]
    Activity.objects.filter(id__in=names).exclude(data={}).update(data={})
    Like.objects.filter(id__in=[like.id for like in likes]).delete()
    return dropped + len(likes)


def _say(post: Post, *, title: str, body: str, topic: str) -> None:
    """Put the text into the post, with its score, unless the same stands already."""
    post.title = clean_line(title, field="title", longest=LONGEST_TITLE)
    post.body = clean_text(body, field="body", longest=LONGEST_BODY)
    post.topic = _topic(topic)
    mark = fingerprint(title=post.title, body=post.body)
    post.digest = mark.digest
    refuse_second(post)
    likeness, found = alike(mark=mark, besides=post.id)
    marks = score(body=post.body, likeness=likeness)
    bands = {f"band_{number}": band for number, band in enumerate(mark.bands, start=1)}
    change(post, score=marks.total, score_parts=marks.parts, duplicate_of_id=found, **bands)


def _topic(topic: str) -> str:
    """Return the topic. Raises Invalid where the program names topics and this is none of them."""
    if not topic:
        return ""
    found = clean_line(topic, field="topic", longest=LONGEST_TOPIC)
    known = points.selectors.section(shape=PostsSection).topics
    if known and found not in known:
        detail = gettext_lazy("There is no such topic.")
        raise Invalid(errors=[FieldError("topic", "unknown_topic", detail)])
    return found


def _delete(post: Post, reason: str, now: dt.datetime) -> None:
    take_back(ids=_earned_by(post), reason=reason, now=now)
    Acceptance.objects.filter(question=post, withdrawn_at=None).update(withdrawn_at=now)
    change(post, state=PostState.DELETED, score_parts={}, **EMPTY)
    post.save()


def _earned_by(post: Post) -> Sequence[str]:
    """Return the activities that the post stands behind; those taken back are left alone."""
    reviews = PostReview.objects.filter(post=post)
    likes = Like.objects.filter(post=post)
    answers = Acceptance.objects.filter(question=post, withdrawn_at=None)
    return [
        *(name for review in reviews for name in review.activity_ids),
        *(like.activity_id for like in likes),
        *(answer.activity_id for answer in answers),
    ]
