"""Checking in: once a local day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import points.selectors
from activities.errors import CheckInRevoked
from activities.models import CheckInKind
from activities.selectors.check_ins import CheckedIn, checked_in
from activities.services.streaks import Desk, keep, open_desk, write
from kit.errors import DomainError
from kit.together import PATIENCE, Together
from kit.transactions import durable


@durable
def check_in(*, member: int, now: dt.datetime | None = None) -> CheckedIn:
    """Check the member in, once per local day: the second time returns the same record.

    Without `now` the database's clock says which day it is. Raises CheckInRevoked.
    """
    [made] = _check_in([member], now)
    if isinstance(made, DomainError):
        raise made
    return made


@durable
def check_in_all(
    *, members: Sequence[int], now: dt.datetime | None = None
) -> list[CheckedIn | DomainError]:
    """Do what `check_in` does, for each of these members: a record or a refusal for each.

    A member may be named more than once; only the first of those records is new.
    """
    return _check_in(members, now)


MOST_TOGETHER = 20


def _all(members: Sequence[int]) -> list[CheckedIn | DomainError]:
    return check_in_all(members=members)


calls = Together(_all, most=MOST_TOGETHER, patience=PATIENCE)


def check_in_together(*, member: int) -> CheckedIn:
    """Do what `check_in` does by the database's clock, perhaps in one transaction with others.

    Raises CheckInRevoked.
    """
    made = calls(member)
    if isinstance(made, DomainError):
        raise made
    return made


def _check_in(members: Sequence[int], now: dt.datetime | None) -> list[CheckedIn | DomainError]:
    desk = open_desk(members=set(members), now=now)
    today = desk.today
    known: dict[int, CheckedIn | DomainError] = {
        member: _known(desk, member)
        for member, book in desk.books.items()
        if today in book.days.kinds or today in book.days.lost
    }
    sheets = [
        keep(desk=desk, member=member, day=today, kind=CheckInKind.DONE)
        for member in desk.books
        if member not in known
    ]
    fresh: dict[int, CheckedIn] = {}
    if sheets:
        made = write(desk=desk, sheets=sheets)
        fresh = {sheet.row.member_id: one for sheet, one in zip(sheets, made, strict=True)}
        known |= {member: replace(one, is_new=False) for member, one in fresh.items()}
    accounts = points.selectors.account_views(members=desk.books.keys(), now=desk.now)
    results = [fresh.pop(member) if member in fresh else known[member] for member in members]
    return [
        replace(made, account=accounts.get(member)) if isinstance(made, CheckedIn) else made
        for member, made in zip(members, results, strict=True)
    ]


def _known(desk: Desk, member: int) -> CheckedIn | DomainError:
    """Return what the member has of today already."""
    if desk.today in desk.books[member].days.lost:
        return CheckInRevoked()
    return checked_in(member=member, day=desk.today, kind=CheckInKind.DONE)
