"""What the community meets for. Its row counts its seats, and is the lock of all that is its.

Whatever belongs to an event is written under the lock of the event's row, taken after accounts.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from activities.models.series import LONGEST, MOST_SEATS, EventKind, EventSeries, Gathering
from members.models import Member


class EventState(models.TextChoices):
    """How far an event has come. Closed ones are over, and their no-shows are counted."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    CANCELLED = "cancelled", _("cancelled")
    CLOSED = "closed", _("closed")


class Event(Gathering):
    """One gathering. Its row counts its seats: `booked` ones, and members `waiting` for one.

    `places` is the last place of the waitlist that was given out.
    """

    host = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        related_name="hosted_events",
        null=True,
        blank=True,
        verbose_name=_("host"),
    )
    series = models.ForeignKey(
        EventSeries,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("series"),
    )
    series_on = models.DateField(_("day in the series"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    booking_opens_at = models.DateTimeField(_("booking opens at"), null=True, blank=True)
    cancel_until_at = models.DateTimeField(_("may be cancelled until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=EventState, default=EventState.DRAFT
    )
    booked = models.PositiveIntegerField(_("booked"), default=0)
    waiting = models.PositiveIntegerField(_("waiting"), default=0)
    places = models.PositiveIntegerField(_("places given out"), default=0)
    cancellation = models.CharField(_("why it was cancelled"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=EventState.values), name="event_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="event_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + LONGEST),
                name="event_lasts_two_weeks_at_most",
            ),
            models.CheckConstraint(
                condition=Q(booking_opens_at=None) | Q(booking_opens_at__lt=F("starts_at")),
                name="event_booking_opens_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(cancel_until_at=None) | Q(cancel_until_at__lte=F("starts_at")),
                name="event_cancelling_ends_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__range=(1, MOST_SEATS)),
                name="event_has_seats_or_no_limit",
            ),
            models.CheckConstraint(
                condition=Q(booked__gte=0) & (Q(seats=None) | Q(booked__lte=F("seats"))),
                name="event_books_no_more_than_its_seats",
            ),
            models.CheckConstraint(
                condition=Q(waiting=0) | Q(seats__isnull=False, booked=F("seats")),
                name="event_members_wait_only_while_it_is_full",
            ),
            models.CheckConstraint(
                condition=Q(waiting__range=(0, F("places"))), name="event_who_waits_has_a_place"
            ),
            models.CheckConstraint(
                condition=Q(series=None, series_on=None)
                | Q(series__isnull=False, series_on__isnull=False),
                name="event_of_a_series_has_a_day",
            ),
            models.UniqueConstraint(
                fields=("series", "series_on"), name="event_once_per_series_and_day"
            ),
        )
        indexes = (
            # What comes next, and what is on; the admin's list.
            models.Index(fields=("starts_at", "id"), name="events_by_start"),
            # Those that the jobs look for.
            models.Index(
                fields=("ends_at",),
                condition=Q(state=EventState.PUBLISHED),
                name="events_to_close",
            ),
            models.Index(
                fields=("starts_at",), condition=Q(waiting__gt=0), name="events_waited_for"
            ),
        )
