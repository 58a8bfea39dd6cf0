"""Points that are granted and not there yet, and the cases in which operators decide on them."""

import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import POINTS_LIMIT, IdentifierField
from members.models import Member
from points.models.ledger import Entry
from points.models.program import RuleVersion


class CaseState(models.TextChoices):
    """Where a case stands."""

    OPEN = "open", pgettext_lazy("case", "open")
    RELEASED = "released", pgettext_lazy("case", "released")
    REVERSED = "reversed", pgettext_lazy("case", "reversed")


class BrakeCase(models.Model):
    """What brakes have held of one member's points, for an operator to decide as a whole, once.

    Written only while the member's account is locked, as its awards are.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    state = models.CharField(_("state"), max_length=10, choices=CaseState, default=CaseState.OPEN)
    opened_at = models.DateTimeField(_("opened at"), db_default=Now())
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = (
            models.UniqueConstraint(
                fields=("member",),
                condition=Q(state=CaseState.OPEN),
                name="member_has_one_open_case",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CaseState.values), name="case_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.OPEN, decided_at=None, decided_by=None)
                | (
                    ~Q(state=CaseState.OPEN) & Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
                name="case_is_open_or_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.REVERSED, reason=""),
                name="case_is_reversed_with_a_reason",
            ),
        )
        indexes = (
            # A member's cases, newest first.
            models.Index(F("member"), F("id").desc(), name="cases_of_member"),
        )
        triggers = (
            pgtrigger.Protect(
                name="decided_cases_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state=CaseState.OPEN.value),
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class PendingState(models.TextChoices):
    """Where a pending award stands."""

    WAITING = "waiting", pgettext_lazy("award", "waiting")
    RELEASED = "released", pgettext_lazy("award", "released")
    DROPPED = "dropped", pgettext_lazy("award", "dropped")


class PendingAwardQuerySet(models.QuerySet["PendingAward"]):
    """Filters over pending awards."""

    def waiting(self) -> "PendingAwardQuerySet":
        """Those that are neither released nor dropped."""
        return self.filter(state=PendingState.WAITING)

    def not_held(self) -> "PendingAwardQuerySet":
        """Those that no open case holds."""
        return self.exclude(case__state=CaseState.OPEN)

    def due(self, *, now: dt.datetime) -> "PendingAwardQuerySet":
        """Those whose instant has come, and that no open case holds."""
        return self.waiting().not_held().filter(release_at__lte=now)


class PendingAward(models.Model):
    """What a rule granted and does not give yet: released into an entry, or dropped, once.

    It waits for `release_at`; without one, or held by an open case, for an operator. `signals`
    tells which brakes held it and what they had counted: for operators alone. Caps have counted
    it, levels and standings have not. Written only while the member's account is locked.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    points = models.BigIntegerField(_("points"))
    reference = IdentifierField(_("reference"), max_length=255, unique=True)
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, db_index=False, verbose_name=_("rule version")
    )
    activity = IdentifierField(_("activity"), max_length=128)
    occurred_at = models.DateTimeField(_("occurred at"))
    occurred_on = models.DateField(_("occurred on"))
    explanation = models.JSONField(_("explanation"), default=dict)
    release_at = models.DateTimeField(_("release at"), null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=PendingState, default=PendingState.WAITING
    )
    case = models.ForeignKey(
        BrakeCase,
        on_delete=models.PROTECT,
        null=True,
        related_name="awards",
        verbose_name=_("case"),
    )
    signals = models.JSONField(_("signals"), default=list)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, verbose_name=_("entry")
    )

    objects = PendingAwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("pending award")
        verbose_name_plural = _("pending awards")
        constraints = (
            models.CheckConstraint(
                condition=Q(points__range=(1, POINTS_LIMIT)), name="pending_award_points_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PendingState.values), name="pending_award_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=PendingState.WAITING, decided_at=None, decided_by=None)
                | (~Q(state=PendingState.WAITING) & Q(decided_at__isnull=False)),
                name="pending_award_waits_or_is_decided",
            ),
            models.CheckConstraint(
                condition=Q(state=PendingState.RELEASED, entry__isnull=False)
                | (~Q(state=PendingState.RELEASED) & Q(entry__isnull=True)),
                name="pending_award_is_released_with_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=True, signals=[])
                | (Q(case__isnull=False) & ~Q(signals=[])),
                name="pending_award_has_a_case_if_a_brake_held_it",
            ),
        )
        indexes = (
            # The sweep: what is due. Those that wait for a decision are not in it.
            models.Index(
                fields=("release_at", "id"),
                condition=Q(state=PendingState.WAITING, release_at__isnull=False),
                name="pending_awards_to_release",
            ),
            # What a member waits for.
            models.Index(
                fields=("member",),
                condition=Q(state=PendingState.WAITING),
                name="pending_awards_of_member",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="decided_pending_awards_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state=PendingState.WAITING.value),
            ),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.points} ({self.reference})"

    @property
    def is_held(self) -> bool:
        """Whether an open case holds it. Only the case is decided, and this with it."""
        case = self.case
        return (
            self.state == PendingState.WAITING and case is not None and case.state == CaseState.OPEN
        )

    @property
    def shown_release_at(self) -> dt.datetime | None:
        """When it is released, as far as is known: not while an open case holds it."""
        return None if self.is_held else self.release_at
