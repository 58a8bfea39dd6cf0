"""Points set aside: held, then captured or released, exactly once."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django.db import transaction

from kit import bulk
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


@dataclass(frozen=True, slots=True)
class Wish:
    """A hold that is asked for. Its reference has never been used."""

    member: int
    points: int
    reference: str


@transaction.atomic(savepoint=False)
def hold_all(*, wishes: Sequence[Wish], now: dt.datetime) -> set[str]:
    """Set points aside for those who have them, in this order; return the references that hold.

    For a room that keeps a row for each, and so knows that it asks once. The number of statements
    does not depend on how many there are.
    """
    members = {wish.member for wish in wishes}
    program = selectors.program(posting=True)
    book = ledger.open_book(program=program, members=members, lots_of=members)
    shares = {}
    for wish in wishes:
        check(points=wish.points, reference=wish.reference)
        account = book.accounts[wish.member]
        lapse(book, account, source_at(program, reference=wish.reference, now=now))
        if account.spendable >= wish.points:
            shares[wish.reference] = (wish, book.hold(account, wish.points))
    ledger.post(book, program=program)
    made = Hold.objects.bulk_create(
        Hold(member_id=wish.member, points=wish.points, reference=wish.reference)
        for wish, _shares in shares.values()
    )
    Allocation.objects.bulk_create(
        Allocation(lot_id=cast("int", lot.id), hold=held, points=paid)
        for held in made
        for lot, paid in shares[held.reference][1]
    )
    return set(shares)


@transaction.atomic(savepoint=False)
def capture(*, reference: str, reason: str = "", now: dt.datetime) -> Entry:
    """Spend what the hold set aside, once. Raises NoSuchEntry, or HoldResolved if released."""
    _resolve(captures={reference: reason}, releases=(), now=now)
    return Entry.objects.get(reference=f"hold:{reference}")


@transaction.atomic(savepoint=False)
def release(*, reference: str, now: dt.datetime) -> Hold:
    """Give back what the hold set aside, once. Debt is repaid first.

    What a lot that has lapsed meanwhile paid revives or is forfeited, as the program says. Raises
    NoSuchEntry, or HoldResolved if captured.
    """
    _resolve(captures={}, releases=[reference], now=now)
    return Hold.objects.get(reference=reference)


@transaction.atomic(savepoint=False)
def resolve_all(
    *, captures: Mapping[str, str], releases: Collection[str], now: dt.datetime
) -> None:
    """Do what `capture` (a reason by reference) and `release` do, for all of these together.

    The number of statements does not depend on how many there are. Raises what they raise.
    """
    _resolve(captures=captures, releases=releases, now=now)


def _resolve(*, captures: Mapping[str, str], releases: Collection[str], now: dt.datetime) -> None:
    """Lock the accounts of the holds' members, then read the holds: their states are final."""
    wanted = dict.fromkeys(captures, HoldState.CAPTURED) | dict.fromkeys(
        releases, HoldState.RELEASED
    )
    if not wanted:
        return
    named = Hold.objects.filter(reference__in=wanted)
    members = dict(named.values_list("reference", "member_id"))
    if len(members) < len(wanted):
        raise NoSuchEntry
    who = set(members.values())
    program = selectors.program(posting=True)
    book = ledger.open_book(program=program, members=who, lots_of=who, drained_lots=True)
    holds = list(named.order_by("id"))
    if any(held.state not in {HoldState.HELD, wanted[held.reference]} for held in holds):
        raise HoldResolved
    holds = [held for held in holds if held.state == HoldState.HELD]
    paid = _paid_by(holds)
    for held in holds:
        if held.reference in captures:
            _spend(book, program, held, paid[held.id], captures[held.reference], now)
        else:
            _give_back(book, program, held, paid[held.id], now)
    ledger.post(book, program=program)
    _write(holds, paid, wanted, now)


def _paid_by(holds: Sequence[Hold]) -> dict[int, list[Allocation]]:
    """Return what the lots gave to each hold, the newest first."""
    paid: dict[int, list[Allocation]] = {held.id: [] for held in holds}
    for allocation in Allocation.objects.filter(hold__in=paid).order_by("-id"):
        paid[cast("int", allocation.hold_id)].append(allocation)
    return paid


def _spend(
    book: Book,
    program: ProgramInForce,
    held: Hold,
    paid: Sequence[Allocation],
    reason: str,
    now: dt.datetime,
) -> None:
    account = book.accounts[held.member_id]
    by_id = {lot.id: lot for lot in account.lots.values()}
    for allocation in paid:
        by_id[allocation.lot_id].move(remaining=-allocation.points, held=-allocation.points)
    source = source_at(program, reference=f"hold:{held.reference}", reason=reason, now=now)
    book.capture(account, held.points, kind=EntryKind.SPENT.value, source=source)


def _give_back(
    book: Book, program: ProgramInForce, held: Hold, paid: Sequence[Allocation], now: dt.datetime
) -> None:
    account = book.accounts[held.member_id]
    by_id = {lot.id: lot for lot in account.lots.values()}
    shares = []
    rest = held.points - min(held.points, account.debt)
    for allocation in paid:
        lot = by_id[allocation.lot_id]
        lot.move(remaining=-allocation.points, held=-allocation.points)
        shares.append(share_back(program, account, lot, allocation.points, now))
        # What does not come back has repaid debt: there is no entry to say so.
        allocation.returned = min(rest, allocation.points)
        rest -= allocation.returned
    book.release(account, held.points, shares=shares)
    if not program.revive_days:
        source = source_at(program, reference=held.reference, now=now)
        lapse(book, account, source, cause=f"hold:{held.reference}")


def _write(
    holds: Sequence[Hold],
    paid: Mapping[int, Sequence[Allocation]],
    wanted: Mapping[str, HoldState],
    now: dt.datetime,
) -> None:
    """Note on the holds and what paid for them what became of them."""
    spent = [
        f"hold:{one.reference}" for one in holds if wanted[one.reference] == HoldState.CAPTURED
    ]
    entries = dict(Entry.objects.filter(reference__in=spent).values_list("reference", "id"))
    bulk.update(
        Allocation,
        fields=("returned", "entry"),
        rows=[
            (one.id, one.returned, entries.get(f"hold:{held.reference}"))
            for held in holds
            for one in paid[held.id]
        ],
    )
    states = [(held.id, wanted[held.reference].value, now) for held in holds]
    bulk.update(Hold, fields=("state", "resolved_at"), rows=states)
