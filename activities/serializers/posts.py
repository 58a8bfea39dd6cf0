"""The shapes of posts, comments and answers, in and out."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from activities.models import NOBODY, Comment, Post, PostKind, PostState
from activities.rules.texts import LONGEST_BODY, LONGEST_COMMENT, LONGEST_TITLE, LONGEST_TOPIC
from activities.serializers.outcomes import OutcomeOut, show_outcome
from kit.api import PageQuery, StrictCharField, StrictIntegerField, StrictSerializer
from members.models import Member

SHOWN_STATES = [choice for choice in PostState.choices if choice[0] != PostState.DELETED]


class PostsQuery(PageQuery):
    """Which posts: of a topic, one's own, in a state."""

    topic = StrictCharField(max_length=LONGEST_TOPIC, required=False)
    author = serializers.ChoiceField(choices=["me"], required=False)
    state = serializers.ChoiceField(choices=SHOWN_STATES, required=False)


class PostIn(StrictSerializer):
    """A post to write. The text is plain; clients make links of what looks like one."""

    title = StrictCharField(max_length=LONGEST_TITLE)
    body = StrictCharField(max_length=LONGEST_BODY)
    topic = StrictCharField(max_length=LONGEST_TOPIC, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(
        choices=PostKind.choices, required=False, default=PostKind.POST.value
    )


class PostEdit(StrictSerializer):
    """What changes of a post. What is left out stays as it is."""

    title = StrictCharField(max_length=LONGEST_TITLE, required=False)
    body = StrictCharField(max_length=LONGEST_BODY, required=False)
    topic = StrictCharField(max_length=LONGEST_TOPIC, required=False, allow_blank=True)


class CommentIn(StrictSerializer):
    """What to say to a post."""

    body = StrictCharField(max_length=LONGEST_COMMENT)


class AnswerIn(StrictSerializer):
    """Which comment answers the question."""

    comment = StrictIntegerField(min_value=1)


class AuthorOut(serializers.Serializer[Any]):
    """Who wrote it."""

    id = serializers.IntegerField()
    nickname = serializers.CharField(allow_blank=True)
    avatar_url = serializers.CharField(allow_blank=True)


class PostOut(OutcomeOut):
    """A post. `answer` is the id of the comment that answers a question.

    The author alone is told why it was rejected (`rejection`), and what the rules made of it when
    it was published (`awards`, `refusals`).
    """

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=PostKind.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    topic = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=SHOWN_STATES)
    author = AuthorOut()
    likes = serializers.IntegerField()
    liked = serializers.BooleanField()
    comments = serializers.IntegerField()
    answer = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    rejection = serializers.CharField(allow_null=True)


class LikeOut(serializers.Serializer[Any]):
    """How a post stands with those who like it."""

    likes = serializers.IntegerField()
    liked = serializers.BooleanField()


class CommentOut(serializers.Serializer[Any]):
    """What somebody said to a post. `is_answer` where it is the accepted answer."""

    id = serializers.IntegerField()
    post = serializers.IntegerField()
    author = AuthorOut()
    body = serializers.CharField()
    is_answer = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class SaidOut(OutcomeOut, CommentOut):
    """A comment just made, and what the rules made of it."""


def show_post(
    post: Post, *, viewer: int, outcome: Iterable[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return a post, read by `selectors.posts` or `selectors.post`, as the API shows it."""
    found: Any = post
    is_own = post.author_id == viewer
    return {
        "id": post.id,
        "kind": post.kind,
        "title": post.title,
        "body": post.body,
        "topic": post.topic,
        "state": post.state,
        "author": show_author(post.author),
        "likes": found.likes_shown,
        "liked": found.liked,
        "comments": found.comments_shown,
        "answer": found.answer,
        "created_at": post.created_at,
        "published_at": post.published_at,
        "rejection": rejection_of(post) if is_own and post.rejection else None,
        **show_outcome((is_own and outcome) or ()),
    }


def rejection_of(post: Post) -> str:
    """Return why the post was rejected, in the reader's language where nobody wrote it."""
    if post.rejection == NOBODY:
        return _("No reviewer decided about this post in time.")
    return post.rejection


def show_like(post: Post) -> dict[str, Any]:
    """Return how a post, read by `selectors.post`, stands with those who like it."""
    found: Any = post
    return {"likes": found.likes_shown, "liked": found.liked}


def show_comment(comment: Comment) -> dict[str, Any]:
    """Return a comment, read by `selectors.comments`, as the API shows it."""
    found: Any = comment
    return {
        "id": comment.id,
        "post": comment.post_id,
        "author": show_author(comment.author),
        "body": comment.body,
        "is_answer": found.is_answer,
        "created_at": comment.created_at,
    }


def show_author(author: Member) -> dict[str, Any]:
    """Return who wrote something."""
    return {"id": author.id, "nickname": author.nickname, "avatar_url": author.avatar_url}
