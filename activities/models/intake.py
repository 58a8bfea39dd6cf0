"""What members did: as other systems reported it, or as it happened here."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.fields import IdentifierField
from members.models import Member

OWN = "~"
"""How the id of an activity begins that happened here, and that nobody reported."""


class ActivityState(models.TextChoices):
    """Where an activity stands."""

    TAKEN = "taken", _("taken in")
    REVERSED = "reversed", _("reversed")


class Activity(models.Model):
    """A fact: who did what, when. Kept whether or not it granted anything.

    The id of one that happened here begins with `~`, which no other system's may. `outcome`
    lists, for each rule of the action, what it granted or why it did not.
    """

    id = IdentifierField(_("id"), max_length=128, primary_key=True)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    action = models.CharField(_("action"), max_length=64)
    occurred_at = models.DateTimeField(_("occurred at"))
    data = models.JSONField(_("data"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=ActivityState, default=ActivityState.TAKEN
    )
    outcome = models.JSONField(_("outcome"), default=list)
    received_at = models.DateTimeField(_("received at"), db_default=Now())

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=ActivityState.values),
                name="activity_state_is_known",
            ),
        )
        indexes = (
            # A member's activities, newest first.
            models.Index(
                models.F("member"), models.F("occurred_at").desc(), name="activities_of_member"
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} ({self.id})"

    @property
    def is_own(self) -> bool:
        """Whether it happened here."""
        return self.id.startswith(OWN)


class Reversal(models.Model):
    """A request to take an activity back. It may come before the activity does."""

    activity = IdentifierField(_("activity"), max_length=128, unique=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    requested_at = models.DateTimeField(_("requested at"), db_default=Now())
    applied_at = models.DateTimeField(_("applied at"), null=True)

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")

    def __str__(self) -> str:
        return self.activity
