"""Posts as members see them: what is published, and their own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import (
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Now

from activities.errors import NoSuchPost
from activities.models import (
    Acceptance,
    Activity,
    Comment,
    Like,
    Post,
    PostReview,
    PostState,
)
from activities.rules.scores import NEAR, Fingerprint
from members.selectors import Kept

NEWEST_PUBLISHED = ("-published_at", "-id")
NEWEST_WRITTEN = ("-id",)
OLDEST_SAID = ("id",)

BANDS = ("band_1", "band_2", "band_3", "band_4")

MOST_ALIKE = 500
"""Earlier posts that a text is compared with, the newest that share a band with it."""


def posts(
    *, viewer: int, own: bool = False, topic: str | None = None, state: str | None = None
) -> QuerySet[Post]:
    """Return the posts that are published, or the viewer's own, with what is shown of each."""
    written = Post.objects.filter(author=viewer).exclude(state=PostState.DELETED)
    found = written if own else Post.objects.published()
    if topic is not None:
        found = found.filter(topic=topic)
    if state is not None:
        found = found.filter(state=state)
    return _told(found, viewer)


def post(*, id: int, viewer: int) -> Post:  # noqa: A002 - its name
    """Return the post with what is shown of it. Raises NoSuchPost where the viewer sees none."""
    found = _told(Post.objects.visible_to(viewer), viewer).filter(id=id).first()
    if found is None:
        raise NoSuchPost
    return found


def comments(*, post: int, viewer: int) -> QuerySet[Comment]:
    """Return what is said to the post. Raises NoSuchPost where the viewer sees none."""
    if not Post.objects.visible_to(viewer).filter(id=post).exists():
        raise NoSuchPost
    return _told_comments(Comment.objects.filter(post=post, deleted_at=None))


def comment(*, id: int) -> Comment:  # noqa: A002 - its name
    """Return the comment, that is there, with what is shown of it."""
    return _told_comments(Comment.objects.filter(id=id)).get()


def outcomes(*, posts: Iterable[Post], viewer: int) -> dict[int, list[Mapping[str, Any]]]:
    """Return what the rules made of the viewer's own posts, of those that are published.

    Two queries, and none where no post is the viewer's.
    """
    own = [one.id for one in posts if one.author_id == viewer and one.is_published]
    if not own:
        return {}
    reviews = PostReview.objects.filter(post__in=own, undone_at=None).order_by("id")
    of = {name: one.post_id for one in reviews for name in one.activity_ids}
    told: dict[int, list[Mapping[str, Any]]] = {}
    for activity in Activity.objects.filter(id__in=of).order_by("received_at", "id"):
        told.setdefault(of[activity.id], []).extend(activity.outcome)
    return told


def outcome(*, id: str) -> list[dict[str, Any]]:  # noqa: A002 - an activity's name
    """Return what the rules made of one activity; nothing where it counts for nobody."""
    found = Activity.objects.filter(id=id).values_list("outcome", flat=True).first()
    return found or []


def alike(*, mark: Fingerprint, besides: int | None) -> tuple[str, int | None]:
    """Return whether an earlier text is the `same`, `near` or `none`, and the post that has it.

    Every post counts that has a text, rejected ones too.
    """
    band_1, band_2, band_3, band_4 = mark.bands
    others = Post.objects.filter(digest__isnull=False).exclude(id=besides or 0)
    same = others.filter(digest=mark.digest).order_by("id").values_list("id", flat=True).first()
    if same is not None:
        return "same", same
    shares = Q(band_1=band_1) | Q(band_2=band_2) | Q(band_3=band_3) | Q(band_4=band_4)
    rows = others.filter(shares).order_by("-id").values_list("id", *BANDS)[:MOST_ALIKE]
    near = [(mark.distance(tuple(bands)), id_) for id_, *bands in rows]
    distance, found = min(near, default=(NEAR + 1, 0))
    return ("near", found) if distance <= NEAR else ("none", None)


def kept_posts_of(*, member: int) -> Kept:
    """Return the posts, comments and likes that are kept of the member with that id."""
    return {
        "posts": Post.objects.filter(author=member)
        .order_by("id")
        .values(
            *("id", "kind", "title", "body", "topic", "state", "created_at", "submitted_at"),
            *("published_at", "rejection", "score", "score_parts"),
        ),
        "post_reviews": PostReview.objects.filter(author=member)
        .order_by("id")
        .values("post", "decision", "grade", "reason", "decided_at", "undone_at"),
        "comments": Comment.objects.filter(author=member)
        .order_by("id")
        .values("id", "post", "body", "created_at", "deleted_at"),
        "likes": Like.objects.filter(member=member)
        .order_by("id")
        .values("post", "liked_at", "unliked_at"),
    }


def has_posts() -> bool:
    """Return whether anybody has posted anything."""
    return Post.objects.exists()


def _told(found: QuerySet[Post], viewer: int) -> QuerySet[Post]:
    """Add what is shown of each post: counted from its rows, for those of one page."""
    liked = Like.objects.filter(post=OuterRef("pk"), unliked_at=None)
    answer = Acceptance.objects.filter(question=OuterRef("pk"), withdrawn_at=None)
    return found.select_related("author").annotate(
        likes_shown=_count(liked),
        liked=Exists(liked.filter(member=viewer)),
        comments_shown=_count(Comment.objects.filter(post=OuterRef("pk"), deleted_at=None)),
        answer=Subquery(answer.values("comment")[:1]),
    )


def _told_comments(found: QuerySet[Comment]) -> QuerySet[Comment]:
    answers = Acceptance.objects.filter(comment=OuterRef("pk"), withdrawn_at=None)
    return found.select_related("author").annotate(is_answer=Exists(answers))


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("post").annotate(count=Count("*")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


# --- For operators' pages -------------------------------------------------------------------------


def held_posts(*, by: int) -> list[Post]:
    """Return the posts that the operator holds for review, oldest first."""
    held = Post.objects.filter(state=PostState.PENDING, reviewer=by, lease_expires_at__gt=Now())
    return list(held.select_related("author").order_by("submitted_at", "id"))


def waiting_posts() -> int:
    """Return how many posts wait for a decision, held or not."""
    return Post.objects.filter(state=PostState.PENDING).count()


def reviews(*, post: int) -> QuerySet[PostReview]:
    """Return every decision about the post, latest first."""
    return PostReview.objects.filter(post=post).select_related("reviewer").order_by("-id")


def standing_review(*, post: int) -> PostReview | None:
    """Return the decision about the post that stands."""
    return PostReview.objects.filter(post=post, undone_at=None).order_by("-id").first()


def recorded(*, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return the ids and actions of those activities that there are."""
    return list(Activity.objects.filter(id__in=ids).order_by("id").values_list("id", "action"))
