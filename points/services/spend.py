"""Taking points, giving them back, and correcting by hand."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.bulk import sendable
from kit.errors import Invalid
from kit.fields import POINTS_LIMIT, is_identifier
from points import ledger, selectors
from points.book import NEVER, AccountState, Book, LotState, Share, Source
from points.errors import InsufficientPoints, NoSuchEntry, ReferenceReused, RefundTooLarge
from points.models import Allocation, Entry, EntryKind, Overdraft
from points.rules import ProgramInForce, expires_at, revives_until

LONGEST_REFERENCE = 200
"""Of a caller's: what the ledger puts around it must fit into an entry's."""


@transaction.atomic(savepoint=False)
def spend(*, member: int, points: int, reference: str, reason: str = "", now: dt.datetime) -> Entry:
    """Take points from the lots, earliest expiry first, once per `reference`.

    Raises InsufficientPoints, ReferenceReused if the reference names another movement, or Invalid
    if `points` is not a whole number from 1 to a million million.
    """
    check(points=points, reference=reference)
    program = selectors.program(posting=True)
    book = ledger.open_book(
        program=program, members=[member], references=[reference], lots_of=[member]
    )
    if reference in book.known:
        return same_entry(reference=reference, member=member, kind=EntryKind.SPENT, points=-points)
    account = book.accounts[member]
    source = source_at(program, reference=reference, reason=reason, now=now)
    lapse(book, account, source)
    require(account, points)
    book.debit(account, points, kind=EntryKind.SPENT.value, source=source)
    ledger.post(book, program=program)
    return Entry.objects.get(reference=reference)


@transaction.atomic(savepoint=False)
def refund(
    *, spent: str, points: int | None = None, reference: str, reason: str = "", now: dt.datetime
) -> Entry:
    """Give back what the spend with the reference `spent` took, once per `reference`.

    `points` defaults to all that has not come back yet. The points return to the lots that paid,
    newest allocation first; what a lapsed lot paid revives or is forfeited, as the program says.
    Raises NoSuchEntry, RefundTooLarge, ReferenceReused or Invalid.
    """
    check(points=1 if points is None else points, reference=reference)
    original = Entry.objects.filter(reference=spent, kind=EntryKind.SPENT).first()
    if original is None:
        raise NoSuchEntry
    member, said = original.member_id, {"refunds": spent}
    program = selectors.program(posting=True)
    book = ledger.open_book(
        program=program,
        members=[member],
        references=[reference],
        lots_of=[member],
        drained_lots=True,
    )
    if reference in book.known:
        return same_entry(
            reference=reference, member=member, kind=EntryKind.REFUNDED, points=points, said=said
        )
    owed = _owed(original)
    points = owed if points is None else points
    if not 1 <= points <= owed:
        raise RefundTooLarge
    source = source_at(program, reference=reference, reason=reason, said=said, now=now)
    kind = EntryKind.REFUNDED.value
    give_back(book, program, original, points=points, kind=kind, source=source, now=now)
    ledger.post(book, program=program)
    return Entry.objects.get(reference=reference)


def _owed(spent: Entry) -> int:
    allocations = Allocation.objects.filter(entry=spent)
    return sum(allocation.points - allocation.returned for allocation in allocations)


@transaction.atomic(savepoint=False)
def adjust(*, member: int, points: int, reference: str, reason: str, now: dt.datetime) -> Entry:
    """Add or take points by hand, once per `reference`, with a reason.

    An adjustment counts neither for the level nor for standings. A negative one beyond the
    balance becomes debt or stops at zero, as the program says; raises InsufficientPoints if that
    leaves nothing to take, ReferenceReused if the reference names another movement, Invalid if
    `points` is 0 or out of bounds.
    """
    check(points=points, reference=reference, either_way=True)
    said = {"asked": points}
    program = selectors.program(posting=True)
    book = ledger.open_book(
        program=program, members=[member], references=[reference], lots_of=[member]
    )
    if reference in book.known:
        return same_entry(reference=reference, member=member, kind=EntryKind.ADJUSTED, said=said)
    account = book.accounts[member]
    source = source_at(program, reference=reference, reason=reason, said=said, now=now)
    if points > 0:
        lapses_at = expires_at(program=program, now=now)
        kind = EntryKind.ADJUSTED.value
        book.credit(account, points, kind=kind, source=source, expires_at=lapses_at)
    else:
        lapse(book, account, source)
        taken = -points
        if program.overdraft == Overdraft.FLOOR:
            taken = min(taken, account.available)
            require(account, max(taken, 1))
        book.debit(account, taken, kind=EntryKind.ADJUSTED.value, source=source)
    ledger.post(book, program=program)
    return Entry.objects.get(reference=reference)


# --- Shared by the services that move points ----------------------------------------------------


def source_at(
    program: ProgramInForce,
    *,
    reference: str,
    reason: str = "",
    reverses: int | None = None,
    said: Mapping[str, Any] | None = None,
    now: dt.datetime,
) -> Source:
    """Return the source of a movement that happens now."""
    return Source(
        reference,
        now,
        program.clock.local_date(now),
        reason=sendable(reason),
        reverses=reverses,
        explanation=said or {},
    )


def check(*, points: int, reference: str, either_way: bool = False) -> None:
    """Refuse points and references that the ledger cannot hold (I12). Raises Invalid."""
    lowest = -POINTS_LIMIT if either_way else 1
    if type(points) is not int or not lowest <= points <= POINTS_LIMIT or points == 0:
        raise Invalid(_("Points are a whole number, at most a million million."))
    if len(reference) > LONGEST_REFERENCE or not is_identifier(reference):
        raise Invalid(_("A reference is printable, and not too long."))


def same_entry(
    *,
    reference: str,
    member: int,
    kind: str,
    points: int | None = None,
    said: Mapping[str, Any] | None = None,
) -> Entry:
    """Return the entry that the reference names already; it must be the same movement."""
    entry = Entry.objects.get(reference=reference)
    same = (
        (entry.member_id, entry.kind) == (member, kind)
        and points in {None, entry.points}
        and (said is None or entry.explanation == said)
    )
    if not same:
        raise ReferenceReused
    return entry


def require(account: AccountState, points: int) -> None:
    """Refuse if the account's live lots hold less."""
    if account.spendable < points:
        raise InsufficientPoints(available=account.spendable, missing=points - account.spendable)


def lapse(
    book: Book,
    account: AccountState,
    source: Source,
    *,
    cause: str = "",
    until: dt.datetime = NEVER,
) -> None:
    """Write off the account's lots that have lapsed `until` then: what is left can be spent."""
    reference = f"expiry:{cause}" if cause else "expiry"
    named = Source(reference, source.occurred_at, source.occurred_on)
    book.lapse(account, kind=EntryKind.EXPIRED.value, source=named, until=until)


def give_back(
    book: Book,
    program: ProgramInForce,
    original: Entry,
    *,
    points: int,
    kind: str,
    source: Source,
    now: dt.datetime,
) -> None:
    """Return points to the lots that paid for `original`, newest allocation first.

    What no lot paid (it had become debt, and was repaid since) is granted anew.
    """
    account = book.accounts[original.member_id]
    by_id = {lot.id: lot for lot in account.lots.values()}
    shares = []
    left = points
    for allocation in Allocation.objects.filter(entry=original).order_by("-id"):
        back = min(left, allocation.points - allocation.returned)
        if back:
            left -= back
            shares.append(share_back(program, account, by_id[allocation.lot_id], back, now))
            # Not F("returned") + back: Django sends a bare number as a 32-bit one, which wraps.
            allocation.returned += back
            allocation.save(update_fields=["returned"])
    lapses_at = expires_at(program=program, now=now)
    book.credit(account, points, kind=kind, source=source, lots=shares, expires_at=lapses_at)
    if not program.revive_days:
        lapse(book, account, source, cause=source.reference)


def share_back(
    program: ProgramInForce, account: AccountState, lot: LotState, points: int, now: dt.datetime
) -> Share:
    """Say where points go that come back to a lot: to it, or, if it has lapsed, where they revive.

    Without revival they go back to the lapsed lot, for `lapse` to write off.
    """
    if lot.lapsed and program.revive_days:
        revived = account.lot(revives_until(program=program, now=now))
        return Share(revived, points, is_grant=True)
    return Share(lot, points)
