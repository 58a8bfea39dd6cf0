"""Forgetting what activities told of a member."""

from django.db import transaction

from activities.models import Activity, Attendance, CheckIn, Reversal
from activities.services.bookings import leave_events
from activities.services.posts import forget_posts


@transaction.atomic(savepoint=False)
def forget_member(*, member: int) -> int:
    """Drop what other systems told of the member's activities, and what the member wrote here.

    That they happened, and what was made of them, stays: the ledger rests on it. Why any was taken
    back goes too, and seats in events to come go to others. Returns how many rows had something to
    drop.
    """
    # Posts before activities, as everywhere: whoever deletes one locks its row first.
    dropped = forget_posts(member=member)
    theirs = Activity.objects.filter(member=member)
    # A check-in is taken back with a reason, so something stands in its place.
    CheckIn.objects.filter(member=member).exclude(reason__in=("", "-")).update(reason="-")
    Reversal.objects.filter(activity__in=theirs.values("id")).exclude(reason="").update(reason="")
    dropped += leave_events(member=member)
    dropped += Attendance.objects.filter(member=member).exclude(reason="").update(reason="")
    return dropped + theirs.exclude(data={}).update(data={})
