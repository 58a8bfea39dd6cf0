"""What members redeemed, from the request to its end."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import PointsField
from members.models import Member
from rewards.models.rewards import Kind, Reward


class RedemptionState(models.TextChoices):
    """Where a redemption stands."""

    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    FULFILLING = "fulfilling", _("being fulfilled")
    FULFILLED = "fulfilled", _("fulfilled")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")
    LAPSED = "lapsed", pgettext_lazy("redemption", "lapsed")
    RETURNED = "returned", _("taken back")


OPEN = (RedemptionState.REQUESTED, RedemptionState.APPROVED, RedemptionState.FULFILLING)
"""On the way; its points are held."""

UNDONE = (RedemptionState.REJECTED, RedemptionState.CANCELLED, RedemptionState.LAPSED)
"""Ended before it was fulfilled: points and stock have gone back."""

ENDED = (*UNDONE, RedemptionState.RETURNED)


def reference_of(token: uuid.UUID) -> str:
    """Return the name in the ledger of the redemption with this token."""
    return f"redemption:{token}"


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    """Filters over redemptions."""

    def counted(self) -> "RedemptionQuerySet":
        """Those that members have or wait for: all but those whose points went back."""
        return self.exclude(state__in=ENDED)


class Redemption(models.Model):
    """One order of a member. Price, level and what was asked for are those of its request.

    `token` names it in the ledger, and is made before its points are held. What was won in a draw
    or with an award costs nothing. `waits_until_at` is when it lapses unless an address comes, or
    a pass is claimed; what a window gave, unless it is fulfilled. `address` is sealed.
    """

    token = models.UUIDField(_("token"), default=uuid.uuid4, unique=True)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="redemptions", verbose_name=_("reward")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    unit_points = PointsField(_("price of one"))
    points = PointsField(_("points"))
    level = models.CharField(_("level"), max_length=64, blank=True)
    terms = models.JSONField(_("what was asked for"), default=dict)

    is_instant = models.BooleanField(_("paid at once"), default=False)
    is_prepaid = models.BooleanField(
        _("paid before it was handed out"), default=False, db_default=False
    )
    must_be_claimed = models.BooleanField(_("must be claimed on the spot"), default=False)
    took_stock = models.BooleanField(_("took from a limited stock"), default=False)

    state = models.CharField(
        _("state"), max_length=10, choices=RedemptionState, default=RedemptionState.REQUESTED
    )
    address = models.BinaryField(_("address, sealed"), null=True)
    carrier = models.CharField(_("carrier"), max_length=100, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("decided by"),
    )

    created_at = models.DateTimeField(_("requested at"), db_default=Now())
    approved_at = models.DateTimeField(_("approved at"), null=True)
    fulfilled_at = models.DateTimeField(_("fulfilled at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    waits_until_at = models.DateTimeField(_("waits until"), null=True)
    points_returned_at = models.DateTimeField(_("points returned at"), null=True)
    stock_returned_at = models.DateTimeField(_("stock returned at"), null=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=RedemptionState.values), name="redemption_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1)
                & (Q(unit_points__gte=1) | Q(unit_points=0, is_prepaid=True))
                & Q(points=F("unit_points") * F("quantity")),
                name="redemption_costs_its_price_times_quantity",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, points_returned_at__isnull=False)
                | (~Q(state__in=ENDED) & Q(points_returned_at=None)),
                name="redemption_ends_with_its_points_returned",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNDONE, took_stock=True, stock_returned_at__isnull=False)
                | Q(state__in=UNDONE, took_stock=False, stock_returned_at=None)
                | (~Q(state__in=UNDONE) & Q(stock_returned_at=None))
                | Q(state=RedemptionState.RETURNED, took_stock=True),
                name="redemption_undone_returns_the_stock_it_took",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(RedemptionState.FULFILLED, RedemptionState.RETURNED),
                    fulfilled_at__isnull=False,
                )
                | (
                    ~Q(state__in=(RedemptionState.FULFILLED, RedemptionState.RETURNED))
                    & Q(fulfilled_at=None)
                ),
                name="redemption_is_fulfilled_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, ended_at__isnull=False)
                | (~Q(state__in=ENDED) & Q(ended_at=None)),
                name="redemption_ends_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(is_instant=False) | ~Q(state__in=(*OPEN, *UNDONE)),
                name="redemption_paid_at_once_is_fulfilled_at_once",
            ),
        )
        indexes = (
            # A member's redemptions, newest first.
            models.Index(F("member"), F("id").desc(), name="redemptions_of_member"),
            # The limits of a member and reward.
            models.Index(fields=("member", "reward", "created_at"), name="redemptions_counted"),
            # The sweep that fulfils, and the operators' queue.
            models.Index(
                fields=("state", "id"),
                condition=Q(state__in=OPEN),
                name="redemptions_to_do",
            ),
            # The sweep that lets lapse.
            models.Index(
                fields=("waits_until_at",),
                condition=Q(state__in=OPEN, waits_until_at__isnull=False),
                name="redemptions_waiting",
            ),
            # The sweep that drops addresses.
            models.Index(
                fields=("fulfilled_at",),
                condition=Q(address__isnull=False),
                name="redemptions_with_an_address",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.id} {self.name}"

    @property
    def reference(self) -> str:
        """Its name in the ledger."""
        return reference_of(self.token)

    @property
    def spent(self) -> str:
        """The reference of the entry that paid for it, once it is paid."""
        return self.reference if self.is_instant else f"hold:{self.reference}"

    @property
    def is_free(self) -> bool:
        """Whether it was won: nothing was paid, and nothing comes back."""
        return self.points == 0

    @property
    def is_of_a_window(self) -> bool:
        """Whether a window gave it, which says until when it is to be fulfilled."""
        return self.is_prepaid and not self.is_free

    @property
    def needs_address(self) -> bool:
        """Whether it waits for the member to say where it goes."""
        return self.kind == Kind.PHYSICAL and self.address is None and self.state in OPEN

    @property
    def may_be_cancelled(self) -> bool:
        """Whether its member may still take it back."""
        return self.state in {RedemptionState.REQUESTED, RedemptionState.APPROVED}
