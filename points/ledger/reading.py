"""Opening a book: lock the accounts, then read what the batch will need."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection

from kit.bulk import column
from kit.transactions import RetryTransaction
from points.book import AccountState, Book, BrakeKey, BrakeState, CapKey, CapState, LotState
from points.ledger.statements import LOCK_ACCOUNTS, MAKE_ACCOUNTS, READ, READ_BRAKES
from points.rules import ProgramInForce
from points.selectors.program import forget_program


class ProgramChanged(RetryTransaction):
    """The program was loaded anew after the caller read it: read it again and start over."""


def open_book(
    *,
    program: ProgramInForce,
    members: Collection[int],
    references: Sequence[str] = (),
    caps: Mapping[CapKey, int] | None = None,
    lots_of: Collection[int] = (),
    drained_lots: bool = False,
    brakes: Collection[BrakeKey] = (),
) -> Book:
    """Lock the members' accounts and return them as a book. Call inside a transaction.

    `program` is what `selectors.program(posting=True)` remembers; here it is seen to be in force,
    and it stays so until the transaction ends. Accounts that do not exist yet are made. `caps`
    names the uses of caps to read, with their limits, `lots_of` the members whose lots are read
    (those that a debit or a hold may touch); `drained_lots` reads empty ones too. `brakes` names
    the counters to read, and with them when their members joined. Raises ProgramChanged if
    `program` is not in force.
    """
    book = Book(accounts=_lock(sorted(members)))
    keys = caps or {}
    wanted = [*_columns(keys), integers(lots_of), drained_lots, column(references)]
    if brakes:
        wanted += [column(values) for values in zip(*brakes, strict=True)]
        wanted.append(integers({member for member, *_rest in brakes}))
    with connection.cursor() as cursor:
        cursor.execute(READ_BRAKES if brakes else READ, wanted)
        revision, used, lots, known, *watched = cursor.fetchone()
    if revision != program.revision:
        forget_program()
        raise ProgramChanged
    book.caps = {key: CapState(used=0, limit=limit) for key, limit in keys.items()}
    for member_id, cap_id, starts_text, points in used or ():
        book.caps[member_id, cap_id, dt.date.fromisoformat(starts_text)].used = points
    for member_id, expires_text, *lot_state in lots or ():
        expires_at = dt.datetime.fromisoformat(expires_text) if expires_text else None
        book.accounts[member_id].lots[expires_at] = LotState(expires_at, *lot_state)
    book.known = known or {}
    _put_brakes(book, brakes, *watched)
    return book


def _columns(keys: Collection[CapKey]) -> list[str | None]:
    return [
        integers(member for member, _cap, _on in keys),
        integers(cap for _member, cap, _on in keys),
        column([starts_on for _member, _cap, starts_on in keys]),
    ]


def _put_brakes(
    book: Book,
    keys: Collection[BrakeKey],
    used: Sequence[tuple[int, int, int, str, int]] | None = None,
    joined: Mapping[str, str] | None = None,
) -> None:
    book.brakes = {key: BrakeState() for key in keys}
    for member, brake, other, starts_at, points in used or ():
        book.brakes[member, brake, other, dt.datetime.fromisoformat(starts_at)].used = points
    for member_id, joined_at in (joined or {}).items():
        book.joined[int(member_id)] = dt.datetime.fromisoformat(joined_at)


def lock(*, members: Collection[int]) -> None:
    """Lock the accounts of these members, in their order. Call inside a transaction."""
    _lock(sorted(members))


def _lock(members: Sequence[int]) -> dict[int, AccountState]:
    """Lock all or none: what is made while others are held would be locked out of order."""
    found = _lock_if_all_exist(members)
    if len(found) < len(members):
        with connection.cursor() as cursor:
            cursor.execute(MAKE_ACCOUNTS, [integers(members)])
        # Ours are locked by being new; those that somebody else made meanwhile are not.
        found = _lock_if_all_exist(members)
    return found


def _lock_if_all_exist(members: Sequence[int]) -> dict[int, AccountState]:
    wanted = integers(members)
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ACCOUNTS, [wanted, wanted, len(members)])
        return {row[0]: AccountState(*row) for row in cursor.fetchall()}


def integers(values: Iterable[int]) -> str:
    """Return the numbers as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)) + "}"
