"""Forgetting what redemptions tell of a member."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from rewards.models import Redemption
from rewards.services.exits import close_redemptions


@transaction.atomic(savepoint=False)
def forget_member(*, member: int, now: dt.datetime) -> int:
    """Cancel what the member has not got yet, and drop where anything was sent.

    That things were redeemed stays: the ledger rests on it. Returns how many redemptions had
    something to drop.
    """
    closed = close_redemptions(member=member, now=now)
    theirs = Redemption.objects.filter(member=member)
    telling = theirs.filter(Q(address__isnull=False) | ~Q(tracking_number=""))
    return closed + telling.update(address=None, tracking_number="")
