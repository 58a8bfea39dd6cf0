"""Where goods go: taken, changed while nobody packs them, and dropped when it is not needed."""

import datetime as dt
from collections.abc import Mapping
from typing import cast

from django.db import transaction
from django.db.models import Q

import points.selectors
from kit.jobs import database_now
from kit.transactions import durable
from rewards.errors import AddressNotTaken, RedemptionDecided
from rewards.models import ENDED, Kind, Redemption
from rewards.program_file import RedemptionsSection
from rewards.selectors import Opened, opened, redemption
from rewards.services.exits import CANCELLABLE
from rewards.services.redeem import seal_address

AT_ONCE = 1_000


@durable
def set_address(*, id: int, member: int, address: Mapping[str, str]) -> Opened:  # noqa: A002 - its name
    """Say where the goods of a redemption of one's own go, until somebody packs them.

    Raises NoSuchRedemption, AddressNotTaken, and RedemptionDecided where it is too late.
    """
    found = redemption(id=id, member=member)
    if found.kind != Kind.PHYSICAL:
        raise AddressNotTaken
    locked = Redemption.objects.select_for_update(no_key=True).get(id=found.id)
    overdue = locked.waits_until_at is not None and locked.waits_until_at <= database_now()
    if locked.state not in CANCELLABLE or overdue:
        raise RedemptionDecided(state=locked.state)
    found.address = seal_address(address=address)
    found.waits_until_at = locked.waits_until_at if locked.is_of_a_window else None
    found.save(update_fields=["address", "waits_until_at"])
    found.state = locked.state
    return opened(redemption=found)


@transaction.atomic(savepoint=False)
def drop_addresses(*, now: dt.datetime) -> int:
    """Drop addresses that nobody needs any more, some of them; return how many.

    An address goes with a redemption that ended, or days after it was fulfilled: as many as the
    program says.
    """
    said = points.selectors.program().sections["redemptions"]
    days = dt.timedelta(days=cast("RedemptionsSection", said).address_days)
    over = Q(fulfilled_at__lte=now - days) | Q(state__in=ENDED)
    held = Redemption.objects.filter(over, address__isnull=False).order_by("id")
    locked = held.select_for_update(skip_locked=True, no_key=True)
    ids = list(locked.values_list("id", flat=True)[:AT_ONCE])
    return Redemption.objects.filter(id__in=ids).update(address=None)
