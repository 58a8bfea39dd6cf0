"""Why an entry is what it is: from what was stored with it when it was posted (I10)."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from points.models import Allocation, Entry, EntryKind
from points.selectors.decided import CapMet, decided
from points.selectors.earning import RuleTold, rule_told
from points.selectors.sentences import entry_sentence

GRANTING = {EntryKind.EARNED, EntryKind.ADJUSTED, EntryKind.FORGIVEN}
"""Kinds that go into a lot of their own expiry. What is given back goes to the lots that paid."""


@dataclass(frozen=True, slots=True)
class CapPassed:
    """One cap on the way of a grant, and its use of the period before and after.

    A lifetime's period has no first day.
    """

    code: str
    starts_on: dt.date | None
    limit: int
    used_before: int
    used_after: int
    asked: int
    let_through: int


@dataclass(frozen=True, slots=True)
class LotShare:
    """Points that a lot gained or paid; no instant is a lot that never lapses."""

    points: int
    expires_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an entry rests on. `sentence` says it in the current language.

    `rule` is what the rule said in the version that counted, `inputs` what it read of the
    activity's data, `base` what it gave before `multiplier` (of `level`) and `caps`; a deduction
    or an adjustment (`asked`) that stops at zero moves less. `debt_moved` is the part that became
    debt (positive) or repaid it (negative). `lots` gained a grant, or paid; the lots of a refund,
    or of a reversal that gives back, are those of the entry it names. `pending_since` is when the
    points were granted that had to wait.
    """

    sentence: str
    action: str | None
    activity: str | None
    reason: str
    rule: RuleTold | None
    inputs: Mapping[str, Any]
    base: int | None
    multiplier: str | None
    level: str | None
    caps: tuple[CapPassed, ...]
    asked: int | None
    debt_moved: int
    lots: tuple[LotShare, ...]
    reverses: int | None
    reversed_by: int | None
    refunds: int | None
    pending_since: dt.datetime | None = None


def explanation(*, entry: Entry) -> Explanation:
    """Return what the entry rests on: what it counted, what it moved and what undid it."""
    told: Mapping[str, Any] = entry.explanation
    steps = decided(story=told) if "rule" in told else None
    caps = tuple(_caps(entry, steps.caps)) if steps else ()
    undone = getattr(entry, "reversed_by", None)
    pending = told.get("pending")
    return Explanation(
        sentence=entry_sentence(
            entry=entry, let_through=[(cap.code, cap.let_through, cap.asked) for cap in caps]
        ),
        action=entry.action,
        activity=entry.activity or None,
        reason=entry.reason,
        rule=rule_told(version=entry.rule_version) if entry.rule_version else None,
        inputs=steps.inputs if steps else {},
        base=steps.base if steps else None,
        multiplier=told.get("multiplier"),
        level=told.get("level"),
        caps=caps,
        asked=told.get("asked"),
        debt_moved=entry.debt_moved,
        lots=_lots(entry),
        reverses=entry.reverses_id,
        reversed_by=undone.id if undone else None,
        refunds=_refunded(told),
        pending_since=dt.datetime.fromisoformat(pending["since"]) if pending else None,
    )


def _caps(entry: Entry, met: Sequence[CapMet]) -> Iterator[CapPassed]:
    for cap, kept in zip(met, entry.explanation.get("caps", ()), strict=True):
        starts_on = dt.date.fromisoformat(kept["from"])
        yield CapPassed(
            code=cap.code,
            starts_on=None if starts_on == dt.date.min else starts_on,
            limit=cap.limit,
            used_before=cap.used,
            used_after=cap.used + entry.points,
            asked=cap.asked,
            let_through=cap.let_through,
        )


def _lots(entry: Entry) -> tuple[LotShare, ...]:
    if entry.points < 0:
        paid = Allocation.objects.filter(entry=entry).order_by("id")
        return tuple(LotShare(*share) for share in paid.values_list("points", "lot__expires_at"))
    granted = entry.points + entry.debt_moved
    if granted and entry.kind in GRANTING:
        return (LotShare(granted, entry.expires_at),)
    return ()


def _refunded(told: Mapping[str, Any]) -> int | None:
    if "refunds" not in told:
        return None
    spent = Entry.objects.filter(reference=told["refunds"])
    return spent.values_list("id", flat=True).first()
