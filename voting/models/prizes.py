"""What winners get, and who does not wish to stand."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.fields import IdentifierField, PointsField
from members.models import Member
from voting.models.cycles import Cycle


class Prize(models.Model):
    """What a winner gets: points, a title, a reward. Paid once, and taken back as a whole.

    `reward` is the code of a reward of the store, or empty; `redemption` the id of what was given
    of it, none as long as that could not be.
    """

    cycle = models.ForeignKey(
        Cycle,
        on_delete=models.PROTECT,
        related_name="prizes",
        db_index=False,
        verbose_name=_("cycle"),
    )
    place = models.PositiveSmallIntegerField(_("place"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("member"))
    points = PointsField(_("points"))
    title = models.CharField(_("title"), max_length=100, blank=True)
    reward = IdentifierField(_("reward"), max_length=64, blank=True, db_default="", default="")
    redemption = models.BigIntegerField(_("redemption"), null=True)
    reference = IdentifierField(_("reference"), max_length=100, unique=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("revoked by"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("prize")
        verbose_name_plural = _("prizes")
        permissions = (("revoke_prize", _("Can take a prize back")),)
        constraints = (
            models.UniqueConstraint(fields=("cycle", "member"), name="prize_once_per_winner"),
            models.CheckConstraint(
                condition=Q(place__gte=1) & Q(points__gte=0), name="prize_is_for_a_place"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, reason="")
                | (Q(revoked_at__isnull=False) & ~Q(reason="")),
                name="prize_is_revoked_with_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title or self.place}: {self.member}"


class OptOut(models.Model):
    """A member who does not wish to stand for awards."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, verbose_name=_("member")
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("member who does not stand")
        verbose_name_plural = _("members who do not stand")

    def __str__(self) -> str:
        return str(self.member_id)
