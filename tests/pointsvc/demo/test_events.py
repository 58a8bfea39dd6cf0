"""The demo community meets: it has met for a month, and has something to look forward to."""

import pytest
from django.db.models import Count, Q
from django.utils import timezone

from activities.models import Activity, Attendance, Booking, Event
from points.models import Entry
from points.selectors import reconcile
from pointsvc.demo.events import load_events
from pointsvc.demo.reported import load_reported

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_month_of_events_and_some_to_come() -> None:
    now = timezone.now()
    load_reported(now=now, seed=0)
    load_events(now=now, seed=0)
    past = Event.objects.filter(state="closed")
    assert past.count() >= 4
    assert Event.objects.filter(state="published", starts_at__gt=now).count() >= 5
    came = past.annotate(came=Count("attendances", filter=Q(attendances__state="counted")))
    assert all(event.came >= 3 for event in came)
    assert set(Attendance.objects.values_list("way", flat=True)) == {"code", "list"}
    assert Attendance.objects.filter(late_minutes__gt=0).exists()
    assert Booking.objects.filter(missed_at__isnull=False).exists()
    live = Event.objects.get(kind="live_class")
    assert (live.booked, live.seats) == (12, 12)
    assert live.waiting >= 3
    assert Activity.objects.filter(action="event.hosted").exists()
    assert reconcile().is_clean


def test_events_are_loaded_once_and_earn_once() -> None:
    now = timezone.now()
    load_reported(now=now, seed=0)
    load_events(now=now, seed=0)
    counts = Entry.objects.count(), Booking.objects.count()
    load_events(now=now, seed=0)
    assert (Entry.objects.count(), Booking.objects.count()) == counts
    granted = Entry.objects.filter(activity__startswith="~event.attended")
    assert granted.exists()
    assert granted.count() == granted.values("activity").distinct().count()
