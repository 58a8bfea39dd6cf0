"""Forgetting what brakes have counted."""

import datetime as dt

from django.db import transaction

from points.models import BrakeUsage

KEPT = dt.timedelta(days=100)
"""From when a window starts: longer than the longest of them, a quarter."""


@transaction.atomic(savepoint=False)
def purge_brake_counters(*, now: dt.datetime) -> int:
    """Drop the counters of windows that are over; return how many.

    One that a late activity still moves is dropped before it or counts anew after it: a counter is
    moved by one statement, which makes it if it is not there.
    """
    return BrakeUsage.objects.filter(starts_at__lt=now - KEPT).delete()[0]
