"""What events have in common, and the series that makes them again and again."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit.fields import PointsField
from members.models import Member

LONGEST = dt.timedelta(days=14)
"""Of an event; lists look no further back for those that have not ended."""

MOST_SEATS = 100_000
MOST_MINUTES = int(LONGEST / dt.timedelta(minutes=1))


class EventKind(models.TextChoices):
    """Where members meet."""

    OFFLINE = "offline", _("in person")
    ONLINE = "online", _("online")
    LIVE_CLASS = "live_class", _("live class")


class Frequency(models.TextChoices):
    """How a series comes back."""

    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


class Weekday(models.IntegerChoices):
    """ISO's order, from 0."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Nth(models.IntegerChoices):
    """Which of its weekdays in a month."""

    FIRST = 1, _("first")
    SECOND = 2, _("second")
    THIRD = 3, _("third")
    FOURTH = 4, _("fourth")
    LAST = -1, _("last")


class Gathering(models.Model):
    """What an event and the series that makes it have in common."""

    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=5_000, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=EventKind, default=EventKind.OFFLINE)
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.CharField(
        _("link"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"])],
    )
    seats = models.PositiveIntegerField(
        _("seats"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)],
    )
    has_waitlist = models.BooleanField(_("has a waitlist"), default=True)
    claim_minutes = models.PositiveIntegerField(
        _("minutes to claim a seat"),
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
    )
    takes_walk_ins = models.BooleanField(_("takes members without a booking"), default=True)
    level_floor = PointsField(_("lifetime points at least"))
    member_days = models.PositiveIntegerField(
        _("days of membership at least"), default=0, validators=[MaxValueValidator(36_500)]
    )
    min_stay_minutes = models.PositiveIntegerField(
        _("minutes to stay at least"), default=0, validators=[MaxValueValidator(MOST_MINUTES)]
    )
    late_after_minutes = models.PositiveIntegerField(
        _("late after minutes"), default=10, validators=[MaxValueValidator(MOST_MINUTES)]
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class EventSeries(Gathering):
    """Events that come back at the same local time; a job makes them some weeks ahead."""

    host = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        related_name="hosted_series",
        null=True,
        blank=True,
        verbose_name=_("host"),
    )
    frequency = models.CharField(
        _("comes back"), max_length=10, choices=Frequency, default=Frequency.WEEKLY
    )
    step = models.PositiveSmallIntegerField(
        _("every so many"), default=1, validators=[MinValueValidator(1), MaxValueValidator(52)]
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    nth = models.SmallIntegerField(_("of the month, the"), choices=Nth, default=Nth.FIRST)
    begins = models.TimeField(_("begins at"))
    minutes = models.PositiveIntegerField(
        _("length in minutes"),
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    opens_hours = models.PositiveIntegerField(
        _("booking opens hours before"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(8_760)],
    )
    cancel_hours = models.PositiveIntegerField(
        _("cancelling ends hours before"), default=0, validators=[MaxValueValidator(8_760)]
    )
    is_active = models.BooleanField(_("goes on"), default=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("event series")
        verbose_name_plural = _("event series")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="event_series_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(frequency__in=Frequency.values), name="event_series_frequency_is_known"
            ),
            models.CheckConstraint(
                condition=Q(step__range=(1, 52)), name="event_series_takes_a_step"
            ),
            models.CheckConstraint(
                condition=Q(weekday__in=Weekday.values) & Q(nth__in=Nth.values),
                name="event_series_day_is_known",
            ),
            models.CheckConstraint(
                condition=Q(minutes__range=(1, MOST_MINUTES)),
                name="event_series_lasts_two_weeks_at_most",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="event_series_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__range=(1, MOST_SEATS)),
                name="event_series_has_seats_or_no_limit",
            ),
        )
