"""The community's program as rows: policies, ladder, caps, rules and their versions."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.clock import Period
from kit.fields import POINTS_LIMIT, IdentifierField, PointsField

PERIODS = [
    (Period.DAY.value, _("day")),
    (Period.WEEK.value, _("week")),
    (Period.MONTH.value, _("month")),
    (Period.QUARTER.value, _("quarter")),
    (Period.YEAR.value, _("year")),
    (Period.LIFETIME.value, _("lifetime")),
]


class Overdraft(models.TextChoices):
    """What a deduction beyond the balance does."""

    DEBT = "debt", _("becomes debt")
    FLOOR = "floor", _("stops at zero")


class Expiry(models.TextChoices):
    """When points lapse."""

    NEVER = "never", _("never")
    DAYS = "days", _("after a number of days")
    MONTH = "month", _("at the end of the month")
    QUARTER = "quarter", _("at the end of the fiscal quarter")
    YEAR = "year", _("at the end of the fiscal year")


class OverCap(models.TextChoices):
    """What a grant over its cap pays."""

    PARTIAL = "partial", _("the rest")
    NONE = "none", _("nothing")


def days_of_notice() -> list[int]:
    """Return how many days before points lapse members are told, unless the program says."""
    return [30, 7, 1]


class Program(models.Model):
    """The policies of the points program: a single row, made by the first migration.

    `revision` changes with every load, so that a process knows when what it remembers is stale.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    revision = models.UUIDField(_("revision"), default=uuid.uuid4)
    overdraft = models.CharField(
        _("overdraft"), max_length=10, choices=Overdraft, default=Overdraft.DEBT
    )
    accept_late_hours = models.PositiveIntegerField(
        _("accepts activities late by hours"), null=True, blank=True, default=72
    )
    expiry = models.CharField(_("expiry"), max_length=10, choices=Expiry, default=Expiry.NEVER)
    expiry_days = models.PositiveIntegerField(
        _("days"),
        default=0,
        help_text=_("Days until points lapse, or days of grace after the period's end."),
    )

    revive_days = models.PositiveIntegerField(
        _("lapsed points that come back live on for days"),
        default=7,
        help_text=_("A refund or a released hold whose lot has lapsed; 0 forfeits it."),
    )
    notice_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=days_of_notice,
        db_default=days_of_notice(),
        blank=True,
        verbose_name=_("days before points lapse on which members are told"),
    )
    adjustment_limit = PointsField(
        _("largest adjustment that one person may make"), default=1000, db_default=1000
    )
    sections = models.JSONField(_("settings of the rooms"), default=dict, db_default={})

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_program"),
            models.CheckConstraint(
                condition=models.Q(overdraft__in=Overdraft.values), name="overdraft_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(expiry__in=Expiry.values), name="expiry_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(adjustment_limit__range=(0, POINTS_LIMIT)),
                name="adjustment_limit_not_negative",
            ),
        )

    def __str__(self) -> str:
        return str(self.revision)


class Level(models.Model):
    """A step of the ladder: reached when an account's lifetime points reach the threshold."""

    code = IdentifierField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=100)
    threshold = models.BigIntegerField(_("threshold"))
    multiplier = models.DecimalField(_("multiplier"), max_digits=6, decimal_places=3, default=1)

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        constraints = (
            # Deferred: one load of the program may swap two thresholds.
            models.UniqueConstraint(
                fields=("threshold",),
                deferrable=models.Deferrable.DEFERRED,
                name="level_threshold_once",
            ),
            models.CheckConstraint(
                condition=models.Q(threshold__range=(0, POINTS_LIMIT)),
                name="level_threshold_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(multiplier__gt=0), name="level_multiplier_positive"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Segment(models.Model):
    """A name for the members of whom a condition holds: for what is not for everybody."""

    code = IdentifierField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=100)
    condition = models.JSONField(_("condition"))
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return self.name


class Cap(models.Model):
    """The most that its rules together may grant one member in one period.

    A cap that the program no longer lists stays, inactive, for what was counted against it.
    """

    code = IdentifierField(_("code"), max_length=64, unique=True)
    limit = models.BigIntegerField(_("limit"))
    period = models.CharField(_("period"), max_length=10, choices=PERIODS)
    over = models.CharField(_("over the cap"), max_length=10, choices=OverCap)
    is_active = models.BooleanField(_("is active"), default=True, db_default=True)

    class Meta:
        verbose_name = _("cap")
        verbose_name_plural = _("caps")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(limit__range=(1, POINTS_LIMIT)), name="cap_limit_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(period__in=[value for value, _name in PERIODS]),
                name="cap_period_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(over__in=OverCap.values), name="cap_over_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.code


class Rule(models.Model):
    """A way to earn or lose points. `current` is the version in force; none means retired."""

    code = IdentifierField(_("code"), max_length=64, unique=True)
    current = models.OneToOneField(
        "RuleVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version in force"),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.code


class RuleVersion(models.Model):
    """What a rule said from one load of the program to the next. Never changed."""

    rule = models.ForeignKey(
        Rule, on_delete=models.PROTECT, related_name="versions", verbose_name=_("rule")
    )
    number = models.PositiveIntegerField(_("version"))
    action = models.CharField(_("action"), max_length=64)
    definition = models.JSONField(_("definition"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("rule version")
        verbose_name_plural = _("rule versions")
        constraints = (
            models.UniqueConstraint(fields=("rule", "number"), name="rule_version_number_once"),
        )
        triggers = (
            pgtrigger.Protect(
                name="rule_versions_are_immutable",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} v{self.number}"
