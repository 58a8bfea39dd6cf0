"""Posting a book: everything that the batch moved, in one statement."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection

from kit.bulk import column, documents
from kit.clock import Clock
from kit.transactions import RetryTransaction
from points.book import EARNED, Book
from points.ledger.statements import (
    ACCOUNTS,
    ALLOCATIONS,
    ENTRIES,
    FREED_CAPS,
    GAINED_STANDINGS,
    GROWN_LOTS,
    LINES,
    LOST_STANDINGS,
    MOVED_LOTS,
    OPENED_CASES,
    USED_BRAKES,
    USED_CAPS,
    WAITING_AWARDS,
)
from points.rules import LevelInForce, ProgramInForce, level_at

UNIQUE_VIOLATION = "23505"


class ReferenceTaken(RetryTransaction):
    """Another transaction wrote one of the references meanwhile: start over and find its entry."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What a batch did beside its entries: the levels that members reached by it, lowest first."""

    levels_reached: dict[int, list[LevelInForce]] = field(default_factory=dict)


def post(book: Book, *, program: ProgramInForce) -> Posting:
    """Write what the book's accounts, lots, lines, scores and caps moved, all in one statement.

    Awards that wait are written by it too, those that brakes hold into the open case of their
    member. Raises ReferenceTaken if one of the references appeared meanwhile.
    """
    levels_reached = _raise_levels(book, program)
    parts = _Parts()
    _add_accounts(parts, book)
    _add_lots(parts, book)
    _add_lines(parts, book, program.clock)
    _add_caps(parts, book)
    _add_waiting(parts, book)
    if not parts.texts:
        return Posting()
    try:
        entries, lots = parts.run(ids=bool(book.allocations))
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) == UNIQUE_VIOLATION:
            raise ReferenceTaken from error
        raise
    if book.allocations:
        _allocate(book, entries, lots)
    return Posting(levels_reached)


class _Parts:
    """The parts of the one statement that this batch needs, with their parameters."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.parameters: list[Any] = []

    def add(self, text: str, rows: Sequence[Sequence[object]], *more: object) -> None:
        """Add a part that writes these rows, if there are any; `more` follows their columns."""
        if rows:
            columns = [column(values) for values in zip(*rows, strict=True)]
            self.add_plain(text, *columns, *more)

    def add_plain(self, text: str, *parameters: object) -> None:
        """Add a part as it is."""
        self.texts.append(text)
        self.parameters += parameters

    def run(self, *, ids: bool) -> tuple[dict[str, int], dict[tuple[int, str | None], int]]:
        """Execute; if asked, return the ids of the entries by reference, and of the grown lots."""
        entries = "(SELECT json_object_agg(reference, id) FROM entry)"
        grown = "(SELECT json_agg(json_build_array(member_id, expires_at, id)) FROM grown_lot)"
        wanted = [
            entries if ids and ENTRIES in self.texts else "NULL",
            grown if ids and GROWN_LOTS in self.texts else "NULL",
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH {','.join(self.texts)} SELECT {', '.join(wanted)}",
                self.parameters,
            )
            written, lots = cursor.fetchone()
        return written or {}, {(member, at): lot for member, at, lot in lots or ()}


def _raise_levels(book: Book, program: ProgramInForce) -> dict[int, list[LevelInForce]]:
    reached: dict[int, list[LevelInForce]] = {}
    for member, account in book.touched.items():
        level = level_at(levels=program.levels, lifetime=account.lifetime)
        if level is not None and level.id == account.level:
            continue
        before = next((old for old in program.levels if old.id == account.level), None)
        if level is not None and (before is None or before.threshold < level.threshold):
            floor = before.threshold if before else -1
            reached[member] = [
                step for step in program.levels if floor < step.threshold <= level.threshold
            ]
        account.level = level.id if level else None
    return reached


def _add_accounts(parts: _Parts, book: Book) -> None:
    parts.add(
        ACCOUNTS,
        [
            (a.member, a.available, a.held, a.debt, a.lifetime, a.reached_at, a.level, a.pending)
            for a in book.touched.values()
        ],
    )


def _add_lots(parts: _Parts, book: Book) -> None:
    grown: list[tuple[object, ...]] = []
    moved: list[tuple[object, ...]] = []
    for account in book.touched.values():
        for lot in account.lots.values():
            change = (lot.granted_moved, lot.remaining_moved, lot.held_moved)
            if not any(change):
                continue
            # An INSERT's own row must satisfy the lot's constraint before it can conflict.
            if 0 <= lot.held_moved <= lot.remaining_moved <= lot.granted_moved:
                grown.append((account.member, lot.expires_at, *change))
            else:
                moved.append((lot.id, *change))
    parts.add(GROWN_LOTS, grown)
    parts.add(MOVED_LOTS, moved)


def _add_lines(parts: _Parts, book: Book, clock: Clock) -> None:
    rows = [
        (
            line.member,
            line.kind,
            line.points,
            line.net_after,
            line.debt_moved,
            line.source.reference,
            line.expires_at,
            line.source.occurred_at,
            line.source.occurred_on,
            line.source.rule_version,
            line.source.activity,
            line.source.reverses,
            line.source.reason,
        )
        for line in book.lines
    ]
    parts.add(LINES, rows, documents([line.source.explanation for line in book.lines]))
    if rows:
        parts.add_plain(ENTRIES)
        if any(line.kind == EARNED for line in book.lines):
            parts.add_plain(GAINED_STANDINGS, clock.fiscal_year_starts)
    parts.add(LOST_STANDINGS, book.unearned, clock.fiscal_year_starts)


def _add_caps(parts: _Parts, book: Book) -> None:
    used: list[tuple[object, ...]] = []
    freed: list[tuple[object, ...]] = []
    for (member, cap, starts_on), state in book.caps.items():
        if state.moved > 0:
            used.append((member, cap, starts_on, state.moved, state.limit))
        elif state.moved < 0:
            freed.append((member, cap, starts_on, state.moved))
    parts.add(USED_CAPS, used)
    parts.add(FREED_CAPS, freed)


def _add_waiting(parts: _Parts, book: Book) -> None:
    awards = book.waiting
    if awards:
        held = {award.member for award in awards if award.signals}
        parts.add_plain(OPENED_CASES, column(sorted(held)))
    parts.add(
        WAITING_AWARDS,
        [
            (
                award.member,
                award.points,
                award.source.reference,
                award.source.rule_version,
                award.source.activity,
                award.source.occurred_at,
                award.source.occurred_on,
                award.release_at,
            )
            for award in awards
        ],
        documents([award.source.explanation for award in awards]),
        documents([award.signals for award in awards]),
    )
    moved = [(*key, state.moved) for key, state in book.brakes.items() if state.moved]
    parts.add(USED_BRAKES, moved)


def _allocate(book: Book, entries: dict[str, int], lots: dict[tuple[int, str | None], int]) -> None:
    members = {line.source.reference: line.member for line in book.lines}
    by_instant = {
        (member, dt.datetime.fromisoformat(at) if at else None): lot
        for (member, at), lot in lots.items()
    }
    rows = [
        (entries[reference], lot.id or by_instant[members[reference], lot.expires_at], points)
        for reference, lot, points in book.allocations
    ]
    with connection.cursor() as cursor:
        cursor.execute(ALLOCATIONS, [column(values) for values in zip(*rows, strict=True)])
