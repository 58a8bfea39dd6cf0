"""What a kept day brings, written in one go for all who keep one at once."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import points.selectors
import points.services
from activities.models import (
    CheckIn,
    CheckInKind,
    Milestone,
    MilestoneKind,
    StreakItem,
    StreakItemKind,
)
from activities.program_file.check_ins import CheckInSection
from activities.rules.streaks import Mark, Run, run_through
from activities.selectors.check_ins import CheckedIn
from activities.selectors.streaks import Book, Freeze, goals_of, open_books, rules_of
from activities.services.record import record
from kit import bulk
from kit.transactions import RetryTransaction
from points.rules import ProgramInForce
from points.services import Decision, Fact

ACTIONS = {CheckInKind.DONE: "check_in.done", CheckInKind.MAKEUP: "check_in.made_up"}
MILESTONES = {
    MilestoneKind.STREAK: "check_in.milestone",
    MilestoneKind.CYCLE: "check_in.cycle_completed",
    MilestoneKind.MONTH: "check_in.month_completed",
}


class ProgramChanged(RetryTransaction):
    """The program was loaded anew since the process read it: read it again and start over."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The books of members whose accounts are locked, and what the program says."""

    program: ProgramInForce
    rules: CheckInSection
    books: Mapping[int, Book]
    now: dt.datetime
    today: dt.date


def open_desk(*, members: Collection[int], now: dt.datetime | None) -> Desk:
    """Lock the accounts of these members and read how they kept their days.

    Without `now` it is the database's clock that counts, read after the lock is held.
    """
    program = points.selectors.program(posting=True)
    points.services.lock_accounts(members=members)
    opened = open_books(members=members, clock=program.clock)
    if opened.stamp != program.revision:
        points.selectors.forget_program()
        raise ProgramChanged
    now = now or opened.now
    today = program.clock.local_date(now)
    return Desk(program, rules_of(program=program), opened.books, now, today)


@dataclass(slots=True)
class Sheet:
    """What one member's new day comes to."""

    row: CheckIn
    run: Run
    place: int
    marks: list[Mark]
    frozen: list[tuple[dt.date, Freeze]]
    milestones: list[Milestone] = field(default_factory=list)

    @property
    def facts(self) -> list[Fact]:
        """The activities that it is: the day's, and one for each milestone."""
        row, at = self.row, self.row.checked_in_at
        said = {"date": str(row.local_on), "streak": self.run.length, "day": self.place}
        day = Fact(row.activity_id, ACTIONS[CheckInKind(row.kind)], row.member_id, at, said)
        return [
            day,
            *(
                Fact(
                    *(one.activity_id, MILESTONES[MilestoneKind(one.kind)], row.member_id, at),
                    {"days": one.days, "date": str(one.reached_on)} | _of_kind(one),
                )
                for one in self.milestones
            ),
        ]


def _of_kind(milestone: Milestone) -> dict[str, str]:
    month = {"month": f"{milestone.reached_on:%Y-%m}"}
    return month if milestone.kind == MilestoneKind.MONTH else {}


def keep(*, desk: Desk, member: int, day: dt.date, kind: CheckInKind) -> Sheet:
    """Let the day count in the member's book, and return what it comes to. Writes nothing."""
    book = desk.books[member]
    frozen = book.freeze(today=desk.today, in_a_row=desk.rules.freezes.in_a_row)
    book.days.kinds[day] = kind.value
    run = run_through(kept=book.days, day=day)
    assert run is not None  # noqa: S101 - the day itself is kept  # nosec B101
    goals = goals_of(rules=desk.rules)
    return Sheet(
        CheckIn(member_id=member, local_on=day, kind=kind, checked_in_at=desk.now),
        run,
        goals.place(kept=book.days, run=run, day=day),
        goals.reached(kept=book.days, run=run, day=day),
        frozen,
    )


def write(*, desk: Desk, sheets: Sequence[Sheet]) -> list[CheckedIn]:
    """Write the days, what freezes kept before them, and what they bring."""
    _leave_out_what_was_paid(sheets)
    facts = [sheet.facts for sheet in sheets]
    told = iter(record(facts=[fact for some in facts for fact in some], now=desk.now))
    write_frozen(desk=desk, frozen={sheet.row.member_id: sheet.frozen for sheet in sheets})
    _insert([sheet.row for sheet in sheets])
    milestones = [one for sheet in sheets for one in sheet.milestones]
    Milestone.objects.bulk_create(milestones)
    _bring(desk, milestones)
    return [
        CheckedIn(
            sheet.row.local_on,
            sheet.row.kind,
            sheet.run.length,
            [story for _fact in some for story in _stories(next(told))],
        )
        for sheet, some in zip(sheets, facts, strict=True)
    ]


def _stories(decisions: Sequence[Decision]) -> list[Mapping[str, Any]]:
    return [decision.story for decision in decisions]


def write_frozen(
    *, desk: Desk, frozen: Mapping[int, Sequence[tuple[dt.date, Freeze]]]
) -> list[CheckIn]:
    """Write the days that freezes keep, and which freeze kept which."""
    rows = [
        CheckIn(member_id=member, local_on=day, kind=CheckInKind.FROZEN, checked_in_at=desk.now)
        for member, days in frozen.items()
        for day, _freeze in days
    ]
    _insert(rows)
    used = [StreakItem(id=one.id, used_on=day) for days in frozen.values() for day, one in days]
    StreakItem.objects.bulk_update(used, ["used_on"])
    return rows


def _insert(rows: Sequence[CheckIn]) -> None:
    bulk.insert(
        CheckIn,
        fields=("member", "local_on", "kind", "checked_in_at", "cost"),
        rows=[
            (row.member_id, row.local_on, str(row.kind), row.checked_in_at, row.cost)
            for row in rows
        ],
    )


def _leave_out_what_was_paid(sheets: Sequence[Sheet]) -> None:
    """Make milestones of the marks that were not reached inside the same run before."""
    marked = [sheet for sheet in sheets if sheet.marks]
    paid = milestones_of(members=[sheet.row.member_id for sheet in marked]) if marked else {}
    for sheet in marked:
        before = paid.get(sheet.row.member_id, [])
        sheet.milestones = [
            Milestone(
                member_id=sheet.row.member_id,
                kind=mark.kind,
                days=mark.days,
                reached_on=mark.on,
                earned_on=sheet.row.local_on,
            )
            for mark in sheet.marks
            if not mark.is_among(before)
        ]


def milestones_of(*, members: Collection[int]) -> dict[int, list[tuple[str, int, dt.date]]]:
    """Return the milestones of these members that stand, by member: kind, days, date."""
    found: dict[int, list[tuple[str, int, dt.date]]] = {}
    rows = Milestone.objects.filter(member__in=members, taken_back_at=None)
    for member, kind, days, on in rows.values_list("member", "kind", "days", "reached_on"):
        found.setdefault(member, []).append((kind, days, on))
    return found


def _bring(desk: Desk, milestones: Sequence[Milestone]) -> None:
    """Give the cards and freezes that these milestones bring."""
    rules = desk.rules
    for one in milestones:
        if one.days in rules.makeups.cards_at:
            give(desk=desk, member=one.member_id, kind=StreakItemKind.CARD, source=one.activity_id)
        if one.days in rules.freezes.earned_at:
            kind = StreakItemKind.FREEZE
            give(desk=desk, member=one.member_id, kind=kind, source=one.activity_id)


def give(*, desk: Desk, member: int, kind: StreakItemKind, source: str) -> bool:
    """Give the member an item, once per `source`; False where no more freezes can be held."""
    theirs = StreakItem.objects.filter(member=member, kind=kind)
    is_full = kind == StreakItemKind.FREEZE and (
        theirs.held().count() >= desk.rules.freezes.most_held
    )
    if not is_full:
        theirs.get_or_create(
            source=source, defaults={"member_id": member, "kind": kind, "got_at": desk.now}
        )
    return not is_full
