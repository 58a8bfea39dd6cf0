"""Points added or taken by hand, above a limit only with a second person's word."""

import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import POINTS_LIMIT, IdentifierField, PointsField
from members.models import Member
from points.models.ledger import Entry


class AdjustmentState(models.TextChoices):
    """Where an adjustment stands."""

    WAITING = "waiting", _("waiting for a second person")
    POSTED = "posted", _("posted")
    REJECTED = "rejected", _("rejected")
    LAPSED = "lapsed", pgettext_lazy("adjustment", "lapsed")


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    """Filters over adjustments."""

    def waiting(self) -> "AdjustmentQuerySet":
        """Those that nobody has decided yet."""
        return self.filter(state=AdjustmentState.WAITING)

    def overdue(self, *, now: dt.datetime) -> "AdjustmentQuerySet":
        """Those that have waited too long."""
        return self.waiting().filter(expires_at__lte=now)


class Adjustment(models.Model):
    """A request to add or take points. Decided once; the row never changes after that.

    It comes from an operator (`requested_by`) or from a server, by its key (`requested_by_key`).
    `limit` is what one person might move when it came: up to there it is posted at once, and
    decided by nobody.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("member"))
    points = models.BigIntegerField(_("points"))
    limit = PointsField(_("limit"))
    reason = models.CharField(_("reason"), max_length=500)
    reference = IdentifierField(_("reference"), max_length=128, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=AdjustmentState, default=AdjustmentState.WAITING
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_by_key = models.CharField(_("requested by key"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    rejection = models.CharField(_("why it was rejected"), max_length=500, blank=True)
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, verbose_name=_("entry")
    )

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = (
            models.CheckConstraint(
                condition=Q(points__range=(-POINTS_LIMIT, POINTS_LIMIT)) & ~Q(points=0),
                name="adjustment_points_bounded_and_not_zero",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state__in=AdjustmentState.values), name="adjustment_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(requested_by__isnull=False, requested_by_key="")
                | (Q(requested_by__isnull=True) & ~Q(requested_by_key="")),
                name="adjustment_is_asked_for_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=AdjustmentState.POSTED, entry__isnull=False)
                | (~Q(state=AdjustmentState.POSTED) & Q(entry__isnull=True)),
                name="adjustment_is_posted_with_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(state=AdjustmentState.WAITING, decided_at=None, decided_by=None)
                | (~Q(state=AdjustmentState.WAITING) & Q(decided_at__isnull=False)),
                name="adjustment_waits_or_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdjustmentState.POSTED, decided_by=F("requested_by")),
                name="adjustment_is_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdjustmentState.POSTED, decided_by=None)
                | Q(points__lte=F("limit"), points__gte=-F("limit")),
                name="adjustment_above_the_limit_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdjustmentState.REJECTED, decided_by=None),
                name="adjustment_is_rejected_by_somebody",
            ),
        )
        indexes = (
            # The list of what waits, and the sweep of what has waited too long.
            models.Index(
                fields=("expires_at",),
                condition=Q(state=AdjustmentState.WAITING),
                name="adjustments_waiting",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="decided_adjustments_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state=AdjustmentState.WAITING.value),
            ),
        )

    def __str__(self) -> str:
        return f"{self.points:+d} ({self.reference})"

    def decisions_open_to(self, *, user: int, now: dt.datetime) -> frozenset[str]:
        """Return what the operator may still do: `approve`, but not one's own, and `reject`."""
        if self.state != AdjustmentState.WAITING or self.expires_at <= now:
            return frozenset()
        return frozenset({"reject"} if self.requested_by_id == user else {"approve", "reject"})
