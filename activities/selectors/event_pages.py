"""What operators see of an event while it goes on."""

from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from activities.models import (
    ACTIVE,
    Attendance,
    AttendanceState,
    Booking,
    BookingState,
    Event,
)

SHOWN = 200
"""Rows of each kind that a page names."""


@dataclass(frozen=True, slots=True)
class Present:
    """Who is at an event: how many, of how many who booked, and who came last."""

    attended: int
    booked: int
    booked_came: int
    latest: list[Attendance]


def with_attended(*, among: QuerySet[Event]) -> QuerySet[Event]:
    """Return the events, each with how many attended, as `attended`."""
    came = (
        Attendance.objects.filter(event=OuterRef("pk"))
        .exclude(state=AttendanceState.VOID)
        .order_by()
        .values("event")
        .annotate(count=Count("id"))
        .values("count")
    )
    return among.select_related("host").annotate(attended=Coalesce(Subquery(came), 0))


def present(*, event: int) -> Present:
    """Return who is at the event."""
    came = Attendance.objects.filter(event=event)
    is_in = ~Q(state=AttendanceState.VOID)
    of_those = Q(member__booking__event=event, member__booking__state=BookingState.BOOKED)
    counts = came.filter(is_in).aggregate(
        all=Count("id", distinct=True), booked=Count("id", filter=of_those, distinct=True)
    )
    return Present(
        attended=counts["all"],
        booked=Booking.objects.filter(event=event, state=BookingState.BOOKED).count(),
        booked_came=counts["booked"],
        latest=list(came.select_related("member").order_by("-taken_at", "-id")[:SHOWN]),
    )


def bookings(*, event: int) -> list[Booking]:
    """Return who has a seat, then who was offered one and who waits, in their order."""
    found = Booking.objects.filter(event=event, state__in=ACTIVE).select_related("member")
    return list(found.order_by(F("position").asc(nulls_first=True), "created_at", "id")[:SHOWN])
