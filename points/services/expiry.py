"""Writing off what has lapsed, and telling members before it does."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from points import ledger, selectors
from points.models import ExpiryNotice
from points.selectors.expiry import Place
from points.services.spend import lapse, source_at

KEPT = dt.timedelta(days=90)
"""How long notices are kept after the points have lapsed."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a batch of the sweep wrote off, and where the next one goes on, if anywhere."""

    lots: int
    points: int
    place: Place | None


@dataclass(frozen=True, slots=True)
class Told:
    """How many notices a batch made, and where the next one goes on, if anywhere."""

    notices: int
    place: Place | None


@transaction.atomic(savepoint=False)
def lapse_due(*, after: Place | None = None, limit: int = 1_000, now: dt.datetime) -> Swept:
    """Write off the next `limit` lots that have lapsed by the database's clock, an entry a lot.

    Each lot once, whatever else moves points meanwhile: with the accounts locked the lots are
    read again, and what a spend or another sweep has taken is gone. One batch a transaction, for
    it locks accounts by member id. The number of statements does not depend on the batch.
    """
    due = selectors.lapsed_lots(after=after, limit=limit)
    if not due:
        return Swept(0, 0, None)
    last = due[-1]
    program = selectors.program(posting=True)
    members = {place.member for place in due}
    book = ledger.open_book(program=program, members=members, lots_of=members)
    source = source_at(program, reference="expiry", now=now)
    for account in book.accounts.values():
        # Not all that has lapsed: a batch stays as large as it is when the sweep was away for long.
        lapse(book, account, source, until=last.expires_at)
    ledger.post(book, program=program)
    points = -sum(line.points for line in book.lines)
    return Swept(len(book.lines), points, last if len(due) == limit else None)


@transaction.atomic(savepoint=False)
def tell_what_lapses(*, after: Place | None = None, limit: int = 5_000, now: dt.datetime) -> Told:
    """Make the notices that are due by the next `limit` lots, each once per date and step.

    A step is due from its day on until the next one's. So a late run makes a notice late, and one
    notice where several days were missed; points that come within a step bring its notice at once.
    """
    found = selectors.notices_due(after=after, limit=limit, now=now)
    made = ExpiryNotice.objects.bulk_create(
        [
            ExpiryNotice(member_id=one.member, expires_on=one.expires_on, step_days=one.step_days)
            for one in found.notices
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )
    return Told(len(made), found.place)


@transaction.atomic(savepoint=False)
def forget_notices(*, member: int) -> int:
    """Drop the notices of a member who is nobody any more. Returns how many there were."""
    return ExpiryNotice.objects.filter(member=member).delete()[0]


@transaction.atomic(savepoint=False)
def purge_notices(*, now: dt.datetime, limit: int = 50_000) -> int:
    """Drop notices of points that have lapsed long ago, `limit` at most. Returns how many."""
    over = ExpiryNotice.objects.filter(expires_on__lt=(now - KEPT).date())
    ids = list(over.order_by("id").values_list("id", flat=True)[:limit])
    return ExpiryNotice.objects.filter(id__in=ids).delete()[0]
