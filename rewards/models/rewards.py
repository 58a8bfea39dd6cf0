"""What there is to redeem: the catalogue, its prices by level, and its pictures."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.fields import POINTS_LIMIT, IdentifierField, PointsField

MOST_AT_ONCE = 100
"""Pieces of one order."""


class Kind(models.TextChoices):
    """What a member gets."""

    VOUCHER = "voucher", _("voucher code")
    PHYSICAL = "physical", _("goods")
    EVENT_PASS = "event_pass", _("event pass")
    SERVICE = "service", _("service")
    TITLE = "title", _("title or badge")


HANDED_OVER = (Kind.EVENT_PASS, Kind.SERVICE)
"""Kinds that may have to be claimed on the spot, with a code that the service itself issues."""


class RewardQuerySet(models.QuerySet["Reward"]):
    """Filters over rewards."""

    def visible(self, *, now: dt.datetime) -> "RewardQuerySet":
        """Rewards that members see at `now`."""
        return self.filter(
            Q(visible_from_at=None) | Q(visible_from_at__lte=now),
            Q(visible_until_at=None) | Q(visible_until_at__gt=now),
            is_active=True,
        )


class Reward(models.Model):
    """One line of the catalogue.

    `points` is the price for who has none by level. `level` is the code of the level that must be
    reached, `segment` that of the segment that the reward is for; empty for none. An `is_instant`
    reward is paid and handed out within the request; any other holds the points until it is
    fulfilled.
    """

    code = IdentifierField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=5_000, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("offered"), default=True)

    points = PointsField(_("price in points"))
    cash = models.DecimalField(
        _("cash part"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")

    is_instant = models.BooleanField(_("handed out at once"), default=False)
    needs_approval = models.BooleanField(_("needs an operator's approval"), default=False)
    must_be_claimed = models.BooleanField(_("must be claimed on the spot"), default=False)

    visible_from_at = models.DateTimeField(_("visible from"), null=True, blank=True)
    visible_until_at = models.DateTimeField(_("visible until"), null=True, blank=True)
    redeemable_from_at = models.DateTimeField(_("redeemable from"), null=True, blank=True)
    redeemable_until_at = models.DateTimeField(_("redeemable until"), null=True, blank=True)

    level = models.CharField(_("level needed"), max_length=64, blank=True)
    segment = models.CharField(_("segment"), max_length=64, blank=True, db_default="")
    joined_days = models.PositiveIntegerField(_("days since joining"), default=0)

    most_at_once = models.PositiveSmallIntegerField(_("most at once"), default=1)
    limit_day = models.PositiveIntegerField(_("limit a day"), null=True, blank=True)
    limit_quarter = models.PositiveIntegerField(_("limit a fiscal quarter"), null=True, blank=True)
    limit_lifetime = models.PositiveIntegerField(_("limit ever"), null=True, blank=True)

    low_stock = models.PositiveIntegerField(_("warn below"), default=10)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = RewardQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="reward_kind_is_known"),
            models.CheckConstraint(
                condition=Q(points__range=(1, POINTS_LIMIT)), name="reward_price_is_in_bounds"
            ),
            models.CheckConstraint(
                condition=Q(cash=None) | Q(cash__gte=0), name="reward_cash_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(is_instant=False)
                | (~Q(kind=Kind.PHYSICAL) & Q(needs_approval=False, must_be_claimed=False)),
                name="reward_at_once_waits_for_nobody",
            ),
            models.CheckConstraint(
                condition=Q(must_be_claimed=False) | Q(kind__in=HANDED_OVER),
                name="reward_claimed_is_handed_over",
            ),
            models.CheckConstraint(
                condition=Q(most_at_once__range=(1, MOST_AT_ONCE)),
                name="reward_most_at_once_is_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(visible_until_at=None)
                | Q(visible_from_at=None)
                | Q(visible_until_at__gt=F("visible_from_at")),
                name="reward_is_seen_before_it_is_hidden",
            ),
            models.CheckConstraint(
                condition=Q(redeemable_until_at=None)
                | Q(redeemable_from_at=None)
                | Q(redeemable_until_at__gt=F("redeemable_from_at")),
                name="reward_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=(Q(limit_day=None) | Q(limit_day__gte=1))
                & (Q(limit_quarter=None) | Q(limit_quarter__gte=1))
                & (Q(limit_lifetime=None) | Q(limit_lifetime__gte=1)),
                name="reward_limits_let_one_through",
            ),
        )
        indexes = (
            # The catalogue, page by page.
            models.Index(fields=("position", "id"), name="rewards_in_order"),
        )

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What a reward costs those who have reached a level, and none above it with its own price.

    Levels are named by code: the program file may retire one and bring it back.
    """

    reward = models.ForeignKey(
        Reward,
        on_delete=models.CASCADE,
        related_name="prices",
        db_index=False,
        verbose_name=_("reward"),
    )
    level = models.CharField(_("level"), max_length=64)
    points = PointsField(_("price in points"))

    class Meta:
        verbose_name = _("price by level")
        verbose_name_plural = _("prices by level")
        constraints = (
            models.UniqueConstraint(
                fields=("reward", "level"), name="reward_has_one_price_a_level"
            ),
            models.CheckConstraint(
                condition=Q(points__range=(1, POINTS_LIMIT)), name="level_price_is_in_bounds"
            ),
        )

    def __str__(self) -> str:
        return f"{self.level}: {self.points}"


class Picture(models.Model):
    """A picture of a reward, as it is stored: made small, without what its camera noted."""

    reward = models.ForeignKey(
        Reward, on_delete=models.CASCADE, related_name="pictures", verbose_name=_("reward")
    )
    file = IdentifierField(_("file"), max_length=100, unique=True)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.file
