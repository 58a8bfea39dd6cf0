"""Brakes: what is too much at once, and what each has counted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.clock import Period
from kit.fields import POINTS_LIMIT, IdentifierField, PointsField
from members.models import Member

LONGEST_WINDOW = 7 * 24 * 60
"""Minutes. What is counted over longer is counted by the community's calendar."""

LONGEST_YOUTH = 3_650
"""Days."""

BRAKE_PERIODS = [
    (Period.DAY.value, _("day")),
    (Period.WEEK.value, _("week")),
    (Period.MONTH.value, _("month")),
    (Period.QUARTER.value, _("quarter")),
]


class Counted(models.TextChoices):
    """What a brake counts."""

    POINTS = "points", _("points")
    ACTIVITIES = "activities", _("activities")


class Brake(models.Model):
    """The most that is let through unseen: in a calendar's period, or in so many minutes.

    One for some actions counts those alone; one with `same` counts each pair of members by itself,
    and one with `younger_than_days` only members who joined lately. What goes over it waits in a
    case. A brake that the program no longer lists stays, inactive, for what it has counted.
    """

    code = IdentifierField(_("code"), max_length=64, unique=True)
    counts = models.CharField(_("counts"), max_length=10, choices=Counted)
    limit = PointsField(_("limit"))
    period = models.CharField(_("period"), max_length=10, choices=BRAKE_PERIODS, blank=True)
    minutes = models.PositiveIntegerField(_("minutes"), null=True)
    actions = ArrayField(models.CharField(max_length=64), verbose_name=_("actions"), default=list)
    same = models.CharField(_("field with the other member"), max_length=100, blank=True)
    younger_than_days = models.PositiveIntegerField(_("younger than days"), null=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("is active"), default=True, db_default=True)

    class Meta:
        verbose_name = _("brake")
        verbose_name_plural = _("brakes")
        constraints = (
            models.CheckConstraint(
                condition=Q(limit__range=(0, POINTS_LIMIT)), name="brake_limit_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(counts__in=Counted.values), name="brake_counts_what_is_known"
            ),
            models.CheckConstraint(
                condition=Q(period="", minutes__range=(1, LONGEST_WINDOW))
                | Q(period__in=[value for value, _name in BRAKE_PERIODS], minutes=None),
                name="brake_has_a_period_or_minutes",
            ),
            models.CheckConstraint(
                condition=Q(younger_than_days=None)
                | Q(younger_than_days__range=(1, LONGEST_YOUTH)),
                name="brake_youth_is_bounded",
            ),
        )

    def __str__(self) -> str:
        return self.code


class BrakeUsage(models.Model):
    """What a brake has let through of a member in one window: never more than its limit then was.

    `other` stands for the other member of a pair, 0 without one: a digest, so that nothing here
    tells who it was. Dropped when the window is long over.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    brake = models.ForeignKey(
        Brake, on_delete=models.PROTECT, db_index=False, verbose_name=_("brake")
    )
    other = models.BigIntegerField(_("the other member"), default=0)
    starts_at = models.DateTimeField(_("starts at"))
    used = PointsField(_("used"))

    class Meta:
        verbose_name = _("brake usage")
        verbose_name_plural = _("brake usages")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "brake", "other", "starts_at"),
                name="brake_usage_once_per_member_pair_and_window",
            ),
            models.CheckConstraint(condition=Q(used__gte=0), name="brake_usage_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.brake_id} {self.starts_at}: {self.used}"
