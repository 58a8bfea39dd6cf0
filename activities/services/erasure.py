"""Forgetting what activities told of a member."""

from django.db import transaction

from activities.models import Activity, CheckIn, Reversal


@transaction.atomic(savepoint=False)
def forget_member(*, member: int) -> int:
    """Drop what other systems told of the member's activities, and why any was taken back.

    That they happened, and what was made of them, stays: the ledger rests on it. Returns how many
    activities had something to drop.
    """
    theirs = Activity.objects.filter(member=member)
    # A check-in is taken back with a reason, so something stands in its place.
    CheckIn.objects.filter(member=member).exclude(reason__in=("", "-")).update(reason="-")
    Reversal.objects.filter(activity__in=theirs.values("id")).exclude(reason="").update(reason="")
    return theirs.exclude(data={}).update(data={})
