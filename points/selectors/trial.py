"""What an activity would grant, and why: decided as an award decides, then forgotten."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

import members.selectors
from kit.errors import NotFound
from points.book import AccountState, Book, BrakeKey, BrakeState, CapState, LotState, Source
from points.decisions import Case, Desk, Fact, cases, limits, watched
from points.models import Account, BrakeUsage, CapUsage, EntryKind, Lot, Rule
from points.rules import ProgramInForce, level_at
from points.selectors.decided import Decided, decided
from points.selectors.program import program

NEWCOMER = 0
"""The id of a member whom nobody knows yet."""


@dataclass(frozen=True, slots=True)
class Totals:
    """A member's totals before or after; `level` is the level's name."""

    available: int
    debt: int
    lifetime: int
    level: str
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What an activity would grant: rule by rule, together, and what the member would have.

    `retired` names rules that counted this action once; `stories` are what an award would keep.
    """

    action: str
    member: str
    occurred_at: dt.datetime
    rules: tuple[Decided, ...]
    stories: tuple[Mapping[str, Any], ...]
    retired: tuple[str, ...]
    points: int
    before: Totals
    after: Totals


def trial(
    *,
    action: str,
    member: str = "",
    occurred_at: dt.datetime,
    data: Mapping[str, Any],
    now: dt.datetime,
) -> Trial:
    """Return what a new activity would grant, without writing anything.

    `member` is an external id; without one a newcomer on the first level is tried. The rules are
    those in force now; the member's age, state and the activity's lateness do not count. Raises
    NotFound.
    """
    rules = program()
    who = _member_id(member)
    tried = cases(rules, Fact("", action, who, occurred_at, data))
    watch = watched(rules, tried)
    book = _book(tried, who, now)
    if watch:
        _put_brakes(book, who, watch.keys)
    account = book.accounts[who]
    # Lapsed points do not show, whether or not they have been written off.
    expiry = Source("expiry", now, rules.clock.local_date(now))
    book.lapse(account, kind=EntryKind.EXPIRED.value, source=expiry)
    before = _totals(account, rules)
    desk = Desk(rules, book, now, watch)
    decisions = [desk.decide(case) for case in tried]
    return Trial(
        action=action,
        member=member,
        occurred_at=occurred_at,
        rules=tuple(decided(story=decision.story) for decision in decisions),
        stories=tuple(decision.story for decision in decisions),
        retired=_retired(action),
        points=sum(decision.points for decision in decisions),
        before=before,
        after=_totals(account, rules),
    )


def _member_id(external_id: str) -> int:
    if not external_id:
        return NEWCOMER
    found = members.selectors.member(external_id=external_id)
    if found is None:
        raise NotFound(_("There is no member with this id."))
    return found.id


def _book(tried: list[Case], who: int, now: dt.datetime) -> Book:
    """Read what `ledger.open_book` reads, without locking it."""
    account = AccountState(who)
    row = Account.objects.filter(member=who).first()
    if row is not None:
        account = AccountState(who, row.available, row.held, row.debt, row.lifetime, row.level_id)
        account.pending = row.pending
    for lot in Lot.objects.filter(member=who, remaining__gt=0):
        lapsed = lot.expires_at is not None and lot.expires_at <= now
        account.lots[lot.expires_at] = LotState(
            lot.expires_at, lot.id, lot.granted, lot.remaining, lot.held, lapsed
        )
    caps = {key: CapState(0, limit) for key, limit in limits(tried).items()}
    for use in CapUsage.objects.filter(member=who, cap__in={cap for _who, cap, _on in caps}):
        if (state := caps.get((who, use.cap_id, use.starts_on))) is not None:
            state.used = use.used
    return Book(accounts={who: account}, caps=caps)


def _put_brakes(book: Book, who: int, keys: Collection[BrakeKey]) -> None:
    book.brakes = {key: BrakeState() for key in keys}
    for use in BrakeUsage.objects.filter(member=who, brake__in={key[1] for key in keys}):
        state = book.brakes.get((who, use.brake_id, use.other, use.starts_at))
        if state is not None:
            state.used = use.used
    found = members.selectors.member_by_id(member_id=who)
    if found is not None:
        book.joined[who] = found.joined_at


def _totals(account: AccountState, rules: ProgramInForce) -> Totals:
    level = level_at(levels=rules.levels, lifetime=account.lifetime)
    name = level.name if level else ""
    return Totals(account.available, account.debt, account.lifetime, name, account.pending)


def _retired(action: str) -> tuple[str, ...]:
    gone = Rule.objects.filter(current=None, versions__action=action)
    return tuple(gone.order_by("code").distinct().values_list("code", flat=True))
