"""A poll: what is asked, who may answer, and what came of it. It knows no kind from another."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import IdentifierField
from members.models import Member


class PollState(models.TextChoices):
    """Where a poll stands."""

    WAITING = "waiting", pgettext_lazy("poll", "waiting")
    OPEN = "open", pgettext_lazy("poll", "open")
    CLOSED = "closed", pgettext_lazy("poll", "closed")
    PUBLISHED = "published", pgettext_lazy("poll", "published")


class Poll(models.Model):
    """A question with options, an electorate, and an end.

    `kind` says what the poll is for; nothing in its services depends on it. `electorate` is the
    rule that the voters are found by when it opens. `most` is how many options a ballot may pick.
    `seed` is the secret that orders the options for each voter.
    """

    kind = IdentifierField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    electorate = models.JSONField(_("electorate"), default=dict)
    most = models.PositiveSmallIntegerField(_("most picks"), default=1)
    quorum = models.PositiveIntegerField(_("quorum"), default=0)
    may_pick_self = models.BooleanField(_("one may pick oneself"), default=False)
    seed = IdentifierField(_("seed"), max_length=64)
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("closes at"))
    state = models.CharField(
        _("state"), max_length=10, choices=PollState, default=PollState.WAITING
    )
    counted = models.PositiveIntegerField(_("ballots counted"), null=True)
    quarantined = models.PositiveIntegerField(_("ballots quarantined"), null=True)

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="poll_closes_after_it_opens"
            ),
            models.CheckConstraint(condition=Q(most__gte=1), name="poll_asks_for_a_pick_at_least"),
            models.CheckConstraint(
                condition=Q(state__in=PollState.values), name="poll_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=PollState.PUBLISHED, counted__isnull=False, quarantined__gte=0)
                | (~Q(state=PollState.PUBLISHED) & Q(counted=None, quarantined=None)),
                name="poll_has_counts_once_published",
            ),
        )
        triggers = (
            pgtrigger.FSM(
                name="polls_never_reopen",
                field="state",
                transitions=[("waiting", "open"), ("open", "closed"), ("closed", "published")],
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def has_quorum(self) -> bool:
        """Whether enough ballots were counted, once it is published."""
        return (self.counted or 0) >= self.quorum


class Option(models.Model):
    """What can be picked: a member, or what the label says.

    `tie_break` are whole numbers, the first weighs most: of options with as many votes the one
    with the greater number goes first. `votes`, `quarantined` and `rank` are there once the poll is
    published.
    """

    poll = models.ForeignKey(
        Poll,
        on_delete=models.CASCADE,
        related_name="options",
        db_index=False,
        verbose_name=_("poll"),
    )
    position = models.PositiveSmallIntegerField(_("position"))
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, verbose_name=_("member")
    )
    label = models.CharField(_("label"), max_length=200, blank=True)
    tie_break = models.JSONField(_("tie break"), default=list)
    votes = models.PositiveIntegerField(_("votes"), null=True)
    quarantined = models.PositiveIntegerField(_("quarantined votes"), null=True)
    rank = models.PositiveSmallIntegerField(_("rank"), null=True)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        constraints = (
            models.UniqueConstraint(
                fields=("poll", "position"), name="option_once_per_poll_and_position"
            ),
            models.UniqueConstraint(
                fields=("poll", "member"), name="member_is_one_option_of_a_poll"
            ),
            models.CheckConstraint(
                condition=~Q(label="") | Q(member__isnull=False), name="option_says_what_it_is"
            ),
        )

    def __str__(self) -> str:
        return self.label or str(self.member)


class Voter(models.Model):
    """A member who may vote: found when the poll opened, whatever becomes of them later."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, db_index=False, verbose_name=_("poll"))
    member = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("member"))

    class Meta:
        verbose_name = _("voter")
        verbose_name_plural = _("voters")
        constraints = (
            models.UniqueConstraint(fields=("poll", "member"), name="voter_once_per_poll"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} in {self.poll_id}"
