"""Taking entries back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Sum

from kit.transactions import RetryTransaction
from points import ledger, selectors
from points.book import AccountState, Book, LotState, Source
from points.models import Allocation, Entry, EntryKind, Overdraft, PendingAward, PendingState
from points.rules import ProgramInForce, revives_until
from points.services.pending import caps_of, drop_in, finish, still_waiting
from points.services.spend import give_back, lapse, source_at


class AwardSettled(RetryTransaction):
    """One of the awards was released or dropped meanwhile: start over and find what it is now."""


@transaction.atomic(savepoint=False)
def reverse(*, references: Sequence[str], reason: str = "", now: dt.datetime) -> list[Entry]:
    """Counter the entries with these references, each once, and return the countering entries.

    What was granted is taken back: from its own lot first, then from the others, then by the
    program's overdraft policy. What was taken, and has not been refunded since, is given back to
    the lots that paid. Level score, standings and caps move back with it. An award that waits yet
    is dropped. Absent references, and reversals themselves, are left alone.
    """
    # Before the entries: an award that is released in between has its entry by then.
    waiting = list(PendingAward.objects.waiting().filter(reference__in=references).order_by("id"))
    entries = list(
        Entry.objects.filter(reference__in=references)
        .exclude(kind__in=[EntryKind.REVERSED, EntryKind.FORGIVEN, EntryKind.EXPIRED])
        .order_by("-id")
    )
    if not entries and not waiting:
        return []
    program = selectors.program(posting=True)
    book = _open(program, entries, waiting)
    if waiting and len(still_waiting(waiting)) < len(waiting):
        raise AwardSettled
    for account in book.accounts.values():
        lapse(book, account, source_at(program, reference="expiry", now=now))
    if book.lines:
        # What has lapsed is written first: a reversal looks up how much of its entry that was.
        ledger.post(book, program=program)
        book = _open(program, entries, waiting)
    drop_in(book, waiting)
    for entry in entries:
        if _name(entry) not in book.known:
            _counter(book, program, entry, reason, now)
    ledger.post(book, program=program)
    finish(waiting, PendingState.DROPPED, now=now)
    return list(Entry.objects.filter(reverses__in=entries).order_by("id"))


def _open(
    program: ProgramInForce, entries: Sequence[Entry], waiting: Sequence[PendingAward]
) -> Book:
    undone: list[Entry | PendingAward] = [*entries, *waiting]
    members = {one.member_id for one in undone}
    return ledger.open_book(
        program=program,
        members=members,
        references=[_name(entry) for entry in entries],
        caps={key: 0 for one in undone for key in caps_of(one)},
        lots_of=members,
        drained_lots=True,
    )


def _name(entry: Entry) -> str:
    return f"reversal:{entry.id}"


def _counter(
    book: Book, program: ProgramInForce, entry: Entry, reason: str, now: dt.datetime
) -> None:
    account = book.accounts[entry.member_id]
    source = source_at(program, reference=_name(entry), reason=reason, reverses=entry.id, now=now)
    kind = EntryKind.REVERSED.value
    if entry.points < 0:
        back = _not_back_yet(entry)
        if back:
            give_back(book, program, entry, points=back, kind=kind, source=source, now=now)
        return
    first = account.lots.get(entry.expires_at)
    if first is not None and first.lapsed:
        first = _revive_lapsed(book, program, account, first, entry, source)
    line = book.debit(account, entry.points, kind=kind, source=source, first=first)
    if line.debt_moved and program.overdraft == Overdraft.FLOOR:
        _forgive(book, account, line.debt_moved, source)
    if entry.kind == EntryKind.EARNED:
        book.unearn(account, entry.points, day=entry.occurred_on)
        for key in caps_of(entry):
            book.use_cap(key, -entry.points)


def _not_back_yet(entry: Entry) -> int:
    """Return how much of what the entry took has not been refunded since."""
    returned = Allocation.objects.filter(entry=entry).aggregate(sum=Sum("returned"))["sum"]
    return -entry.points - (returned or 0)


def _revive_lapsed(
    book: Book,
    program: ProgramInForce,
    account: AccountState,
    lot: LotState,
    entry: Entry,
    source: Source,
) -> LotState:
    """Give back what of the entry has lapsed, for the reversal to take: not twice from the member.

    Returns the lot that holds it.
    """
    left = entry.points
    lapses = Allocation.objects.filter(lot=lot.id, entry__kind=EntryKind.EXPIRED).order_by("id")
    for allocation in lapses:
        back = min(left, allocation.points - allocation.returned)
        left -= back
        if back:
            returned = allocation.returned + back
            Allocation.objects.filter(id=allocation.id).update(returned=returned)
    day = revives_until(program=program, now=source.occurred_at)
    if left < entry.points:
        named = replace(source, reference=f"lapsed:{source.reference}", reverses=None)
        kind = EntryKind.FORGIVEN.value
        book.credit(account, entry.points - left, kind=kind, source=named, expires_at=day)
    return account.lot(day)


def _forgive(book: Book, account: AccountState, debt: int, source: Source) -> None:
    """Stop at zero: the part that would have become debt is given back at once, as an entry."""
    named = Source(f"forgiven:{source.reference}", source.occurred_at, source.occurred_on)
    book.credit(account, debt, kind=EntryKind.FORGIVEN.value, source=named, expires_at=None)
