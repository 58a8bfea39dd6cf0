"""Turning activities into points."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kit.fields import POINTS_LIMIT
from points import ledger, selectors
from points.book import AccountState, Book, CapKey, Source
from points.models import EntryKind, Overdraft
from points.rules import (
    NoPoints,
    ProgramInForce,
    RuleInForce,
    base_points,
    expires_at,
    first_failure,
    in_force,
    level_at,
    multiplied,
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
    `multiplier`, `caps`, `inputs`), or `refused` with the reason and what it rests on.
    """

    rule: str
    points: int
    story: dict[str, Any]


@dataclass(slots=True)
class _Case:
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


@transaction.atomic(savepoint=False)
def award(
    *, facts: Sequence[Fact], now: dt.datetime, program: ProgramInForce | None = None
) -> list[list[Decision]]:
    """Grant what the rules give for each activity, once per rule and activity, in their order.

    Returns the decisions of each activity, in the program's order of rules. Locks the accounts of
    all members named until the caller's transaction ends, whether or not anything is granted.
    A caller that has asked for the program for posting in this transaction hands it over.
    """
    program = program or selectors.program(posting=True)
    cases = [_cases(program, fact) for fact in facts]
    flat = [case for group in cases for case in group if case.refusal is None]
    book = ledger.open_book(
        program=program,
        members={fact.member for fact in facts},
        references=[case.reference for case in flat],
        caps={
            key: cap.limit
            for case in flat
            for key, cap in zip(case.caps, case.rule.caps, strict=True)
        },
        lots_of={case.fact.member for case in flat if case.base < 0},
    )
    lapses_at = expires_at(program=program, now=now)
    desk = _Desk(program, book, lapses_at, now)
    decisions = [[desk.decide(case) for case in group] for group in cases]
    ledger.post(book, program=program)
    return decisions


def _cases(program: ProgramInForce, fact: Fact) -> list[_Case]:
    rules = program.rules.get(fact.action)
    if not rules:
        return []
    day = program.clock.local_date(fact.occurred_at)
    return [_case(program, rule, fact, day) for rule in rules]


def _case(program: ProgramInForce, rule: RuleInForce, fact: Fact, day: dt.date) -> _Case:
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
    return _Case(rule, fact, day, base, refusal, reference, caps)


class _Desk:
    """Decides cases one after the other against the book of their members."""

    def __init__(
        self, program: ProgramInForce, book: Book, lapses_at: dt.datetime | None, now: dt.datetime
    ) -> None:
        self.program = program
        self.book = book
        self.lapses_at = lapses_at
        self.today = program.clock.local_date(now)
        self.now = now

    def decide(self, case: _Case) -> Decision:
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

    def _grant(self, case: _Case, account: AccountState) -> Decision:
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
        decision = self._decision(case, points, story)
        source = self._source(case, decision)
        self.book.earn(account, points, source=source, expires_at=self.lapses_at)
        return decision

    def _capped(self, case: _Case, points: int, story: dict[str, Any]) -> int:
        if not case.caps:
            return points
        story["caps"] = trail = []
        for cap, key in zip(case.rule.caps, case.caps, strict=True):
            used = self.book.caps[key].used
            room = max(cap.limit - used, 0)
            if points > room:
                points = room if cap.pays_rest else 0
                if points == 0 and "refused" not in story:
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
        if points:
            for key in case.caps:
                self.book.use_cap(key, points)
        return points

    def _next_at(self, case: _Case, key: CapKey) -> str | None:
        cap = next(cap for cap in case.rule.caps if cap.id == key[1])
        end = self.program.clock.period_end(key[2], cap.period)
        return None if end == dt.date.max else self.program.clock.start_of(end).isoformat()

    def _deduct(self, case: _Case, account: AccountState) -> Decision:
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

    def _source(self, case: _Case, decision: Decision) -> Source:
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
    def _decision(case: _Case, points: int, story: dict[str, Any]) -> Decision:
        rule = case.rule
        inputs = {rule.field: case.fact.data.get(rule.field)} if rule.field else {}
        told = {"rule": rule.code, "version": rule.number, "points": points, **story}
        if inputs:
            told["inputs"] = inputs
        return Decision(rule.code, points, told)


def _text(instant: dt.datetime | None) -> str | None:
    return instant.isoformat() if instant else None
