"""Quarterly windows: what is scarce, asked for by many, and shared out by the calendar."""

import datetime as dt
import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.fields import IdentifierField, PointsField
from members.models import Member
from rewards.models.redemptions import Redemption, reference_of
from rewards.models.rewards import Reward


class WindowState(models.TextChoices):
    """Where a window stands. None comes twice."""

    SCHEDULED = "scheduled", pgettext_lazy("window", "scheduled")
    OPEN = "open", pgettext_lazy("window", "open")
    CLOSED = "closed", pgettext_lazy("window", "closed")
    ALLOCATING = "allocating", pgettext_lazy("window", "allocating")
    REVIEW = "review", pgettext_lazy("window", "review")
    PUBLISHED = "published", pgettext_lazy("window", "published")
    SETTLED = "settled", pgettext_lazy("window", "settled")


TAKES_REQUESTS = (WindowState.SCHEDULED, WindowState.OPEN)
REVEALED = (WindowState.PUBLISHED, WindowState.SETTLED)
"""Everybody may see the result, and the seed that it was drawn with."""


class Policy(models.TextChoices):
    """Who comes first where there is not enough for all."""

    FIRST_COME = "first_come", _("who asked first")
    PRIORITY = "priority", _("level, then the quarter's points, then who asked first")
    DRAW = "draw", _("a draw")


class Window(models.Model):
    """The window of one fiscal quarter.

    `terms` is what the program said when it was planned. `seed` is sealed; its digest is there for
    all to see from the beginning.
    """

    starts_on = models.DateField(_("first day of the quarter"), unique=True)
    name = IdentifierField(_("quarter"), max_length=10)
    policy = models.CharField(_("shared out by"), max_length=10, choices=Policy)
    terms = models.JSONField(_("terms"))
    state = models.CharField(
        _("state"), max_length=10, choices=WindowState, default=WindowState.SCHEDULED
    )
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("closes at"))
    allocate_at = models.DateTimeField(_("shared out at"))
    publish_at = models.DateTimeField(_("published at"))
    settle_at = models.DateTimeField(_("settled at"))
    fulfil_by_at = models.DateTimeField(_("fulfilled by"))
    seed = models.BinaryField(_("seed, sealed"))
    seed_digest = models.CharField(_("digest of the seed"), max_length=64)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("approved by"),
    )

    class Meta:
        verbose_name = _("redemption window")
        verbose_name_plural = _("redemption windows")
        permissions = (("publish_window", _("Can approve and extend a window")),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=WindowState.values), name="window_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(policy__in=Policy.values), name="window_policy_is_known"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at"))
                & Q(closes_at__lte=F("allocate_at"))
                & Q(allocate_at__lte=F("publish_at"))
                & Q(publish_at__lte=F("settle_at"))
                & Q(settle_at__lt=F("fulfil_by_at")),
                name="window_takes_its_steps_in_order",
            ),
        )
        triggers = (
            pgtrigger.FSM(
                name="windows_never_go_back",
                field="state",
                transitions=[
                    (before.value, after.value)
                    for before, after in zip(WindowState, list(WindowState)[1:], strict=False)
                ],
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_revealed(self) -> bool:
        """Whether everybody may see the result."""
        return self.state in REVEALED

    def instants(self) -> dict[WindowState, dt.datetime]:
        """When each step is due, in order: the state that it leads to."""
        return {
            WindowState.OPEN: self.opens_at,
            WindowState.CLOSED: self.closes_at,
            WindowState.REVIEW: self.allocate_at,
            WindowState.PUBLISHED: self.publish_at,
            WindowState.SETTLED: self.settle_at,
        }


class WindowItem(models.Model):
    """One reward of a window.

    `set_aside` are the pieces that the store may not sell meanwhile, as long as they are not given
    out; None where the reward has no end.
    """

    window = models.ForeignKey(
        Window,
        on_delete=models.CASCADE,
        related_name="items",
        db_index=False,
        verbose_name=_("window"),
    )
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="+", verbose_name=_("reward")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    quota = models.PositiveIntegerField(_("quota"))
    points = models.BigIntegerField(_("price in points"), null=True)
    """Instead of the reward's own."""
    set_aside = models.PositiveIntegerField(_("set aside"), null=True)
    capacity = models.PositiveIntegerField(_("to give out"), null=True)
    """The quota, or what there was of it as the window opened."""

    class Meta:
        verbose_name = _("reward of a window")
        verbose_name_plural = _("rewards of windows")
        constraints = (
            models.UniqueConstraint(
                fields=("window", "reward"), name="window_offers_a_reward_once"
            ),
            models.CheckConstraint(condition=Q(quota__gte=1), name="window_quota_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.window_id}: {self.reward_id}"


class RequestState(models.TextChoices):
    """Where a request stands."""

    INTENT = "intent", _("waits for the opening")
    HELD = "held", _("its points are set aside")
    UNFUNDED = "unfunded", _("there were not enough points")
    WITHDRAWN = "withdrawn", _("withdrawn")
    WON = "won", _("won")
    LOST = "lost", _("not this time")


WAITING = (RequestState.INTENT, RequestState.UNFUNDED)
DRAWN = (RequestState.WON, RequestState.LOST)


class WindowRequest(models.Model):
    """A member's wish for one piece. Price and level are those of the day it was filed."""

    token = models.UUIDField(_("token"), default=uuid.uuid4, unique=True)
    window = models.ForeignKey(
        Window,
        on_delete=models.PROTECT,
        related_name="requests",
        db_index=False,
        verbose_name=_("window"),
    )
    item = models.ForeignKey(
        WindowItem, on_delete=models.PROTECT, db_index=False, verbose_name=_("reward")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, db_index=False, verbose_name=_("member")
    )
    points = PointsField(_("points"))
    level = models.CharField(_("level"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RequestState)
    created_at = models.DateTimeField(_("filed at"), db_default=Now())
    held_at = models.DateTimeField(_("points set aside at"), null=True)
    level_reached = models.BigIntegerField(_("threshold of the level"), default=0)
    quarter_points = models.BigIntegerField(_("points of the quarter"), default=0)
    rank = models.PositiveIntegerField(_("rank"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    redemption = models.OneToOneField(
        Redemption,
        on_delete=models.PROTECT,
        null=True,
        related_name="window_request",
        verbose_name=_("redemption"),
    )

    class Meta:
        verbose_name = _("request in a window")
        verbose_name_plural = _("requests in windows")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "item"),
                condition=~Q(state=RequestState.WITHDRAWN),
                name="window_request_once_per_member_and_reward",
            ),
            models.UniqueConstraint(fields=("item", "rank"), name="window_rank_once_per_reward"),
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values), name="window_request_state_is_known"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=DRAWN) & Q(rank__isnull=False))
                | Q(state=RequestState.WITHDRAWN)
                | (~Q(state__in=(*DRAWN, RequestState.WITHDRAWN)) & Q(rank=None)),
                name="window_request_is_drawn_with_a_rank",
            ),
            models.CheckConstraint(
                condition=Q(redemption=None) | Q(state=RequestState.WON, settled_at__isnull=False),
                name="window_request_won_is_redeemed",
            ),
        )
        indexes = (
            # A window's requests in chunks, and a member's own.
            models.Index(fields=("window", "id"), name="window_requests_in_order"),
            models.Index(fields=("window", "member"), name="window_requests_of_member"),
        )

    def __str__(self) -> str:
        return f"#{self.id} {self.state}"

    @property
    def reference(self) -> str:
        """Its name in the ledger: the one that its redemption will have."""
        return reference_of(self.token)


class WindowDelay(models.Model):
    """That somebody let a window close later, from when to when, and why."""

    window = models.ForeignKey(
        Window, on_delete=models.CASCADE, related_name="delays", verbose_name=_("window")
    )
    before_at = models.DateTimeField(_("closed at before"))
    after_at = models.DateTimeField(_("closes at"))
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("delay of a close")
        verbose_name_plural = _("delays of closes")

    def __str__(self) -> str:
        return f"{self.window_id}: {self.after_at}"
