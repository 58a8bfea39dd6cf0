"""Likes: the author of the post earns, once for each who likes it."""

import datetime as dt

from activities.errors import OwnPost
from activities.models import Like
from activities.services.posts import lock_visible, tell
from kit.transactions import durable
from members.models import Member
from points.services import Fact


@durable
def like_post(*, post: int, member: int, now: dt.datetime) -> None:
    """Have the member like the post; its author earns the first time, and never again.

    Liking it again changes nothing. Raises NoSuchPost, and OwnPost.
    """
    found = lock_visible(id=post, viewer=member)
    if found.author_id == member:
        raise OwnPost
    like, is_new = Like.objects.get_or_create(
        post=found, member_id=member, defaults={"author_id": found.author_id, "liked_at": now}
    )
    if is_new:
        by = Member.objects.values_list("external_id", flat=True).get(id=member)
        data = {"post": post, "by": by}
        tell(facts=[Fact(like.activity_id, "post.liked", like.author_id, now, data)], now=now)
    elif like.unliked_at is not None:
        Like.objects.filter(id=like.id).update(unliked_at=None)


@durable
def unlike_post(*, post: int, member: int, now: dt.datetime) -> None:
    """Take the member's like back, if there is one. What the author earned by it stays.

    Raises NoSuchPost.
    """
    found = lock_visible(id=post, viewer=member)
    likes = Like.objects.filter(post=found, member=member, unliked_at=None)
    likes.update(unliked_at=now)
