"""What the rules make of an activity: decided in memory, against a book, in plain arithmetic.

`points.services.award` decides against locked accounts and posts the book; `points.selectors.trial`
decides against what it has read and forgets it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kit.fields import POINTS_LIMIT
from points.book import AccountState, Book, CapKey, Source, Waiting
from points.brakes import Signal, Watch
from points.models import EntryKind, Overdraft
from points.rules import (
    NoPoints,
    ProgramInForce,
    RuleInForce,
    base_points,
    expires_at,
    first_failure,
    in_force,
    let_through,
    level_at,
    multiplied,
    release_at,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """An activity as the rules see it. `member` is the member's id, `occurred_at` an instant."""

    id: str
    action: str
    member: int
    occurred_at: dt.datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule made of one activity, ready to be stored and shown.

    `story` holds JSON values: `rule`, `version`, `points`, how they came about (`base`,
    `multiplier`, `caps`, `inputs`), or `refused` with the reason and what it rests on. `pending`
    is there while the points are not, with their `release_at`, null where somebody must decide.
    """

    rule: str
    points: int
    story: dict[str, Any]

    @property
    def pending(self) -> Mapping[str, Any] | None:
        """When the points come that are granted and not there yet."""
        return self.story.get("pending")


@dataclass(slots=True)
class Case:
    """One rule before one activity: its base points, or why it has none."""

    rule: RuleInForce
    fact: Fact
    day: dt.date
    base: int
    refusal: dict[str, Any] | None
    reference: str
    caps: list[CapKey]


def award_reference(*, rule: str, activity: str) -> str:
    """Return the ledger's name for what a rule grants on an activity."""
    return f"award:{rule}:{activity}"


def cases(program: ProgramInForce, fact: Fact) -> list[Case]:
    """Return each rule of the activity's action before the activity, in the program's order."""
    rules = program.rules.get(fact.action)
    if not rules:
        return []
    day = program.clock.local_date(fact.occurred_at)
    return [_case(program, rule, fact, day) for rule in rules]


def watched(program: ProgramInForce, several: Iterable[Case]) -> Watch | None:
    """Return the brakes before what the cases may grant; None if the program has none."""
    if not program.brakes:
        return None
    watch = Watch(program)
    for case in several:
        if case.base > 0:
            fact = case.fact
            watch.look_at(
                activity=fact.id,
                action=fact.action,
                member=fact.member,
                occurred_at=fact.occurred_at,
                data=fact.data,
            )
    return watch


def limits(several: Iterable[Case]) -> dict[CapKey, int]:
    """Return the uses of caps that the cases may move, with their limits."""
    return {
        key: cap.limit
        for case in several
        # What grants nothing, or takes, passes no cap, whatever its rule names.
        for key, cap in zip(case.caps, case.rule.caps, strict=False)
    }


def _case(program: ProgramInForce, rule: RuleInForce, fact: Fact, day: dt.date) -> Case:
    base = 0
    refusal: dict[str, Any] | None = None
    if not in_force(rule, fact.occurred_at):
        refusal = {
            "refused": "not_in_force",
            "from": _text(rule.starts_at),
            "to": _text(rule.ends_at),
        }
    elif failure := first_failure(when=rule.when, data=fact.data):
        refusal = {"refused": "condition_failed", "failed": failure}
    else:
        amount = base_points(rule=rule, data=fact.data)
        if isinstance(amount, NoPoints):
            refusal = {"refused": amount.reason, "field": amount.field}
        elif amount == 0:
            refusal = {"refused": "no_points"}
        else:
            base = amount
    caps = [
        (fact.member, cap.id, program.clock.period_start(day, cap.period))
        for cap in (rule.caps if base > 0 else ())
    ]
    reference = award_reference(rule=rule.code, activity=fact.id)
    return Case(rule, fact, day, base, refusal, reference, caps)


class Desk:
    """Decides cases one after the other against the book of their members."""

    def __init__(
        self, program: ProgramInForce, book: Book, now: dt.datetime, watch: Watch | None = None
    ) -> None:
        self.program = program
        self.book = book
        self.watch = watch
        self.lapses_at = expires_at(program=program, now=now)
        self.today = program.clock.local_date(now)
        self.now = now

    def decide(self, case: Case) -> Decision:
        """Grant, deduct or refuse; move the book accordingly."""
        if case.refusal is not None:
            return self._decision(case, 0, case.refusal)
        known = self.book.known.get(case.reference)
        if known is not None:
            return self._decision(case, known, {"repeated": True})
        account = self.book.accounts[case.fact.member]
        decision = self._grant(case, account) if case.base > 0 else self._deduct(case, account)
        # A batch may name one activity twice: the second time it is known.
        if decision.points:
            self.book.known[case.reference] = decision.points
        return decision

    def _grant(self, case: Case, account: AccountState) -> Decision:
        story: dict[str, Any] = {"base": case.base}
        points = case.base
        level = level_at(levels=self.program.levels, lifetime=account.lifetime)
        if level is not None and level.multiplier != 1:
            points = multiplied(points=points, multiplier=level.multiplier)
            story["multiplier"] = str(level.multiplier.normalize())
            story["level"] = level.code
        points = self._capped(case, points, story)
        if points > POINTS_LIMIT:  # lifted there by the multiplier, and not capped
            return self._decision(case, 0, story | {"refused": "points_out_of_range"})
        if points == 0:
            story.setdefault("refused", "no_points")
            return self._decision(case, 0, story)
        signals = (
            self.watch.signals(
                book=self.book,
                activity=case.fact.id,
                occurred_at=case.fact.occurred_at,
                points=points,
            )
            if self.watch
            else []
        )
        if signals or case.rule.release_days != 0:
            return self._defer(case, account, points, story, signals)
        decision = self._decision(case, points, story)
        source = self._source(case, decision)
        self.book.earn(account, points, source=source, expires_at=self.lapses_at)
        return decision

    def _defer(
        self,
        case: Case,
        account: AccountState,
        points: int,
        story: dict[str, Any],
        signals: list[Signal],
    ) -> Decision:
        """Have the points wait. The story does not tell a brake's hold from another decision."""
        days = case.rule.release_days
        instant = release_at(program=self.program, now=self.now, days=days) if days else None
        story["pending"] = {"release_at": None if signals else _text(instant)}
        decision = self._decision(case, points, story)
        source = self._source(case, decision)
        self.book.defer(account, Waiting(account.member, points, source, instant, signals))
        return decision

    def _capped(self, case: Case, points: int, story: dict[str, Any]) -> int:
        if not case.caps:
            return points
        story["caps"] = trail = []
        for cap, key in zip(case.rule.caps, case.caps, strict=True):
            used = self.book.caps[key].used
            passed = let_through(points=points, cap=cap, used=used)
            if points and not passed:
                story["refused"] = "cap_reached"
                story["cap"] = cap.code
                story["next_at"] = self._next_at(case, key)
            trail.append(
                {
                    "cap": cap.code,
                    "id": cap.id,
                    "limit": cap.limit,
                    "used": used,
                    "from": key[2].isoformat(),
                }
            )
            points = passed
        if points:
            for key in case.caps:
                self.book.use_cap(key, points)
        return points

    def _next_at(self, case: Case, key: CapKey) -> str | None:
        cap = next(cap for cap in case.rule.caps if cap.id == key[1])
        end = self.program.clock.period_end(key[2], cap.period)
        return None if end == dt.date.max else self.program.clock.start_of(end).isoformat()

    def _deduct(self, case: Case, account: AccountState) -> Decision:
        wanted = -case.base
        self.book.lapse(
            account,
            kind=EntryKind.EXPIRED.value,
            source=Source("expiry", self.now, self.today),
        )
        taken = wanted
        story: dict[str, Any] = {"base": case.base}
        if self.program.overdraft == Overdraft.FLOOR:
            taken = min(wanted, account.available)
            if taken == 0:
                return self._decision(case, 0, story | {"refused": "balance_is_zero"})
        decision = self._decision(case, -taken, story)
        self.book.debit(
            account, taken, kind=EntryKind.DEDUCTED.value, source=self._source(case, decision)
        )
        return decision

    def _source(self, case: Case, decision: Decision) -> Source:
        fact = case.fact
        return Source(
            case.reference,
            fact.occurred_at,
            case.day,
            rule_version=case.rule.version_id,
            activity=fact.id,
            explanation=decision.story,
        )

    @staticmethod
    def _decision(case: Case, points: int, story: dict[str, Any]) -> Decision:
        rule = case.rule
        inputs = {rule.field: case.fact.data.get(rule.field)} if rule.field else {}
        told = {"rule": rule.code, "version": rule.number, "points": points, **story}
        if inputs:
            told["inputs"] = inputs
        return Decision(rule.code, points, told)


def _text(instant: dt.datetime | None) -> str | None:
    return instant.isoformat() if instant else None
