"""Forgetting what redemptions tell of a member."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from rewards.models import Packet, Redemption
from rewards.services.exits import close_redemptions
from rewards.services.windows import withdraw_requests


@transaction.atomic(savepoint=False)
def leave_store(*, member: int, now: dt.datetime) -> int:
    """Cancel what the member has not got yet or asks for in windows; return how much that was.

    Locks the member's account where there is anything: call it before the member is locked.
    """
    closed = close_redemptions(member=member, now=now)
    return closed + withdraw_requests(member=member, now=now)


@transaction.atomic(savepoint=False)
def forget_member(*, member: int, now: dt.datetime) -> int:
    """Cancel what the member has not got yet or asks for, and drop addresses and greetings.

    That things were redeemed stays: the ledger rests on it. Returns how many redemptions had
    something to drop.
    """
    closed = leave_store(member=member, now=now)
    theirs = Redemption.objects.filter(member=member)
    telling = theirs.filter(Q(address__isnull=False) | ~Q(tracking_number=""))
    Packet.objects.filter(sender=member).exclude(greeting="").update(greeting="")
    return closed + telling.update(address=None, tracking_number="")
