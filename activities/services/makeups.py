"""Making up for a day that was missed."""

import datetime as dt
from dataclasses import replace

import members.selectors
import points.selectors
import points.services
from activities.errors import (
    AlreadyCheckedIn,
    CheckInRevoked,
    DateInFuture,
    DayIsFrozen,
    MakeupBeforeJoining,
    MakeupLimitReached,
    MakeupsOff,
    MakeupTooOld,
    NoMakeupCard,
)
from activities.models import CheckIn, CheckInKind, StreakItem, StreakItemKind
from activities.selectors.check_ins import (
    CheckedIn,
    checked_in,
    made_up_this_month,
    next_makeups_at,
)
from activities.services.streaks import Desk, keep, open_desk, write
from kit.errors import NotFound
from kit.transactions import durable


@durable
def make_up(*, member: int, day: dt.date, now: dt.datetime | None = None) -> CheckedIn:
    """Make up for a day that the member missed, once: the second time returns the same record.

    It lengthens the streak as if the member had checked in, and costs a card or points. Without
    `now` the database's clock says which days are over. Raises MakeupsOff, DateInFuture,
    AlreadyCheckedIn, DayIsFrozen, CheckInRevoked, MakeupBeforeJoining, MakeupTooOld,
    MakeupLimitReached, NoMakeupCard and InsufficientPoints; NotFound without the member.
    """
    desk = open_desk(members=[member], now=now)
    book = desk.books[member]
    # Whatever freezes keep is kept before anybody chooses, as at the day's close.
    frozen = book.freeze(today=desk.today, in_a_row=desk.rules.freezes.in_a_row)
    if book.days.kinds.get(day) == CheckInKind.MAKEUP:
        known = checked_in(member=member, day=day, kind=CheckInKind.MAKEUP)
        return _with_account(desk, member, known)
    _require_open(desk, member, day)
    sheet = keep(desk=desk, member=member, day=day, kind=CheckInKind.MAKEUP)
    sheet.frozen = frozen
    _pay(desk, sheet.row)
    [made] = write(desk=desk, sheets=[sheet])
    return _with_account(desk, member, made)


def _with_account(desk: Desk, member: int, made: CheckedIn) -> CheckedIn:
    accounts = points.selectors.account_views(members=[member], now=desk.now)
    return replace(made, account=accounts.get(member))


def _require_open(desk: Desk, member: int, day: dt.date) -> None:
    """Refuse a day that cannot be made up for."""
    rules, book, clock = desk.rules.makeups, desk.books[member], desk.program.clock
    if not rules.per_month:
        raise MakeupsOff
    if day >= desk.today:
        raise DateInFuture
    found = members.selectors.member_by_id(member_id=member)
    if found is None:
        raise NotFound
    if day < clock.local_date(found.joined_at):
        raise MakeupBeforeJoining
    if (desk.today - day).days > rules.within_days:
        raise MakeupTooOld
    if day in book.days.lost:
        raise CheckInRevoked
    kept = book.days(day)
    if kept is not None:
        raise AlreadyCheckedIn if kept == CheckInKind.DONE else DayIsFrozen
    if made_up_this_month(member=member, clock=clock, today=desk.today) >= rules.per_month:
        next_at = next_makeups_at(clock=clock, today=desk.today)
        raise MakeupLimitReached(next_at=next_at.isoformat())


def _pay(desk: Desk, row: CheckIn) -> None:
    """Use a card that the member holds, or spend points."""
    rules = desk.rules.makeups
    if rules.card:
        cards = StreakItem.objects.filter(member=row.member_id, kind=StreakItemKind.CARD)
        card = cards.held().first()
        if card is not None:
            cards.filter(id=card.id).update(used_on=row.local_on)
            return
    if rules.points is None:
        raise NoMakeupCard
    if rules.points:
        row.cost = rules.points
        points.services.spend(
            member=row.member_id, points=rules.points, reference=row.payment, now=desk.now
        )
