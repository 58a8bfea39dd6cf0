"""Red packets: points that one gives to many, in shares that add up to what was given."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.fields import POINTS_LIMIT, PointsField
from members.models import Member


class Packet(models.Model):
    """A pool of points in `shares`, until it ends.

    A member's was paid for when it was made; the community's, made by an operator, costs nobody.
    `returned` is what nobody took, known once it is `ended_at`; a sender has it back.
    """

    token = models.UUIDField(_("token"), default=uuid.uuid4, unique=True)
    sender = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, verbose_name=_("sender")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )
    greeting = models.CharField(_("greeting"), max_length=100, blank=True)
    points = PointsField(_("points"))
    shares = models.PositiveIntegerField(_("shares"))
    created_at = models.DateTimeField(_("made at"), db_default=Now())
    ends_at = models.DateTimeField(_("ends at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    returned = models.BigIntegerField(_("points that nobody took"), null=True)

    class Meta:
        verbose_name = _("red packet")
        verbose_name_plural = _("red packets")
        permissions = (("give_packet", _("Can give a red packet")),)
        constraints = (
            models.CheckConstraint(
                condition=Q(shares__gte=1, points__range=(1, POINTS_LIMIT))
                & Q(points__gte=F("shares")),
                name="packet_has_a_point_a_share",
            ),
            models.CheckConstraint(
                condition=Q(sender=None, by__isnull=False) | Q(sender__isnull=False, by=None),
                name="packet_is_given_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, returned=None)
                | Q(ended_at__isnull=False, returned__gte=0, returned__lte=F("points")),
                name="packet_ends_with_what_is_left",
            ),
        )
        indexes = (
            # The sweep that ends them.
            models.Index(fields=("ends_at",), condition=Q(ended_at=None), name="packets_that_run"),
        )

    def __str__(self) -> str:
        return self.greeting or f"#{self.id}"

    @property
    def reference(self) -> str:
        """The name in the ledger of what it cost its sender."""
        return f"packet:{self.token}"


class PacketShare(models.Model):
    """One share of a packet, drawn when the packet was made; taken by one member or by none."""

    packet = models.ForeignKey(
        Packet, on_delete=models.CASCADE, db_index=False, verbose_name=_("red packet")
    )
    number = models.PositiveIntegerField(_("number"))
    points = PointsField(_("points"))
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, verbose_name=_("member")
    )
    taken_at = models.DateTimeField(_("taken at"), null=True)

    class Meta:
        verbose_name = _("share of a red packet")
        verbose_name_plural = _("shares of red packets")
        constraints = (
            models.UniqueConstraint(fields=("packet", "number"), name="packet_shares_in_order"),
            models.UniqueConstraint(fields=("packet", "member"), name="packet_once_per_member"),
            models.CheckConstraint(
                condition=Q(points__gte=1), name="packet_share_is_a_point_at_least"
            ),
            models.CheckConstraint(
                condition=Q(member=None, taken_at=None)
                | Q(member__isnull=False, taken_at__isnull=False),
                name="packet_share_is_taken_by_a_member",
            ),
        )

    def __str__(self) -> str:
        return f"{self.packet_id}.{self.number}"
