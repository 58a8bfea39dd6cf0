"""Who has a seat, who waits for one, and who was there."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from activities.models.events import Event
from members.models import Member


class BookingState(models.TextChoices):
    """Where a member stands with an event. An offered seat is kept until the offer lapses."""

    BOOKED = "booked", _("booked")
    WAITING = "waiting", _("waiting")
    OFFERED = "offered", _("seat offered")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("lapsed")


ACTIVE = (BookingState.BOOKED, BookingState.WAITING, BookingState.OFFERED)
SEATED = (BookingState.BOOKED, BookingState.OFFERED)
"""Those who take up a seat."""


class AttendanceState(models.TextChoices):
    """What came of an attendance."""

    HERE = "here", _("here")
    COUNTED = "counted", _("counted")
    SHORT = "short", _("stayed too short")
    VOID = "void", _("void")


class AttendanceWay(models.TextChoices):
    """How it was taken."""

    CODE = "code", _("the event's code")
    SCAN = "scan", _("scanned by staff")
    LIST = "list", _("from a list")


class Booking(models.Model):
    """A member's seat in an event, or place in the line for one. One row a member and event."""

    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        related_name="bookings",
        db_index=False,
        verbose_name=_("event"),
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("member"))
    state = models.CharField(_("state"), max_length=10, choices=BookingState)
    position = models.PositiveIntegerField(_("place in the waitlist"), null=True)
    offer_expires_at = models.DateTimeField(_("offered until"), null=True)
    missed_at = models.DateTimeField(_("missed at"), null=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    changed_at = models.DateTimeField(_("changed at"), db_default=Now())

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = (
            models.UniqueConstraint(
                fields=("event", "member"), name="booking_once_per_event_and_member"
            ),
            models.UniqueConstraint(
                fields=("event", "position"), name="booking_place_is_given_out_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=BookingState.values), name="booking_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(BookingState.WAITING, BookingState.OFFERED))
                | Q(position__isnull=False),
                name="booking_waits_at_a_place",
            ),
            models.CheckConstraint(
                condition=Q(state=BookingState.OFFERED, offer_expires_at__isnull=False)
                | (~Q(state=BookingState.OFFERED) & Q(offer_expires_at=None)),
                name="booking_is_offered_until_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(missed_at=None) | Q(state=BookingState.BOOKED),
                name="booking_is_missed_only_by_who_had_it",
            ),
        )
        indexes = (
            # Offers that lapse.
            models.Index(
                fields=("offer_expires_at",),
                condition=Q(state=BookingState.OFFERED),
                name="bookings_offered",
            ),
            # A member's no-shows.
            models.Index(
                fields=("member", "missed_at"),
                condition=Q(missed_at__isnull=False),
                name="bookings_missed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id}: {self.member_id} ({self.state})"

    @property
    def is_active(self) -> bool:
        """Whether the member has a seat, or stands in line for one."""
        return self.state in ACTIVE


class Attendance(models.Model):
    """A member was at an event: once, whatever the way it was taken."""

    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        related_name="attendances",
        db_index=False,
        verbose_name=_("event"),
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, verbose_name=_("member"))
    way = models.CharField(_("way"), max_length=10, choices=AttendanceWay)
    state = models.CharField(_("state"), max_length=10, choices=AttendanceState)
    arrived_at = models.DateTimeField(_("arrived at"))
    left_at = models.DateTimeField(_("left at"), null=True)
    late_minutes = models.PositiveIntegerField(_("minutes late"), default=0)
    minutes = models.PositiveIntegerField(_("minutes"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    taken_at = models.DateTimeField(_("taken at"), db_default=Now())

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = (
            models.UniqueConstraint(
                fields=("event", "member"), name="attendance_once_per_event_and_member"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AttendanceState.values), name="attendance_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(way__in=AttendanceWay.values), name="attendance_way_is_known"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("arrived_at")),
                name="attendance_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id}: {self.member_id}"
