"""What members are told before their points lapse."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.models import Member


class ExpiryNotice(models.Model):
    """A member is told that points of theirs lapse on a local date, one step before it.

    How many they are is no column: they are counted when the notice is read or sent, for they may
    be spent, held or joined by others at any time.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    expires_on = models.DateField(_("lapses on"))
    step_days = models.PositiveSmallIntegerField(_("days before"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    # By a channel that delivers messages: each takes the notices that are not sent.
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("expiry notice")
        verbose_name_plural = _("expiry notices")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "expires_on", "step_days"),
                name="notice_once_per_member_date_and_step",
            ),
            models.CheckConstraint(
                condition=Q(step_days__gte=1), name="notice_comes_before_the_lapse"
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id}: {self.expires_on} (-{self.step_days})"
