"""Points that wait: released when their day comes or by an operator, or dropped, each once.

Whoever settles an award holds its member's account, and reads the award anew under that lock.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from kit.bulk import sendable
from kit.transactions import durable
from points import ledger, selectors
from points.book import Book, CapKey, Source
from points.errors import AwardDecided, AwardHeld, NoSuchAward
from points.models import Entry, PendingAward, PendingState
from points.rules import ProgramInForce, expires_at

SWEPT_AT_ONCE = 500
"""Awards, so that nobody's account stays locked for long."""


@dataclass(frozen=True, slots=True)
class Released:
    """What a part of the sweep did, and where the next goes on; None when it was the last."""

    released: int
    after: tuple[str, int] | None


@transaction.atomic(savepoint=False)
def release_due(
    *, now: dt.datetime, after: Sequence[Any] | None = None, limit: int = SWEPT_AT_ONCE
) -> Released:
    """Release the awards whose day has come, each once, `limit` at most, those due first first.

    `after` is where the part before stopped. What an open case holds is left to it.
    """
    due = PendingAward.objects.due(now=now)
    if after is not None:
        instant, last = dt.datetime.fromisoformat(after[0]), after[1]
        # The first condition says no more than the second; it is the one that an index serves.
        due = due.filter(release_at__gte=instant).filter(
            Q(release_at__gt=instant) | Q(release_at=instant, id__gt=last)
        )
    found = list(due.order_by("release_at", "id")[:limit])
    if not found:
        return Released(0, None)
    program = selectors.program(posting=True)
    book = open_accounts(program, found)
    ready = [award for award in still_waiting(found) if not award.is_held]
    give(book, program, ready, by=None, now=now)
    last_due = found[-1]
    place = (str(last_due.release_at), last_due.id)
    return Released(len(ready), place if len(found) == limit else None)


@durable
def release_awards(*, awards: Collection[int], by: int, now: dt.datetime) -> int:
    """Release these awards on the word of the operator `by` (a user's id); return how many.

    Those that are settled, or held by an open case, are left alone; if that is all of them, raises
    AwardDecided or AwardHeld, and NoSuchAward where there are none.
    """
    program, book, ready = _decidable(awards)
    give(book, program, ready, by=by, now=now)
    return len(ready)


@durable
def drop_awards(*, awards: Collection[int], by: int, reason: str, now: dt.datetime) -> int:
    """Drop these awards for good, and give their caps the room back; return how many.

    Raises what `release_awards` does.
    """
    program, book, ready = _decidable(awards)
    drop_in(book, ready)
    ledger.post(book, program=program)
    finish(ready, PendingState.DROPPED, by=by, reason=sendable(reason), now=now)
    return len(ready)


def _decidable(ids: Collection[int]) -> tuple[ProgramInForce, Book, list[PendingAward]]:
    """Lock the accounts of the awards, and return those that an operator may settle by itself."""
    found = list(PendingAward.objects.filter(id__in=ids))
    if not found:
        raise NoSuchAward
    program = selectors.program(posting=True)
    book = open_accounts(program, found)
    waiting = still_waiting(found)
    ready = [award for award in waiting if not award.is_held]
    if not ready:
        raise AwardHeld if waiting else AwardDecided
    return program, book, ready


# --- Shared by the services that settle awards ---------------------------------------------------


def open_accounts(program: ProgramInForce, awards: Collection[PendingAward]) -> Book:
    """Lock the accounts of the awards' members, and read the caps that the awards have used."""
    return ledger.open_book(
        program=program,
        members={award.member_id for award in awards},
        caps={key: 0 for award in awards for key in caps_of(award)},
    )


def still_waiting(awards: Iterable[PendingAward]) -> list[PendingAward]:
    """Return those that wait yet, oldest first. Under the accounts' locks they go on to."""
    rows = PendingAward.objects.waiting().filter(id__in=[award.id for award in awards])
    return list(rows.select_related("case").order_by("id"))


def give(
    book: Book,
    program: ProgramInForce,
    awards: Sequence[PendingAward],
    *,
    by: int | None,
    now: dt.datetime,
) -> None:
    """Have the awards earned: their points lapse as what is earned now, and count for their day."""
    lapses_at = expires_at(program=program, now=now)
    for award in awards:
        account = book.accounts[award.member_id]
        book.settle(account, award.points)
        book.earn(account, award.points, source=_source(award), expires_at=lapses_at)
    ledger.post(book, program=program)
    finish(awards, PendingState.RELEASED, by=by, now=now)


def drop_in(book: Book, awards: Iterable[PendingAward]) -> None:
    """Take the awards out of what their members wait for, and out of the caps."""
    for award in awards:
        book.settle(book.accounts[award.member_id], award.points)
        for key in caps_of(award):
            book.use_cap(key, -award.points)


def finish(
    awards: Collection[PendingAward],
    state: PendingState,
    *,
    by: int | None = None,
    reason: str = "",
    now: dt.datetime,
) -> None:
    """Keep what became of the awards, with their entries if they have any."""
    if not awards:
        return
    said: dict[str, Any] = {"state": state, "decided_by": by, "decided_at": now, "reason": reason}
    if state == PendingState.RELEASED:
        own = Entry.objects.filter(reference=OuterRef("reference"))
        said["entry"] = Subquery(own.values("id")[:1])
    PendingAward.objects.filter(id__in=[award.id for award in awards]).update(**said)


def caps_of(one: Entry | PendingAward) -> list[CapKey]:
    """Return the uses of caps that an award has moved."""
    return [
        (one.member_id, cap["id"], dt.date.fromisoformat(cap["from"]))
        for cap in one.explanation.get("caps", ())
    ]


def _source(award: PendingAward) -> Source:
    told: Mapping[str, Any] = award.explanation
    pending = told["pending"] | {"since": award.created_at.isoformat()}
    return Source(
        award.reference,
        award.occurred_at,
        award.occurred_on,
        rule_version=award.rule_version_id,
        activity=award.activity,
        explanation={**told, "pending": pending},
    )
