"""Ballots: one for each voter of a poll, with what it was before, and what was said about it."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member
from voting.models.polls import Option, Poll


class BallotState(models.TextChoices):
    """Whether a ballot counts."""

    COUNTED = "counted", pgettext_lazy("ballot", "counted")
    QUARANTINED = "quarantined", pgettext_lazy("ballot", "quarantined")
    DISCARDED = "discarded", pgettext_lazy("ballot", "discarded")


class Ballot(models.Model):
    """What a voter says now: `number` counts the versions. Never deleted.

    Its id is random, so that it tells nothing of who came when. `marks` say what is odd about it:
    such a ballot is quarantined until a person decides with a reason.
    """

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, db_index=False, verbose_name=_("poll"))
    voter = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("voter"))
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    cast_at = models.DateTimeField(_("cast at"))
    state = models.CharField(
        _("state"), max_length=12, choices=BallotState, default=BallotState.COUNTED
    )
    marks = models.JSONField(_("marks"), default=list)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        permissions = (
            ("audit_ballot", _("Can see who cast which ballot; each look is recorded")),
            ("decide_ballot", _("Can decide about quarantined ballots")),
        )
        constraints = (
            models.UniqueConstraint(fields=("poll", "voter"), name="ballot_once_per_voter"),
            models.CheckConstraint(
                condition=Q(state__in=BallotState.values), name="ballot_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=BallotState.COUNTED) | ~Q(marks=[]),
                name="ballot_is_set_aside_for_its_marks",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, reason="")
                | (Q(decided_at__isnull=False) & ~Q(reason="")),
                name="ballot_is_decided_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=BallotState.DISCARDED) | Q(decided_at__isnull=False),
                name="ballot_is_discarded_by_a_decision",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)[:8]


class Pick(models.Model):
    """One option that a ballot picks."""

    ballot = models.ForeignKey(
        Ballot,
        on_delete=models.CASCADE,
        related_name="picks",
        db_index=False,
        verbose_name=_("ballot"),
    )
    option = models.ForeignKey(
        Option, on_delete=models.PROTECT, db_index=False, verbose_name=_("option")
    )

    class Meta:
        verbose_name = _("pick")
        verbose_name_plural = _("picks")
        constraints = (
            models.UniqueConstraint(fields=("ballot", "option"), name="pick_once_per_ballot"),
        )

    def __str__(self) -> str:
        return f"{self.ballot_id}: {self.option_id}"


class BallotVersion(models.Model):
    """What a ballot said before it was changed."""

    ballot = models.ForeignKey(
        Ballot,
        on_delete=models.CASCADE,
        related_name="versions",
        db_index=False,
        verbose_name=_("ballot"),
    )
    number = models.PositiveSmallIntegerField(_("version"))
    options = ArrayField(models.BigIntegerField(), verbose_name=_("picks"))
    cast_at = models.DateTimeField(_("cast at"))

    class Meta:
        verbose_name = _("earlier ballot")
        verbose_name_plural = _("earlier ballots")
        constraints = (
            models.UniqueConstraint(fields=("ballot", "number"), name="ballot_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.ballot_id} #{self.number}"


class BallotLook(models.Model):
    """An auditor's look at who cast which ballot."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, verbose_name=_("poll"))
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("looked at by"),
    )
    reason = models.CharField(_("reason"), max_length=500)
    looked_at = models.DateTimeField(_("looked at"), db_default=Now())

    class Meta:
        verbose_name = _("look at ballots")
        verbose_name_plural = _("looks at ballots")

    def __str__(self) -> str:
        return f"{self.looked_by}: {self.poll_id}"
