"""Codes that members show or type somewhere: bought in pools, or issued by the service."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward


class VoucherState(models.TextChoices):
    """Where a code stands."""

    FREE = "free", _("free")
    ASSIGNED = "assigned", _("handed out")
    WRITTEN_OFF = "written_off", _("written off")
    VOID = "void", _("void")


LIVE = (VoucherState.ASSIGNED, VoucherState.WRITTEN_OFF)
"""With a member."""


class Voucher(models.Model):
    """One code. `sealed` holds it encrypted; `digest` is how it is found without being read.

    `item` numbers the pieces of a redemption. A voided code keeps telling whose it was.
    """

    reward = models.ForeignKey(
        Reward,
        on_delete=models.PROTECT,
        related_name="vouchers",
        db_index=False,
        verbose_name=_("reward"),
    )
    sealed = models.BinaryField(_("code, sealed"))
    digest = models.BinaryField(_("HMAC-SHA256 digest of the code"), unique=True)
    state = models.CharField(
        _("state"), max_length=11, choices=VoucherState, default=VoucherState.FREE
    )
    redemption = models.ForeignKey(
        Redemption,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="vouchers",
        verbose_name=_("redemption"),
    )
    item = models.PositiveSmallIntegerField(_("item"), null=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    assigned_at = models.DateTimeField(_("handed out at"), null=True)
    written_off_at = models.DateTimeField(_("written off at"), null=True)
    written_off_by = models.CharField(_("written off by"), max_length=80, blank=True)
    voided_at = models.DateTimeField(_("voided at"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=VoucherState.values), name="voucher_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=LIVE,
                    redemption__isnull=False,
                    item__isnull=False,
                    assigned_at__isnull=False,
                )
                | Q(state=VoucherState.FREE, redemption=None, item=None, assigned_at=None)
                | Q(state=VoucherState.VOID),
                name="voucher_is_free_or_of_one_redemption",
            ),
            models.UniqueConstraint(
                fields=("redemption", "item"),
                condition=Q(state__in=LIVE),
                name="voucher_is_the_only_one_of_its_item",
            ),
            models.CheckConstraint(
                condition=Q(state=VoucherState.WRITTEN_OFF, written_off_at__isnull=False)
                | (~Q(state=VoucherState.WRITTEN_OFF) & Q(written_off_at=None)),
                name="voucher_is_written_off_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state=VoucherState.VOID, voided_at__isnull=False)
                | (~Q(state=VoucherState.VOID) & Q(voided_at=None)),
                name="voucher_is_voided_at_an_instant",
            ),
        )
        indexes = (
            # The next codes of a pool, and how many are left.
            models.Index(
                fields=("reward", "id"),
                condition=Q(state=VoucherState.FREE),
                name="vouchers_free",
            ),
            # A reward's codes in the admin.
            models.Index(fields=("reward", "state", "id"), name="vouchers_of_reward"),
            # The codes of a redemption, voided ones too.
            models.Index(
                fields=("redemption",),
                condition=Q(redemption__isnull=False),
                name="vouchers_of_redemption",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.id}"
