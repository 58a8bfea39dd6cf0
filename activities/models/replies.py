"""What members say to a post: likes, comments, and which comment answers a question."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from activities.models.intake import OWN
from activities.models.posts import Post
from members.models import Member


class Like(models.Model):
    """That a member liked a post, once and for all: taken back it stays, and is not paid again."""

    post = models.ForeignKey(
        Post,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="likes",
        verbose_name=_("post"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="likes", verbose_name=_("member")
    )
    author = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("author of the post"),
    )
    liked_at = models.DateTimeField(_("liked at"))
    unliked_at = models.DateTimeField(_("taken back at"), null=True)

    class Meta:
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        constraints = (
            models.UniqueConstraint(
                fields=("post", "member"), name="like_once_per_post_and_member"
            ),
            models.CheckConstraint(
                condition=~Q(member=F("author")), name="like_is_not_of_ones_own_post"
            ),
        )
        indexes = (
            # How many there are of a post.
            models.Index(fields=("post",), condition=Q(unliked_at=None), name="likes_of_post"),
        )

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def activity_id(self) -> str:
        """The activity of the post's author that it is: one for the pair, for ever."""
        return f"{OWN}like:{self.post_id}:{self.member_id}"


class Comment(models.Model):
    """What a member says to a post. Deleted, it has no text and stays as a row."""

    post = models.ForeignKey(
        Post,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="comments",
        verbose_name=_("post"),
    )
    author = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="comments", verbose_name=_("author")
    )
    body = models.CharField(_("text"), max_length=2_000, blank=True)
    created_at = models.DateTimeField(_("created at"))
    deleted_at = models.DateTimeField(_("deleted at"), null=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = (
            models.CheckConstraint(
                condition=Q(deleted_at=None) ^ Q(body=""),
                name="comment_has_a_text_until_it_is_deleted",
            ),
        )
        indexes = (
            # What is said to a post, in order.
            models.Index(
                fields=("post", "id"), condition=Q(deleted_at=None), name="comments_of_post"
            ),
        )

    def __str__(self) -> str:
        return str(_("comment %(id)s") % {"id": self.pk})

    @property
    def activity_id(self) -> str:
        """The activity that it is."""
        return f"{OWN}comment:{self.pk}"


class Acceptance(models.Model):
    """That a question's author took a comment as the answer, until it is taken back."""

    question = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="acceptances", verbose_name=_("question")
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="acceptances", verbose_name=_("comment")
    )
    accepted_at = models.DateTimeField(_("accepted at"))
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True)

    class Meta:
        verbose_name = _("accepted answer")
        verbose_name_plural = _("accepted answers")
        constraints = (
            models.UniqueConstraint(
                fields=("question",),
                condition=Q(withdrawn_at=None),
                name="question_has_one_accepted_answer",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def activity_id(self) -> str:
        """The activity of the comment's author that it is."""
        return f"{OWN}answer:{self.pk}"
