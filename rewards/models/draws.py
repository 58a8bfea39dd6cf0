"""Lucky draws: a small price, stated odds, and a seed that is bound before anybody tries."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import POINTS_LIMIT, IdentifierField, PointsField
from members.models import Member
from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward


class DrawState(models.TextChoices):
    """Where a draw stands. None comes twice."""

    PLANNED = "planned", pgettext_lazy("draw", "planned")
    OPEN = "open", pgettext_lazy("draw", "open")
    ENDED = "ended", pgettext_lazy("draw", "ended")


class Draw(models.Model):
    """One draw, from its beginning to its end, at so many points a try.

    `terms` is what the program said when it was planned. The weights of its prizes add up to
    `total`. `seed` is sealed until the end; its digest is there for all to see from the beginning.
    `tries` numbers them without a gap: the row is what those who try wait for.
    """

    code = IdentifierField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=100)
    terms = models.JSONField(_("terms"))
    state = models.CharField(
        _("state"), max_length=10, choices=DrawState, default=DrawState.PLANNED
    )
    points = PointsField(_("points a try"))
    per_day = models.PositiveIntegerField(_("tries a day"))
    total = models.PositiveIntegerField(_("total of the weights"))
    begins_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))
    tries = models.BigIntegerField(_("tries"), default=0)
    seed = models.BinaryField(_("seed, sealed"))
    seed_digest = models.CharField(_("digest of the seed"), max_length=64)

    class Meta:
        verbose_name = _("lucky draw")
        verbose_name_plural = _("lucky draws")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=DrawState.values), name="draw_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(begins_at__lt=F("ends_at")), name="draw_begins_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(points__range=(0, POINTS_LIMIT), per_day__gte=1, total__gte=1),
                name="draw_price_and_cap_are_in_bounds",
            ),
        )
        triggers = (
            pgtrigger.FSM(
                name="draws_never_go_back",
                field="state",
                transitions=[
                    (before.value, after.value)
                    for before, after in zip(DrawState, list(DrawState)[1:], strict=False)
                ],
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_revealed(self) -> bool:
        """Whether everybody may see the seed."""
        return self.state == DrawState.ENDED


class DrawPrize(models.Model):
    """What a try may give: points, a reward, or nothing, which is a prize as well.

    One with a `quota` names a `fallback` without one, for those who hit it when all is `given`.
    `set_aside` are the pieces that the store may not sell meanwhile.
    """

    draw = models.ForeignKey(
        Draw,
        on_delete=models.CASCADE,
        related_name="prizes",
        db_index=False,
        verbose_name=_("lucky draw"),
    )
    code = IdentifierField(_("code"), max_length=64)
    position = models.PositiveSmallIntegerField(_("position"))
    weight = models.PositiveIntegerField(_("weight"))
    points = PointsField(_("points"))
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("reward")
    )
    quota = models.PositiveIntegerField(_("quota"), null=True)
    fallback = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("when it is out"),
    )
    capacity = models.PositiveIntegerField(_("to give out"), null=True)
    """The quota, or what there was of it as the draw began."""
    set_aside = models.PositiveIntegerField(_("set aside"), null=True)
    given = models.PositiveIntegerField(_("given"), default=0)

    class Meta:
        verbose_name = _("prize of a draw")
        verbose_name_plural = _("prizes of draws")
        constraints = (
            models.UniqueConstraint(fields=("draw", "position"), name="draw_prizes_in_order"),
            models.UniqueConstraint(fields=("draw", "code"), name="draw_prize_code_once"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, points__range=(0, POINTS_LIMIT)),
                name="draw_prize_can_be_hit",
            ),
            models.CheckConstraint(
                condition=Q(points=0) | Q(reward=None), name="draw_prize_is_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(quota=None, fallback=None) | Q(quota__gte=1, fallback__isnull=False),
                name="draw_prize_with_a_quota_falls_back",
            ),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(given__lte=F("capacity")),
                name="draw_prize_is_given_while_there_is_any",
            ),
        )

    def __str__(self) -> str:
        return self.code


class DrawTry(models.Model):
    """One try: the prize that the seed and its number hit, and the one that was given."""

    token = models.UUIDField(_("token"), default=uuid.uuid4, unique=True)
    draw = models.ForeignKey(
        Draw,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("lucky draw"),
    )
    number = models.BigIntegerField(_("number"))
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    points = PointsField(_("points paid"))
    hit = models.ForeignKey(
        DrawPrize,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("hit"),
    )
    prize = models.ForeignKey(
        DrawPrize,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("given"),
    )
    redemption = models.OneToOneField(
        Redemption,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("redemption"),
    )
    created_on = models.DateField(_("local day"))
    created_at = models.DateTimeField(_("tried at"), db_default=Now())

    class Meta:
        verbose_name = _("try at a draw")
        verbose_name_plural = _("tries at draws")
        constraints = (
            models.UniqueConstraint(fields=("draw", "number"), name="draw_tries_are_numbered"),
        )
        indexes = (
            # A member's tries of the day, and all of them.
            models.Index(fields=("member", "draw", "created_on"), name="draw_tries_of_member"),
        )

    def __str__(self) -> str:
        return f"{self.draw_id} #{self.number}"

    @property
    def reference(self) -> str:
        """The name of its price in the ledger; its prize has `:prize` after it."""
        return f"draw:{self.token}"
