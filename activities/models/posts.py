"""What members write here, and what others say and decide about it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from activities.models.intake import OWN
from members.models import Member


class PostKind(models.TextChoices):
    """What a post is for."""

    POST = "post", _("post")
    QUESTION = "question", _("question")


class PostState(models.TextChoices):
    """Where a post stands."""

    PENDING = "pending", _("waiting for review")
    APPROVED = "approved", _("approved")
    FEATURED = "featured", _("featured")
    REJECTED = "rejected", _("rejected")
    DELETED = "deleted", _("deleted")


PUBLISHED = (PostState.APPROVED, PostState.FEATURED)
NOBODY = "undecided"
"""Why a post was rejected that no reviewer decided in time; told in each reader's language."""


class PostQuerySet(models.QuerySet["Post"]):
    """Filters over posts."""

    def published(self) -> "PostQuerySet":
        """Posts that every member sees."""
        return self.filter(published_at__isnull=False)

    def visible_to(self, member: int) -> "PostQuerySet":
        """Posts that this member sees: what is published, and their own."""
        return self.exclude(state=PostState.DELETED).filter(
            Q(published_at__isnull=False) | Q(author=member)
        )

    def locked(self) -> "PostQuerySet":
        """The rows themselves, held until the transaction ends. Foreign keys may still be made."""
        return self.select_for_update(no_key=True, of=("self",))


class Post(models.Model):
    """A post, from when it is written until its text is gone.

    Its row is locked before anybody's account: what it earns depends on what has become of it.
    `submitted_at` is when it came to wait for its present decision. Of its text a digest and four
    bands of a SimHash are kept (activities.rules.scores), to find what is alike.
    """

    author = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="posts",
        verbose_name=_("author"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=PostKind, default=PostKind.POST)
    title = models.CharField(_("title"), max_length=120, blank=True)
    body = models.TextField(_("text"), blank=True)
    topic = models.CharField(_("topic"), max_length=40, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=PostState, default=PostState.PENDING
    )
    created_at = models.DateTimeField(_("created at"))
    submitted_at = models.DateTimeField(_("waits since"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    rejection = models.CharField(_("why it was rejected"), max_length=500, blank=True)
    score = models.PositiveSmallIntegerField(_("automatic score"), default=0)
    score_parts = models.JSONField(_("what the score is made of"), default=dict, blank=True)
    digest = models.BinaryField(_("digest of the text"), null=True)
    band_1 = models.IntegerField(_("band of the SimHash"), null=True)
    band_2 = models.IntegerField(_("band of the SimHash"), null=True)
    band_3 = models.IntegerField(_("band of the SimHash"), null=True)
    band_4 = models.IntegerField(_("band of the SimHash"), null=True)
    duplicate_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("like the earlier"),
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("held by"),
    )
    lease_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=PostState.values), name="post_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=PostKind.values), name="post_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(score__range=(0, 100)), name="post_score_is_of_a_hundred"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PUBLISHED, published_at__isnull=False)
                | (~Q(state__in=PUBLISHED) & Q(published_at=None)),
                name="post_is_published_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state=PostState.REJECTED) ^ Q(rejection=""),
                name="post_is_rejected_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=PostState.DELETED, title="", body="", digest=None)
                | (~Q(state=PostState.DELETED) & ~Q(title="") & ~Q(body="")),
                name="post_has_a_text_until_it_is_deleted",
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None, lease_expires_at=None)
                | Q(
                    reviewer__isnull=False,
                    lease_expires_at__isnull=False,
                    state=PostState.PENDING,
                ),
                name="post_is_held_by_one_while_it_waits",
            ),
            models.UniqueConstraint(
                fields=("author", "digest"),
                condition=Q(rejection=""),  # and a deleted one has no digest
                name="post_stands_once_by_its_author",
            ),
        )
        indexes = (
            # What members read, newest first; of one topic, and of one author. A condition that
            # compares with a value would keep prepared statements from these indexes.
            models.Index(
                fields=("-published_at", "-id"),
                condition=Q(published_at__isnull=False),
                name="posts_published",
            ),
            models.Index(
                fields=("topic", "-published_at", "-id"),
                condition=Q(published_at__isnull=False),
                name="posts_published_by_topic",
            ),
            models.Index(fields=("author", "-id"), name="posts_of_author"),
            # The queue, oldest first, and the sweep of what nobody decides.
            models.Index(fields=("state", "submitted_at", "id"), name="posts_by_state"),
            # What is alike.
            models.Index(fields=("digest",), name="posts_by_digest"),
            models.Index(fields=("band_1",), name="posts_by_band_1"),
            models.Index(fields=("band_2",), name="posts_by_band_2"),
            models.Index(fields=("band_3",), name="posts_by_band_3"),
            models.Index(fields=("band_4",), name="posts_by_band_4"),
        )

    def __str__(self) -> str:
        return str(_("post %(id)s") % {"id": self.pk})  # no word of the text: the admin logs it

    @property
    def is_published(self) -> bool:
        """Whether every member sees it."""
        return self.state in PUBLISHED

    @property
    def bands(self) -> tuple[int | None, ...]:
        """The SimHash, 16 bits each."""
        return self.band_1, self.band_2, self.band_3, self.band_4


class Decision(models.TextChoices):
    """What a review decides."""

    APPROVED = "approved", _("approved")
    FEATURED = "featured", _("featured")
    REJECTED = "rejected", _("rejected")


class PostReview(models.Model):
    """A decision about a post: by an operator, or by the program's policy when nobody decided.

    `reviewed_as` is the member that the operator was then. What a review granted are the
    activities of its number.
    """

    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="reviews", verbose_name=_("post")
    )
    author = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="post_reviews", verbose_name=_("author")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    reviewed_as = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("reviewer as a member"),
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    grade = models.PositiveSmallIntegerField(
        _("grade"), null=True, validators=[MinValueValidator(0), MaxValueValidator(5)]
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decided at"))
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("undone by"),
    )

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = (
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values), name="review_decision_is_known"
            ),
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__range=(0, 5)), name="review_grade_is_0_to_5"
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.REJECTED) | Q(reviewer=None) | ~Q(grade=None),
                name="review_that_publishes_has_a_grade",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_as=None) | ~Q(reviewed_as=F("author")),
                name="review_is_not_of_ones_own_post",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) ^ Q(undone_by__isnull=False),
                name="review_is_undone_by_somebody",
            ),
            models.UniqueConstraint(
                fields=("post", "decision"),
                condition=Q(undone_at=None) & ~Q(decision=Decision.REJECTED),
                name="post_is_approved_and_featured_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def activity_ids(self) -> list[str]:
        """The activities that the decision made; of a rejection none."""
        kinds = {
            Decision.APPROVED.value: ("post",),
            # A post that is featured without a word before is approved with it.
            Decision.FEATURED.value: ("post", "featured"),
        }.get(self.decision, ())
        return [f"{OWN}{kind}:{self.post_id}:{self.pk}" for kind in kinds]
