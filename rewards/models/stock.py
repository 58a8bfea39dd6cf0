"""How much there is left of a reward, and how it came and went."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward


class Stock(models.Model):
    """The pieces left of a reward; without a number there is no end to them.

    A row of its own: the one that everybody who redeems the reward waits for, and the last that a
    transaction locks. It is the sum of the reward's moves.
    """

    reward = models.OneToOneField(
        Reward,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="stock",
        verbose_name=_("reward"),
    )
    left = models.BigIntegerField(_("in stock"), null=True)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stocks")
        constraints = (
            models.CheckConstraint(
                condition=Q(left=None) | Q(left__gte=0), name="stock_left_not_negative"
            ),
        )

    def __str__(self) -> str:
        return "∞" if self.left is None else str(self.left)


class MoveKind(models.TextChoices):
    """Why stock moved."""

    SUPPLIED = "supplied", _("supplied")
    WITHDRAWN = "withdrawn", _("withdrawn")
    TAKEN = "taken", _("taken by a redemption")
    RETURNED = "returned", _("returned by a redemption")
    REPLACED = "replaced", _("given for a voided voucher")
    SET_ASIDE = "set_aside", _("set aside for a window or a draw")
    FREED = "freed", _("no longer set aside")


OF_A_REDEMPTION = (MoveKind.TAKEN, MoveKind.RETURNED, MoveKind.REPLACED)
ONCE = (MoveKind.TAKEN, MoveKind.RETURNED)
COMES = (MoveKind.SUPPLIED, MoveKind.RETURNED, MoveKind.FREED)
GOES = (MoveKind.WITHDRAWN, MoveKind.TAKEN, MoveKind.REPLACED, MoveKind.SET_ASIDE)


class StockMove(models.Model):
    """One change of a limited stock. Append-only; the moves of a reward add up to what is left."""

    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="moves", verbose_name=_("reward")
    )
    redemption = models.ForeignKey(
        Redemption,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="moves",
        verbose_name=_("redemption"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MoveKind)
    change = models.BigIntegerField(_("change"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=COMES, change__gt=0) | Q(kind__in=GOES, change__lt=0),
                name="stock_moves_the_way_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OF_A_REDEMPTION, redemption__isnull=False)
                | (~Q(kind__in=OF_A_REDEMPTION) & Q(redemption=None)),
                name="stock_moves_for_a_redemption_or_an_operator",
            ),
            models.UniqueConstraint(
                fields=("redemption", "kind"),
                condition=Q(kind__in=ONCE),
                name="stock_is_taken_and_returned_once",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="stock_moves_stay", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.change:+d}"
