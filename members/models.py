"""Who there is: the community and its clock, its members, and the programs that call for them."""

import datetime as dt
import zoneinfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.clock import Clock
from kit.fields import IdentifierField


def validate_zone(value: str) -> None:
    """Refuse a name that is not an IANA zone. Raises ValidationError."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("%(value)s is not an IANA time zone."), params={"value": value})


class Community(models.Model):
    """The one community that this deployment serves: a single row, made by the first migration."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(_("name"), max_length=200)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_zone]
    )
    day_starts_at = models.TimeField(_("day starts at"), default=dt.time(0))
    fiscal_year_starts = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_community"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_starts__range=(1, 12)),
                name="fiscal_year_starts_in_a_month",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def clock(self) -> Clock:
        """The community's days and periods."""
        return Clock(
            zone=zoneinfo.ZoneInfo(self.time_zone),
            day_starts_at=self.day_starts_at,
            fiscal_year_starts=self.fiscal_year_starts,
        )


class MemberState(models.TextChoices):
    """Whether a member takes part."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    LEFT = "left", _("left")


class MemberQuerySet(models.QuerySet["Member"]):
    """Filters over members."""

    def shown(self) -> "MemberQuerySet":
        """Members who may appear on a leaderboard."""
        return self.filter(is_staff=False, is_hidden=False, erased_at=None)


class Member(models.Model):
    """A person in the community. `external_id` is the name other systems know the member by."""

    external_id = IdentifierField(_("external id"), max_length=64, unique=True)
    nickname = models.CharField(_("nickname"), max_length=100, blank=True)
    avatar_url = models.URLField(_("avatar"), max_length=500, blank=True)
    joined_at = models.DateTimeField(_("joined at"))
    state = models.CharField(
        _("state"), max_length=10, choices=MemberState, default=MemberState.ACTIVE
    )
    is_staff = models.BooleanField(_("is staff"), default=False)
    is_hidden = models.BooleanField(_("is hidden from leaderboards"), default=False)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=MemberState.values), name="member_state_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.nickname or self.external_id


class Scope(models.TextChoices):
    """What an API key allows."""

    ACTIVITIES_WRITE = "activities:write", _("send activities")
    MEMBERS_WRITE = "members:write", _("create and update members")
    MEMBERS_READ = "members:read", _("read members")
    SESSIONS_WRITE = "sessions:write", _("open sessions for members")
    ADJUSTMENTS_WRITE = "adjustments:write", _("adjust points")
    REDEMPTIONS_VERIFY = "redemptions:verify", _("write off vouchers")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Filters over keys."""

    def live(self, *, now: dt.datetime) -> "ApiKeyQuerySet":
        """Keys that open the door at `now`."""
        return self.filter(revoked_at=None).exclude(expires_at__lte=now)


class ApiKey(models.Model):
    """A server's credential. Only its digest is kept; the key itself is shown once."""

    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=16)
    digest = models.BinaryField(_("SHA-256 digest"), unique=True)
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
