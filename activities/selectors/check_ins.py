"""Check-ins as they are shown: a day's record, a month's calendar."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

import members.selectors
from activities.models import (
    Activity,
    CheckIn,
    CheckInKind,
    Milestone,
    StreakChoice,
    StreakItem,
    StreakItemKind,
)
from activities.rules.streaks import DAY, FROZEN, SKIPPED, Ahead, Kept
from activities.selectors.streaks import Book, goals_of, open_book, rules_of, streak_in
from kit.clock import Clock, Period
from kit.errors import FieldError, Invalid, NotFound
from members.selectors import Kept as KeptRows
from points.rules import ProgramInForce
from points.selectors import AccountView

MISSED, OPEN = "missed", "open"


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A day that a member kept, as it was when it happened; `is_new` is false the second time.

    `outcome` is what the rules made of it, and of the milestones that it brought.
    """

    local_on: dt.date
    kind: str
    streak: int
    outcome: Sequence[Mapping[str, Any]]
    is_new: bool = True
    account: AccountView | None = None
    """As it was when the answer was made."""


def checked_in(*, member: int, day: dt.date, kind: str) -> CheckedIn:
    """Return the record of a day that the member kept before."""
    row = CheckIn(member_id=member, local_on=day, kind=kind)
    milestones = Milestone.objects.filter(member=member, earned_on=day).order_by("kind", "days")
    ids = [row.activity_id, *(one.activity_id for one in milestones)]
    found = Activity.objects.in_bulk(ids)
    outcome = [story for id_ in ids if id_ in found for story in found[id_].outcome]
    said = found[ids[0]].data if ids[0] in found else {}
    return CheckedIn(day, kind, said.get("streak", 0), outcome, is_new=False)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A date and how it was kept: `done`, `makeup`, `frozen`, `missed`; today `open` first."""

    date: dt.date
    state: str


@dataclass(frozen=True, slots=True)
class Makeups:
    """What making up for a day takes. `points` is null where only a card will do."""

    left: int
    next_at: dt.datetime
    points: int | None
    cards: int
    dates: tuple[dt.date, ...]
    """The days that can be made up for now."""


@dataclass(frozen=True, slots=True)
class Freezes:
    """What freezes a member has. `points` is their price, null where they are not sold."""

    held: int
    most_held: int
    points: int | None
    in_use: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A member's check-ins of one month, and what they can do about them today."""

    month: str
    today: dt.date
    days: tuple[CalendarDay, ...]
    streak: int
    next_milestone: Ahead | None
    makeups: Makeups
    freezes: Freezes


def has_check_ins() -> bool:
    """Return whether anybody has checked in."""
    return CheckIn.objects.exists()


def calendar_of(*, member: int, month: str, now: dt.datetime) -> Month:
    """Return the member's month, written `2026-11`; empty is the present one.

    Days before joining and after today are left out. Raises Invalid for what is not a month, and
    NotFound without the member.
    """
    program, book = open_book(member=member)
    clock = program.clock
    today = clock.local_date(now)
    first = _month(clock, month) if month else today.replace(day=1)
    found = members.selectors.member_by_id(member_id=member)
    if found is None:
        raise NotFound
    streak = streak_in(book=book, program=program, now=now)
    rules = rules_of(program=program)
    joined = clock.local_date(found.joined_at)
    # A day kept before joining, by a member whose joining was told late, shows as well.
    earliest = min(book.days.kinds, default=today)
    days = [day for day in _days(clock, first, today) if day >= min(joined, earliest)]
    return Month(
        clock.period_name(first, Period.MONTH),
        today,
        tuple(CalendarDay(day, _state(book.days, day, today)) for day in days),
        streak,
        goals_of(rules=rules).ahead(kept=book.days, streak=streak, today=today),
        _makeups(program, book, member, joined, today),
        _freezes(program, member),
    )


def _month(clock: Clock, text: str) -> dt.date:
    try:
        return clock.period_named(text, Period.MONTH)
    except ValueError:
        detail = _("Expected a month, such as 2026-11.")
        raise Invalid(errors=[FieldError("month", "invalid", detail)]) from None


def _days(clock: Clock, first: dt.date, today: dt.date) -> list[dt.date]:
    end = min(clock.period_end(first, Period.MONTH), today + DAY)
    return [first + n * DAY for n in range((end - first).days)]


def _state(kept: Kept, day: dt.date, today: dt.date) -> str:
    kind = kept(day)
    if kind is None:
        return OPEN if day == today else MISSED
    return FROZEN if kind == SKIPPED else kind


def made_up_this_month(*, member: int, clock: Clock, today: dt.date) -> int:
    """Return how many makeups the member has made in the month of today."""
    since = clock.start_of(today.replace(day=1))
    made = CheckIn.objects.standing().filter(member=member, kind=CheckInKind.MAKEUP)
    # A makeup lies a month before at most: the first part is what the index serves.
    return made.filter(local_on__gte=today - 63 * DAY, checked_in_at__gte=since).count()


def next_makeups_at(*, clock: Clock, today: dt.date) -> dt.datetime:
    """Return when the next month's makeups begin."""
    return clock.start_of(clock.period_end(today.replace(day=1), Period.MONTH))


def _makeups(
    program: ProgramInForce, book: Book, member: int, joined: dt.date, today: dt.date
) -> Makeups:
    rules = rules_of(program=program).makeups
    used = made_up_this_month(member=member, clock=program.clock, today=today)
    days = (today - n * DAY for n in range(1, rules.within_days + 1))
    return Makeups(
        left=max(rules.per_month - used, 0),
        next_at=next_makeups_at(clock=program.clock, today=today),
        points=rules.points,
        cards=_held(member, StreakItemKind.CARD) if rules.card else 0,
        dates=tuple(
            day
            for day in days
            if day >= joined and book.days(day) is None and day not in book.days.lost
        ),
    )


def _freezes(program: ProgramInForce, member: int) -> Freezes:
    rules = rules_of(program=program).freezes
    chosen = StreakChoice.objects.filter(member=member).first()
    return Freezes(
        held=_held(member, StreakItemKind.FREEZE),
        most_held=rules.most_held,
        points=rules.points,
        in_use=chosen is None or chosen.uses_freezes,
    )


def _held(member: int, kind: StreakItemKind) -> int:
    return StreakItem.objects.filter(member=member, kind=kind).held().count()


def check_ins_between(*, member: int, first: dt.date, last: dt.date) -> dict[dt.date, CheckIn]:
    """Return the member's rows of these days, those taken back too."""
    found = CheckIn.objects.filter(member=member, local_on__range=(first, last))
    return {row.local_on: row for row in found}


def find_check_ins(*, among: QuerySet[CheckIn], external_id: str) -> QuerySet[CheckIn]:
    """Return the check-ins of the member with that external id, or all without one."""
    return among.filter(member__external_id=external_id) if external_id else among


def kept_check_ins_of(*, member: int) -> KeptRows:
    """Return what is kept of the check-ins of the member with that id."""
    return {
        "check_ins": CheckIn.objects.filter(member=member)
        .order_by("local_on")
        .values("local_on", "kind", "checked_in_at", "revoked_at", "reason"),
        "milestones": Milestone.objects.filter(member=member)
        .order_by("earned_on", "kind", "days")
        .values("kind", "days", "reached_on", "earned_on", "taken_back_at"),
        "streak_items": StreakItem.objects.filter(member=member)
        .order_by("id")
        .values("kind", "source", "got_at", "used_on", "taken_back_at"),
        "streak_choices": StreakChoice.objects.filter(member=member).values("uses_freezes"),
    }
