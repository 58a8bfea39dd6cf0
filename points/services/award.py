"""Turning activities into points."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from points import ledger, selectors
from points.decisions import Decision, Desk, Fact, cases, limits, watched
from points.rules import ProgramInForce


@transaction.atomic(savepoint=False)
def award(
    *,
    facts: Sequence[Fact],
    now: dt.datetime,
    program: ProgramInForce | None = None,
    is_past: bool = False,
) -> list[list[Decision]]:
    """Grant what the rules give for each activity, once per rule and activity, in their order.

    Returns the decisions of each activity, in the program's order of rules. Locks the accounts of
    all members named until the caller's transaction ends, whether or not anything is granted.
    A caller that has asked for the program for posting in this transaction hands it over. Brakes
    do not look at what `is_past`: a history that is brought in.
    """
    program = program or selectors.program(posting=True)
    groups = [cases(program, fact) for fact in facts]
    eligible = [case for group in groups for case in group if case.refusal is None]
    watch = None if is_past else watched(program, eligible)
    book = ledger.open_book(
        program=program,
        members={fact.member for fact in facts},
        references=[case.reference for case in eligible],
        caps=limits(eligible),
        lots_of={case.fact.member for case in eligible if case.base < 0},
        brakes=watch.keys if watch else (),
    )
    desk = Desk(program, book, now, watch)
    decisions = [[desk.decide(case) for case in group] for group in groups]
    ledger.post(book, program=program)
    return decisions
