"""Points set aside: held, then captured or released, exactly once."""

import datetime as dt
from typing import cast

from django.db import transaction

from points import ledger, selectors
from points.book import Book
from points.errors import HoldResolved, NoSuchEntry, ReferenceReused
from points.models import Allocation, Entry, EntryKind, Hold, HoldState
from points.rules import ProgramInForce
from points.services.spend import check, lapse, require, share_back, source_at


@transaction.atomic(savepoint=False)
def hold(*, member: int, points: int, reference: str, now: dt.datetime) -> Hold:
    """Set points aside, once per `reference`: they can neither be spent nor lapse.

    Raises InsufficientPoints, ReferenceReused if the reference names another hold, or Invalid if
    `points` is not a whole number from 1 to a million million.
    """
    check(points=points, reference=reference)
    program = selectors.program(posting=True)
    book = ledger.open_book(program=program, members=[member], lots_of=[member])
    known = Hold.objects.filter(reference=reference).first()
    if known is not None:
        if (known.member_id, known.points) != (member, points):
            raise ReferenceReused
        return known
    account = book.accounts[member]
    lapse(book, account, source_at(program, reference=reference, now=now))
    require(account, points)
    shares = book.hold(account, points)
    ledger.post(book, program=program)
    # Lots that pay were read, so they have an id.
    held, is_new = Hold.objects.get_or_create(
        reference=reference, defaults={"member_id": member, "points": points}
    )
    if not is_new:  # another member's, made meanwhile
        raise ledger.ReferenceTaken
    Allocation.objects.bulk_create(
        Allocation(lot_id=cast("int", lot.id), hold=held, points=paid) for lot, paid in shares
    )
    return held


@transaction.atomic(savepoint=False)
def capture(*, reference: str, reason: str = "", now: dt.datetime) -> Entry:
    """Spend what the hold set aside, once. Raises NoSuchEntry, or HoldResolved if released."""
    held, book, program = _open(reference)
    spent = f"hold:{reference}"
    if held.state == HoldState.CAPTURED:
        return Entry.objects.get(reference=spent)
    if held.state == HoldState.RELEASED:
        raise HoldResolved
    account = book.accounts[held.member_id]
    by_id = {lot.id: lot for lot in account.lots.values()}
    for allocation in Allocation.objects.filter(hold=held):
        by_id[allocation.lot_id].move(remaining=-allocation.points, held=-allocation.points)
    source = source_at(program, reference=spent, reason=reason, now=now)
    book.capture(account, held.points, kind=EntryKind.SPENT.value, source=source)
    ledger.post(book, program=program)
    entry = Entry.objects.get(reference=spent)
    Allocation.objects.filter(hold=held).update(entry=entry)
    _resolve(held, HoldState.CAPTURED, now)
    return entry


@transaction.atomic(savepoint=False)
def release(*, reference: str, now: dt.datetime) -> Hold:
    """Give back what the hold set aside, once. Debt is repaid first.

    What a lot that has lapsed meanwhile paid revives or is forfeited, as the program says. Raises
    NoSuchEntry, or HoldResolved if captured.
    """
    held, book, program = _open(reference)
    if held.state == HoldState.RELEASED:
        return held
    if held.state == HoldState.CAPTURED:
        raise HoldResolved
    account = book.accounts[held.member_id]
    by_id = {lot.id: lot for lot in account.lots.values()}
    allocations = list(Allocation.objects.filter(hold=held).order_by("-id"))
    shares = []
    rest = held.points - min(held.points, account.debt)
    for allocation in allocations:
        lot = by_id[allocation.lot_id]
        lot.move(remaining=-allocation.points, held=-allocation.points)
        shares.append(share_back(program, account, lot, allocation.points, now))
        # What does not come back has repaid debt: there is no entry to say so.
        allocation.returned = min(rest, allocation.points)
        rest -= allocation.returned
    Allocation.objects.bulk_update(allocations, ["returned"])
    book.release(account, held.points, shares=shares)
    if not program.revive_days:
        source = source_at(program, reference=reference, now=now)
        lapse(book, account, source, cause=f"hold:{reference}")
    ledger.post(book, program=program)
    return _resolve(held, HoldState.RELEASED, now)


def _open(reference: str) -> tuple[Hold, Book, ProgramInForce]:
    """Lock the account of the hold's member, then read the hold: its state is final under it."""
    member = Hold.objects.filter(reference=reference).values_list("member_id", flat=True).first()
    if member is None:
        raise NoSuchEntry
    program = selectors.program(posting=True)
    book = ledger.open_book(program=program, members=[member], lots_of=[member], drained_lots=True)
    return Hold.objects.get(reference=reference), book, program


def _resolve(held: Hold, state: HoldState, now: dt.datetime) -> Hold:
    held.state = state
    held.resolved_at = now
    held.save(update_fields=["state", "resolved_at"])
    return held
