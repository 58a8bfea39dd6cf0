"""Comments, and the one that answers a question."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import members.selectors
from activities.errors import NoSuchComment, NotAQuestion, PostNotPublished
from activities.models import Acceptance, Comment, Post, PostKind
from activities.rules.scores import word_count
from activities.rules.texts import LONGEST_COMMENT, clean_text
from activities.services.posts import NEEDS_REASON, lock_own, lock_visible, tell
from activities.services.record import take_back
from kit.errors import FieldError, Invalid
from kit.transactions import durable
from points.services import Fact


@durable
def write_comment(*, post: int, author: int, body: str, now: dt.datetime) -> Comment:
    """Add what a member says to a published post, and have the rules count it.

    Raises NoSuchPost, PostNotPublished, and Invalid for a text that shows nothing or is too long.
    """
    text = clean_text(body, field="body", longest=LONGEST_COMMENT)
    found = lock_visible(id=post, viewer=author)
    if not found.is_published:
        raise PostNotPublished
    said = Comment.objects.create(post=found, author_id=author, body=text, created_at=now)
    is_own = found.author_id == author
    data = {"post": post, "words": word_count(text), "own_post": is_own}
    tell(facts=[Fact(said.activity_id, "comment.posted", author, now, data)], now=now)
    return said


@durable
def delete_comment(*, id: int, author: int, now: dt.datetime) -> None:  # noqa: A002 - its name
    """Delete a comment of the member's, and take back what it earned. Raises NoSuchComment."""
    said = _lock(id)
    if said.author_id != author:
        raise NoSuchComment
    _delete(said, _("The comment was deleted."), now)


@durable
def remove_comment(*, id: int, reason: str, now: dt.datetime) -> None:  # noqa: A002 - its name
    """Delete anybody's comment, on an operator's word, and take back what it earned.

    Raises NoSuchComment, and Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(errors=[FieldError("reason", "required", NEEDS_REASON)])
    _delete(_lock(id), reason, now)


@durable
def accept_answer(*, question: int, comment: int, author: int, now: dt.datetime) -> None:
    """Make a comment the answer to the member's question, in place of any other; its author earns.

    What another earned by being the answer is taken back. Taking a comment of one's own pays
    nothing. Raises NoSuchPost, NotAQuestion, PostNotPublished, and Invalid for a comment that is
    not there.
    """
    found = _lock_question(question, author)
    said = Comment.objects.filter(id=comment, post=found, deleted_at=None).first()
    if said is None:
        detail = gettext_lazy("The question has no such comment.")
        raise Invalid(errors=[FieldError("comment", "no_such_comment", detail)])
    stands = Acceptance.objects.filter(question=found, withdrawn_at=None).first()
    if stands is not None and stands.comment_id == comment:
        return
    _withdraw(stands, now)
    made = Acceptance.objects.create(question=found, comment=said, accepted_at=now)
    if said.author_id != author:
        by = members.selectors.member_by_id(member_id=author)
        data = {"question": question, "comment": comment, "by": by.external_id if by else ""}
        fact = Fact(made.activity_id, "answer.accepted", said.author_id, now, data)
        tell(facts=[fact], now=now)


@durable
def withdraw_answer(*, question: int, author: int, now: dt.datetime) -> None:
    """Have the member's question without an answer again; what it earned is taken back.

    Raises NoSuchPost, NotAQuestion and PostNotPublished.
    """
    found = _lock_question(question, author)
    _withdraw(Acceptance.objects.filter(question=found, withdrawn_at=None).first(), now)


def _lock_question(question: int, author: int) -> Post:
    found = lock_own(id=question, author=author)
    if found.kind != PostKind.QUESTION:
        raise NotAQuestion
    if not found.is_published:
        raise PostNotPublished
    return found


def _withdraw(stands: Acceptance | None, now: dt.datetime) -> None:
    if stands is not None:
        reason = _("The comment is not the accepted answer any more.")
        take_back(ids=[stands.activity_id], reason=reason, now=now)
        Acceptance.objects.filter(id=stands.id).update(withdrawn_at=now)


def _lock(comment: int) -> Comment:
    """Lock the comment's post, deleted or not, then read the comment. Raises NoSuchComment."""
    of = Comment.objects.filter(id=comment).values("post")
    Post.objects.locked().filter(id__in=of).first()
    said = Comment.objects.filter(id=comment, deleted_at=None).first()
    if said is None:
        raise NoSuchComment
    return said


def _delete(said: Comment, reason: str, now: dt.datetime) -> None:
    answers = Acceptance.objects.filter(comment=said, withdrawn_at=None)
    ids = [said.activity_id, *(answer.activity_id for answer in answers)]
    take_back(ids=ids, reason=reason, now=now)
    answers.update(withdrawn_at=now)
    Comment.objects.filter(id=said.id).update(body="", deleted_at=now)
