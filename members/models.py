"""Who there is: the community and its clock, its members, and the programs that call for them."""

import datetime as dt
import zoneinfo
from typing import cast

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Least, Now
from django.utils.translation import gettext_lazy as _

from kit.clock import Clock, zones
from kit.fields import IdentifierField


def validate_zone(value: str) -> None:
    """Refuse a name that is not an IANA zone. Raises ValidationError."""
    if value not in zones():
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
    earlier_clocks = models.JSONField(
        _("earlier clocks"), default=list, db_default=[], editable=False
    )
    """What time zone and day start were, each until an instant, oldest first."""

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
        """The community's days and periods: those of its clock, and before it of earlier ones."""
        clock, since = None, None
        for zone, day_starts_at, until in (
            *(
                (told["time_zone"], dt.time.fromisoformat(told["day_starts_at"]), told["until"])
                for told in self.earlier_clocks
            ),
            (self.time_zone, self.day_starts_at, None),
        ):
            clock = Clock(
                zone=zoneinfo.ZoneInfo(zone),
                day_starts_at=day_starts_at,
                fiscal_year_starts=self.fiscal_year_starts,
                before=clock,
                since=since,
            )
            since = dt.datetime.fromisoformat(until) if until else None
        return cast("Clock", clock)


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

    def locked(self) -> "MemberQuerySet":
        """The rows themselves, held until the transaction ends. Foreign keys may still be made."""
        return self.select_for_update(no_key=True, of=("self",))


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
    operator = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="member",
        verbose_name=_("works in the admin as"),
        help_text=_("An operator decides nothing about what they did as a member."),
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=MemberState.values), name="member_state_is_known"
            ),
        )
        indexes = (
            # Leaderboards leave these out: few, and so found at once.
            models.Index(
                "id",
                name="members_not_shown",
                condition=models.Q(is_staff=True)
                | models.Q(is_hidden=True)
                | models.Q(erased_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.nickname or self.external_id

    @property
    def may_sign_in(self) -> bool:
        """Whether the member's own requests are answered."""
        return self.state == MemberState.ACTIVE and self.erased_at is None


class Scope(models.TextChoices):
    """What an API key allows."""

    ACTIVITIES_WRITE = "activities:write", _("send activities")
    MEMBERS_WRITE = "members:write", _("create and update members")
    MEMBERS_READ = "members:read", _("read members")
    SESSIONS_WRITE = "sessions:write", _("open sessions for members")
    ADJUSTMENTS_WRITE = "adjustments:write", _("adjust points")
    REDEMPTIONS_VERIFY = "redemptions:verify", _("write off vouchers")


class KeyState(models.TextChoices):
    """Whether a key opens the door."""

    LIVE = "live", _("live")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("revoked")


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

    def state(self, *, now: dt.datetime) -> KeyState:
        """Whether the key opens the door at `now`."""
        if self.revoked_at is not None:
            return KeyState.REVOKED
        return KeyState.EXPIRED if self.expires_at and self.expires_at <= now else KeyState.LIVE


class Identity(models.Model):
    """A login of a member: how one app of a provider knows the person.

    `union_id` is the same across the apps of one owner, where the provider tells it.
    """

    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, related_name="identities", verbose_name=_("member")
    )
    provider = models.CharField(_("provider"), max_length=20)
    app_id = IdentifierField(_("app id"), max_length=64, blank=True)
    subject = IdentifierField(_("subject"), max_length=128)
    union_id = IdentifierField(_("union id"), max_length=128, blank=True, db_index=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = (
            models.UniqueConstraint(
                fields=("provider", "app_id", "subject"),
                name="identity_once_per_provider_app_and_subject",
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.app_id}".strip()


class SessionQuerySet(models.QuerySet["Session"]):
    """Filters over sessions."""

    def refreshable(self) -> "SessionQuerySet":
        """Sessions whose refresh token is neither ended nor over."""
        return self.filter(ended_at=None, refresh_expires_at__gt=Now())

    def dead(self, *, since: dt.datetime) -> "SessionQuerySet":
        """Sessions that ended, or could not be refreshed any more, before `since`."""
        return self.alias(died_at=Least("ended_at", "refresh_expires_at")).filter(died_at__lt=since)


class Session(models.Model):
    """One pair of tokens of a member; kept are their digests. A login is a family of pairs.

    A pair that was refreshed stays, so that its refresh token is known when it comes again;
    `salt` is what the next pair was made with (docs/decisions/0008). All instants are the
    database's. Written only under the member's lock.
    """

    member = models.ForeignKey(
        Member,
        on_delete=models.CASCADE,
        related_name="sessions",
        db_index=False,
        verbose_name=_("member"),
    )
    family = models.UUIDField(_("family"))
    access_digest = models.BinaryField(_("SHA-256 digest of the access token"), unique=True)
    refresh_digest = models.BinaryField(_("SHA-256 digest of the refresh token"), unique=True)
    salt = models.BinaryField(_("salt of the next pair"), null=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    access_expires_at = models.DateTimeField(_("access expires at"))
    refresh_expires_at = models.DateTimeField(_("refresh expires at"))
    rotated_at = models.DateTimeField(_("rotated at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(rotated_at=None, salt=None)
                | models.Q(rotated_at__isnull=False, salt__isnull=False),
                name="session_rotates_with_a_salt",
            ),
        )
        indexes = (
            # Ending a family, or all of a member's.
            models.Index(fields=("member", "family"), name="sessions_of_member"),
            # The nightly sweep deletes what has been dead for thirty days.
            models.Index(Least("ended_at", "refresh_expires_at"), name="sessions_by_death"),
        )

    def __str__(self) -> str:
        return f"{self.family}"
