"""Check-ins: one row a member and local date, and what a run of them brings."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from activities.models.intake import OWN
from kit.fields import IdentifierField, PointsField
from members.models import Member


class CheckInKind(models.TextChoices):
    """How a day was kept."""

    DONE = "done", _("checked in")
    MAKEUP = "makeup", _("made up")
    FROZEN = "frozen", _("frozen")


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    """Filters over check-ins."""

    def standing(self) -> "CheckInQuerySet":
        """Those that were not taken back."""
        return self.filter(revoked_at=None)


class CheckIn(models.Model):
    """A local day that a member kept: by checking in, by making up for it later, or by a freeze.

    A day that is taken back stays taken: it is missed, and cannot be kept again.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    local_on = models.DateField(_("local date"))
    kind = models.CharField(_("kind"), max_length=10, choices=CheckInKind)
    checked_in_at = models.DateTimeField(_("checked in at"))
    cost = PointsField(_("points paid"), db_default=0)
    revoked_at = models.DateTimeField(_("taken back at"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, db_default="")

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = (
            # Serves the walk back from a day, too.
            models.UniqueConstraint(
                fields=("member", "local_on"), name="check_in_once_per_member_and_date"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CheckInKind.values), name="check_in_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(reason=""),
                name="check_in_is_taken_back_with_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.local_on}"

    @property
    def activity_id(self) -> str:
        """The id of the activity that it is; a frozen day is none."""
        return f"{OWN}check-in:{self.member_id}:{self.local_on}"

    @property
    def payment(self) -> str:
        """The ledger's name for what a makeup costs."""
        return f"makeup:{self.member_id}:{self.local_on}"


class MilestoneKind(models.TextChoices):
    """What was completed."""

    STREAK = "streak", _("streak")
    CYCLE = "cycle", _("cycle")
    MONTH = "month", _("month")


class Milestone(models.Model):
    """What a run of check-ins has reached: so many days, a whole cycle, a whole month.

    `earned_on` is the day whose check-in or makeup brought it, `reached_on` the day that it falls
    on: a makeup fills a gap, and the mark lies after it.
    """

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MilestoneKind)
    days = models.PositiveIntegerField(_("days"))
    reached_on = models.DateField(_("reached on"))
    earned_on = models.DateField(_("earned on"))
    taken_back_at = models.DateTimeField(_("taken back at"), null=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "earned_on", "kind", "days"), name="milestone_once_a_check_in"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MilestoneKind.values), name="milestone_kind_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"

    @property
    def activity_id(self) -> str:
        """The id of the activity that it is."""
        return f"{OWN}{self.kind}:{self.member_id}:{self.days}:{self.earned_on}"


class StreakItemKind(models.TextChoices):
    """What an item is good for."""

    CARD = "card", _("makeup card")
    FREEZE = "freeze", _("freeze")


class StreakItemQuerySet(models.QuerySet["StreakItem"]):
    """Filters over items."""

    def held(self) -> "StreakItemQuerySet":
        """Those that can still be used, the oldest first."""
        return self.filter(used_on=None, taken_back_at=None).order_by("got_at", "id")


class StreakItem(models.Model):
    """A makeup card or a freeze of a member. `used_on` is the day that it kept."""

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=StreakItemKind)
    source = IdentifierField(_("source"), max_length=128)
    got_at = models.DateTimeField(_("got at"), db_default=Now())
    used_on = models.DateField(_("used on"), null=True)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True)

    objects = StreakItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("streak item")
        verbose_name_plural = _("streak items")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "kind", "source"), name="streak_item_once_per_source"
            ),
            models.UniqueConstraint(
                fields=("member", "used_on", "kind"),
                condition=Q(used_on__isnull=False),
                name="streak_item_keeps_a_day_alone",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=StreakItemKind.values), name="streak_item_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(used_on=None) | Q(taken_back_at=None),
                name="streak_item_is_used_or_taken_back",
            ),
        )
        indexes = (
            # Whose freezes the day's close may use.
            models.Index(
                fields=("kind", "member"),
                condition=Q(used_on=None, taken_back_at=None),
                name="streak_items_held",
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class StreakChoice(models.Model):
    """What a member has chosen about streaks; no row means what everybody begins with."""

    member = models.OneToOneField(
        Member, on_delete=models.PROTECT, primary_key=True, verbose_name=_("member")
    )
    uses_freezes = models.BooleanField(_("uses freezes"), default=True)
    chosen_at = models.DateTimeField(_("chosen at"), db_default=Now())

    class Meta:
        verbose_name = _("choice about streaks")
        verbose_name_plural = _("choices about streaks")

    def __str__(self) -> str:
        return f"{self.uses_freezes}"
