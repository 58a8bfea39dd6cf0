"""How members kept their days, read back as far as somebody looks."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import cast

from django.db import connection

import points.selectors
from activities.models import CheckIn, StreakItem, StreakItemKind
from activities.program_file.check_ins import CheckInSection
from activities.rules.streaks import DAY, FROZEN, SKIPPED, Goals, streak_on, to_freeze
from kit.clock import Clock
from points.rules import ProgramInForce
from points.selectors.program import STAMP

DAYS_AT_ONCE = 40
"""Rows that are read of each member first: more than a month of days."""
MOST_AT_ONCE = 4_000

# What the check-ins of these members have to know, as it is after their accounts were locked: the
# instant, the program's stamp, the newest days of each, and the freezes they hold.
BOOK = f"""
SELECT clock_timestamp(), ({STAMP}),
  (SELECT json_agg(json_build_array(day.member_id, day.local_on, day.kind, day.is_lost))
   FROM unnest(%s::bigint[]) AS m (id) CROSS JOIN LATERAL (
     SELECT member_id, local_on, kind, revoked_at IS NOT NULL AS is_lost
     FROM {CheckIn._meta.db_table} WHERE member_id = m.id
     ORDER BY local_on DESC LIMIT {DAYS_AT_ONCE}
   ) AS day),
  (SELECT json_agg(json_build_array(i.member_id, i.id, i.got_at, c.chosen_at)
                   ORDER BY i.got_at, i.id)
   FROM {StreakItem._meta.db_table} AS i
   LEFT JOIN activities_streakchoice AS c ON c.member_id = i.member_id
   WHERE i.member_id = ANY(%s::bigint[]) AND i.kind = '{StreakItemKind.FREEZE.value}'
     AND i.used_on IS NULL AND i.taken_back_at IS NULL AND coalesce(c.uses_freezes, true))
"""  # noqa: S608 - of constants


@dataclass(slots=True)
class KeptDays:
    """A member's days: how each was kept, and those that were taken back.

    Read from `since` on; who asks for an earlier day has more of them read, twice as many each
    time, so that a run costs as much as it is long.
    """

    member: int
    clock: Clock
    kinds: dict[dt.date, str] = field(default_factory=dict)
    lost: set[dt.date] = field(default_factory=set)
    since: dt.date = dt.date.min

    def __call__(self, day: dt.date) -> str | None:
        """Tell how the day was kept; None if it was missed."""
        while day < self.since:
            self._read_more()
        kind = self.kinds.get(day)
        if kind is None and not self.clock.has(day):
            return SKIPPED
        return kind

    def add(self, rows: Collection[tuple[dt.date, str, bool]], *, wanted: int) -> None:
        """Take rows that were read, newest first; fewer than `wanted` are all there are."""
        for day, kind, is_lost in rows:
            if is_lost:
                self.lost.add(day)
            else:
                self.kinds[day] = kind
        self.since = min(day for day, _kind, _lost in rows) if len(rows) == wanted else dt.date.min

    def _read_more(self) -> None:
        wanted = min(2 * max(len(self.kinds) + len(self.lost), DAYS_AT_ONCE), MOST_AT_ONCE)
        days = CheckIn.objects.filter(member=self.member, local_on__lt=self.since)
        rows = days.order_by("-local_on").values_list("local_on", "kind", "revoked_at")[:wanted]
        self.add([(day, kind, revoked is not None) for day, kind, revoked in rows], wanted=wanted)


@dataclass(frozen=True, slots=True)
class Freeze:
    """A freeze that a member holds. It keeps days after the local date it was got on."""

    id: int
    got_on: dt.date


@dataclass(slots=True)
class Book:
    """What was read of a member: the days, and the freezes that may be used, oldest first."""

    days: KeptDays
    freezes: list[Freeze] = field(default_factory=list)

    def freeze(self, *, today: dt.date, in_a_row: int) -> list[tuple[dt.date, Freeze]]:
        """Keep the days that freezes keep up to today, and return them with theirs."""
        before = [day for day in self.days.kinds if day < today]
        found = to_freeze(
            kept=self.days,
            lost=self.days.lost,
            since=max(before, default=None),
            today=today,
            got_on=[one.got_on for one in self.freezes],
            in_a_row=in_a_row,
        )
        used = [(day, self.freezes[place]) for day, place in found]
        self.days.kinds.update((day, FROZEN) for day, _freeze in used)
        del self.freezes[: len(used)]
        return used


@dataclass(frozen=True, slots=True)
class Opened:
    """The books of some members, and the instant at which they were read."""

    now: dt.datetime
    stamp: str
    books: Mapping[int, Book]


def open_books(*, members: Collection[int], clock: Clock) -> Opened:
    """Return how these members kept their days, in one statement, by the database's clock."""
    wanted = sorted(members)
    with connection.cursor() as cursor:
        cursor.execute(BOOK, [wanted, wanted])
        now, stamp, days, freezes = cursor.fetchone()
    rows: dict[int, list[tuple[dt.date, str, bool]]] = {member: [] for member in wanted}
    for member, day, kind, is_lost in days or ():
        rows[member].append((dt.date.fromisoformat(day), kind, is_lost))
    books = {member: Book(KeptDays(member, clock)) for member in wanted}
    for member, book in books.items():
        book.days.add(rows[member], wanted=DAYS_AT_ONCE)
    for member, id_, got_at, chosen_at in freezes or ():
        got_on = clock.local_date(dt.datetime.fromisoformat(got_at))
        if chosen_at:  # days that had closed before are not kept by it
            got_on = max(got_on, clock.local_date(dt.datetime.fromisoformat(chosen_at)) - DAY)
        books[member].freezes.append(Freeze(id_, got_on))
    return Opened(now, stamp, books)


def open_book(*, member: int) -> tuple[ProgramInForce, Book]:
    """Return the member's book with the program in force: one statement, if it is remembered."""
    program = points.selectors.program(posting=True)
    opened = open_books(members=[member], clock=program.clock)
    if opened.stamp != program.revision:
        program = points.selectors.program()
        opened = open_books(members=[member], clock=program.clock)
    return program, opened.books[member]


def streak(*, member: int, now: dt.datetime) -> int:
    """Return how many days the member's streak is long at `now`; 0 if it is broken."""
    program, book = open_book(member=member)
    return streak_in(book=book, program=program, now=now)


def streak_in(*, book: Book, program: ProgramInForce, now: dt.datetime) -> int:
    """Return the streak that a book shows; what freezes are about to keep is kept in it then."""
    today = program.clock.local_date(now)
    book.freeze(today=today, in_a_row=rules_of(program=program).freezes.in_a_row)
    return streak_on(kept=book.days, today=today)


def rules_of(*, program: ProgramInForce) -> CheckInSection:
    """Return what the program says of check-ins."""
    return cast("CheckInSection", program.sections["check_ins"])


def goals_of(*, rules: CheckInSection) -> Goals:
    """Return what runs of check-ins lead to."""
    return Goals(rules.mode, tuple(rules.milestones), rules.cycle_days)
