"""The award of a month: a poll with nominations before it, and prizes after it."""

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import IdentifierField, PointsField
from members.models import Member
from voting.models.polls import Option, Poll

AWARD = "award"
"""The kind of the polls that cycles are."""


class CycleState(models.TextChoices):
    """Where a cycle stands: each state but the first is entered by the step of its name."""

    SCHEDULED = "scheduled", pgettext_lazy("cycle", "scheduled")
    NOMINATIONS = "nominations", pgettext_lazy("cycle", "nominations")
    SHORTLIST = "shortlist", pgettext_lazy("cycle", "shortlist")
    VOTING = "voting", pgettext_lazy("cycle", "voting")
    FROZEN = "frozen", pgettext_lazy("cycle", "frozen")
    REVIEW = "review", pgettext_lazy("cycle", "review")
    PUBLISHED = "published", pgettext_lazy("cycle", "published")
    REWARDED = "rewarded", pgettext_lazy("cycle", "rewarded")


STEPS = tuple(CycleState)[1:]
"""In order."""


class Basis(models.TextChoices):
    """What the winners were found by."""

    VOTES = "votes", pgettext_lazy("basis", "votes")
    POINTS = "points", pgettext_lazy("basis", "points alone: the quorum was missed")
    NOTHING = "nothing", pgettext_lazy("basis", "no award: the quorum was missed")


class CycleQuerySet(models.QuerySet["Cycle"]):
    """Filters over cycles."""

    def published(self) -> "CycleQuerySet":
        """Those whose results everybody may see."""
        return self.filter(state__in=(CycleState.PUBLISHED, CycleState.REWARDED))

    def unfinished(self) -> "CycleQuerySet":
        """Those that have steps before them."""
        return self.exclude(state=CycleState.REWARDED)


class Cycle(models.Model):
    """The award of one category and local month. Its id is its poll's.

    `terms` is what the program said of the category when the cycle began: a later program counts
    for later cycles. The poll holds when voting opens and closes.
    """

    poll = models.OneToOneField(
        Poll, on_delete=models.CASCADE, primary_key=True, verbose_name=_("poll")
    )
    category = IdentifierField(_("category"), max_length=20)
    starts_on = models.DateField(_("month"))
    terms = models.JSONField(_("terms"))
    state = models.CharField(
        _("state"), max_length=12, choices=CycleState, default=CycleState.SCHEDULED
    )
    nominations_at = models.DateTimeField(_("nominations at"))
    shortlist_at = models.DateTimeField(_("shortlist at"))
    review_at = models.DateTimeField(_("review at"))
    publish_at = models.DateTimeField(_("publication at"))
    reward_at = models.DateTimeField(_("rewards at"))
    basis = models.CharField(_("won by"), max_length=10, choices=Basis, blank=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("award cycle")
        verbose_name_plural = _("award cycles")
        permissions = (
            ("publish_cycle", _("Can publish the results of a cycle")),
            ("recount_cycle", _("Can recount the votes of a cycle")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("starts_on", "category"), name="cycle_once_per_category_and_month"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CycleState.values), name="cycle_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__day=1), name="cycle_starts_on_a_months_first"
            ),
            models.CheckConstraint(
                condition=Q(nominations_at__lt=F("shortlist_at"))
                & Q(shortlist_at__lt=F("review_at"))
                & Q(review_at__lte=F("publish_at"))
                & Q(publish_at__lte=F("reward_at")),
                name="cycle_takes_its_steps_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(CycleState.PUBLISHED, CycleState.REWARDED), basis__in=Basis)
                | (~Q(state__in=(CycleState.PUBLISHED, CycleState.REWARDED)) & Q(basis="")),
                name="cycle_has_a_basis_once_published",
            ),
        )
        triggers = (
            pgtrigger.FSM(
                name="cycles_never_go_back",
                field="state",
                transitions=[
                    (before.value, after.value)
                    for before, after in zip(CycleState, STEPS, strict=False)
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.terms['name']} {self.month}"

    @property
    def month(self) -> str:
        """The local month as it is written: `2026-10`."""
        return f"{self.starts_on:%Y-%m}"

    @property
    def is_published(self) -> bool:
        """Whether everybody may see the results."""
        return self.state in {CycleState.PUBLISHED, CycleState.REWARDED}

    def instants(self) -> dict[CycleState, dt.datetime]:
        """When each step is due, in order."""
        return {
            CycleState.NOMINATIONS: self.nominations_at,
            CycleState.SHORTLIST: self.shortlist_at,
            CycleState.VOTING: self.poll.opens_at,
            CycleState.FROZEN: self.poll.closes_at,
            CycleState.REVIEW: self.review_at,
            CycleState.PUBLISHED: self.publish_at,
            CycleState.REWARDED: self.reward_at,
        }


class StepTaken(models.Model):
    """That a cycle took a step, and when it did."""

    cycle = models.ForeignKey(
        Cycle,
        on_delete=models.CASCADE,
        related_name="steps",
        db_index=False,
        verbose_name=_("cycle"),
    )
    step = models.CharField(_("step"), max_length=12, choices=CycleState)
    taken_at = models.DateTimeField(_("taken at"))

    class Meta:
        verbose_name = _("step of a cycle")
        verbose_name_plural = _("steps of cycles")
        constraints = (
            models.UniqueConstraint(fields=("cycle", "step"), name="step_once_per_cycle"),
        )

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.step}"


class Nomination(models.Model):
    """One member's word for another, with a reason."""

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, db_index=False, verbose_name=_("cycle")
    )
    nominator = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="nominations_made", verbose_name=_("by")
    )
    nominee = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="nominations", verbose_name=_("nominee")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("nomination")
        verbose_name_plural = _("nominations")
        constraints = (
            models.UniqueConstraint(
                fields=("cycle", "nominator", "nominee"), name="nomination_once_per_pair"
            ),
            models.CheckConstraint(
                condition=~Q(nominator=F("nominee")), name="nobody_nominates_themselves"
            ),
        )

    def __str__(self) -> str:
        return f"{self.nominator} → {self.nominee}"


class Candidate(models.Model):
    """A member on the shortlist, as they stood when it was made.

    `points` are those of the month in the category's actions, `contributions` the same by action,
    `helped` how many different members were helped by them, `reached_at` when the last happened.
    """

    cycle = models.ForeignKey(
        Cycle,
        on_delete=models.CASCADE,
        related_name="candidates",
        db_index=False,
        verbose_name=_("cycle"),
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("member"))
    option = models.OneToOneField(Option, on_delete=models.CASCADE, verbose_name=_("option"))
    points = PointsField(_("points"))
    helped = models.PositiveIntegerField(_("members helped"), default=0)
    reached_at = models.DateTimeField(_("reached at"), null=True)
    contributions = models.JSONField(_("contributions"), default=dict)
    nominators = models.PositiveIntegerField(_("nominated by"), default=0)
    is_top = models.BooleanField(_("by points"), default=False)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints = (
            models.UniqueConstraint(fields=("cycle", "member"), name="candidate_once_per_cycle"),
        )

    def __str__(self) -> str:
        return str(self.member)
