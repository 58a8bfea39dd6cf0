"""The ledger's tables: accounts, entries, lots, holds, and which lots paid."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import POINTS_LIMIT, IdentifierField, PointsField
from members.models import Member
from points.models.program import Level, RuleVersion


class Account(models.Model):
    """A member's running totals: the one row of the ledger that changes.

    Net balance = available + held - debt = the sum of the member's entries.
    """

    member = models.OneToOneField(
        Member, on_delete=models.PROTECT, primary_key=True, verbose_name=_("member")
    )
    available = PointsField(_("available"))
    pending = PointsField(_("pending"))
    held = PointsField(_("held"))
    debt = PointsField(_("debt"))
    lifetime = PointsField(_("lifetime"))
    lifetime_reached_at = models.DateTimeField(_("lifetime reached at"), null=True)
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, null=True, db_index=False, verbose_name=_("level")
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = (
            models.CheckConstraint(
                condition=Q(available__gte=0), name="account_available_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(pending__gte=0), name="account_pending_not_negative"
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="account_held_not_negative"),
            models.CheckConstraint(condition=Q(debt__gte=0), name="account_debt_not_negative"),
            models.CheckConstraint(
                condition=Q(lifetime__gte=0), name="account_lifetime_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(debt=0) | Q(available=0), name="account_owes_only_when_empty"
            ),
        )
        indexes = (
            # The all-time leaderboard.
            models.Index(
                F("lifetime").desc(),
                F("lifetime_reached_at"),
                F("member"),
                name="accounts_by_lifetime",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member}: {self.net}"

    @property
    def net(self) -> int:
        """What the member's entries add up to."""
        return self.available + self.held - self.debt


class Lot(models.Model):
    """Points of one member that lapse together. Changed only under the account's lock."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    expires_at = models.DateTimeField(_("expires at"), null=True)
    granted = PointsField(_("granted"))
    remaining = PointsField(_("remaining"))
    held = PointsField(_("held"))

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "expires_at"),
                nulls_distinct=False,
                name="lot_once_per_member_and_expiry",
            ),
            models.CheckConstraint(
                condition=Q(held__gte=0)
                & Q(remaining__gte=F("held"))
                & Q(granted__gte=F("remaining")),
                name="lot_held_within_remaining_within_granted",
            ),
        )
        indexes = (
            # The sweep and the notices walk along it, as the lots lapse. What is held does not.
            models.Index(
                fields=("expires_at", "member"),
                condition=Q(expires_at__isnull=False, remaining__gt=F("held")),
                name="lots_as_they_lapse",
            ),
        )

    def __str__(self) -> str:
        return f"{self.remaining} of {self.granted} until {self.expires_at}"


class EntryKind(models.TextChoices):
    """What an entry is. The kind names the system account on the other side."""

    EARNED = "earned", _("earned")
    DEDUCTED = "deducted", _("deducted")
    SPENT = "spent", _("spent")
    EXPIRED = "expired", _("expired")
    ADJUSTED = "adjusted", _("adjusted")
    REFUNDED = "refunded", _("refunded")
    REVERSED = "reversed", pgettext_lazy("entry", "reversed")
    FORGIVEN = "forgiven", _("forgiven")


class Entry(models.Model):
    """One movement of one member's points. Never changed, never deleted, only countered.

    `debt_moved` says what part of the movement made debt (positive) or repaid it (negative), so
    the lots and available points moved by `points + debt_moved`. What a positive movement granted
    went into the member's lot with the same `expires_at`.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind)
    points = models.BigIntegerField(_("points"))
    net_after = models.BigIntegerField(_("net after"))
    debt_moved = PointsField(_("debt moved"))
    reference = IdentifierField(_("reference"), max_length=255, unique=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    rule_version = models.ForeignKey(
        RuleVersion,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        verbose_name=_("rule version"),
    )
    activity = IdentifierField(_("activity"), max_length=128, blank=True, default="")
    occurred_at = models.DateTimeField(_("occurred at"))
    occurred_on = models.DateField(_("occurred on"))
    posted_at = models.DateTimeField(_("posted at"), db_default=Now())
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    explanation = models.JSONField(_("explanation"), default=dict)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = (
            models.CheckConstraint(
                condition=Q(points__range=(-POINTS_LIMIT, POINTS_LIMIT)) & ~Q(points=0),
                name="entry_points_bounded_and_not_zero",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EntryKind.values), name="entry_kind_is_known"
            ),
        )
        indexes = (
            # A member's history, newest first.
            models.Index(F("member"), F("id").desc(), name="entries_of_member"),
        )
        triggers = (
            pgtrigger.Protect(
                name="entries_are_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
            pgtrigger.Trigger(
                name="entries_are_never_truncated",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'pointsvc: entries are never truncated';",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.points:+d} ({self.reference})"

    @property
    def action(self) -> str | None:
        """The action that the entry, or the one that it reverses, was made for."""
        version = self.rule_version or (self.reverses and self.reverses.rule_version)
        return version.action if version else None


class HoldState(models.TextChoices):
    """Where a hold stands."""

    HELD = "held", _("held")
    CAPTURED = "captured", _("captured")
    RELEASED = "released", _("released")


class Hold(models.Model):
    """Points set aside for something that may still not happen. Resolved exactly once."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("member"))
    points = models.BigIntegerField(_("points"))
    reference = IdentifierField(_("reference"), max_length=255, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=HoldState, default=HoldState.HELD)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    resolved_at = models.DateTimeField(_("resolved at"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = (
            models.CheckConstraint(
                condition=Q(points__range=(1, POINTS_LIMIT)), name="hold_points_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=HoldState.values), name="hold_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=HoldState.HELD, resolved_at=None)
                | (~Q(state=HoldState.HELD) & Q(resolved_at__isnull=False)),
                name="hold_is_open_or_resolved",
            ),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.points} ({self.reference})"


class Allocation(models.Model):
    """What one lot paid for an entry or a hold, and how much of it has come back."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, verbose_name=_("lot"))
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, verbose_name=_("entry"))
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, verbose_name=_("hold"))
    points = models.BigIntegerField(_("points"))
    returned = PointsField(_("returned"))

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = (
            models.CheckConstraint(
                condition=Q(points__gt=0) & Q(returned__gte=0) & Q(points__gte=F("returned")),
                name="allocation_returns_at_most_what_it_paid",
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False) | Q(hold__isnull=False),
                name="allocation_pays_for_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.points} from lot {self.lot_id}"
