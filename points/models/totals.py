"""Totals that move with the entries: standings and the use of caps."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kit.clock import Period
from kit.fields import PointsField
from members.models import Member
from points.models.program import PERIODS, Cap

STANDING_PERIODS = (Period.WEEK, Period.MONTH, Period.QUARTER, Period.YEAR)


class Standing(models.Model):
    """What a member earned in one period: the leaderboard's row.

    `reached_at` is when, in the activities' own time, the total was reached.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    period = models.CharField(_("period"), max_length=10, choices=PERIODS)
    starts_on = models.DateField(_("starts on"))
    points = PointsField(_("points"))
    reached_at = models.DateTimeField(_("reached at"))

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "period", "starts_on"),
                name="standing_once_per_member_and_period",
            ),
            models.CheckConstraint(condition=Q(points__gte=0), name="standing_points_not_negative"),
        )
        indexes = (
            # A period's leaderboard in rank order.
            models.Index(
                F("period"),
                F("starts_on"),
                F("points").desc(),
                F("reached_at"),
                F("member"),
                name="standings_in_rank_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.period} {self.starts_on}: {self.points}"


class CapUsage(models.Model):
    """How much of a cap a member has used in one period."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    cap = models.ForeignKey(Cap, on_delete=models.PROTECT, db_index=False, verbose_name=_("cap"))
    starts_on = models.DateField(_("starts on"))
    used = PointsField(_("used"))
    limit = PointsField(_("limit"))

    class Meta:
        verbose_name = _("cap usage")
        verbose_name_plural = _("cap usages")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "cap", "starts_on"), name="cap_usage_once_per_member_and_period"
            ),
            models.CheckConstraint(
                condition=Q(used__gte=0) & Q(limit__gte=F("used")),
                name="cap_usage_within_its_limit",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.cap_id} {self.starts_on}: {self.used}/{self.limit}"
