"""The program in force, remembered by every process until its revision changes."""

import datetime as dt
import uuid
import zoneinfo
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeAlias

from django.db import connection

from kit.clock import Clock, Period
from points.models import Cap, Level, OverCap, Program, Rule
from points.rules import CapInForce, LevelInForce, ProgramInForce, RuleInForce

Stamp: TypeAlias = tuple[uuid.UUID, str, dt.time, int]

PROGRAM_LOCK = 7_001
"""Advisory lock: every posting shares it from its first statement; a load of the program, and
whoever must not have a posting beside it, takes it alone."""

# The community's clock is asked too: an operator may set it without touching the program.
_STAMP = """
SELECT program.revision, community.time_zone, community.day_starts_at, community.fiscal_year_starts
FROM points_program program, members_community community
"""
_STAMP_AND_LOCK = f"{_STAMP}, pg_advisory_xact_lock_shared({PROGRAM_LOCK})"

_remembered: tuple[Stamp, ProgramInForce] | None = None


def program(*, posting: bool = False) -> ProgramInForce:
    """Return the program in force: one query, four more after it has changed.

    With `posting` the transaction shares the program's lock from here on, so no load can commit
    before it ends. The answer may still be one load old, if that load committed while we waited:
    `ledger.open_book` looks again.
    """
    global _remembered  # noqa: PLW0603 - one program for each process, replaced as a whole
    with connection.cursor() as cursor:
        cursor.execute(_STAMP_AND_LOCK if posting else _STAMP)
        stamp: Stamp = cursor.fetchone()[:4]
    if _remembered is None or _remembered[0] != stamp:
        _remembered = stamp, _read(stamp)
    return _remembered[1]


def forget_program() -> None:
    """Read the program anew at the next call, as a test must whose rows have been rolled back."""
    global _remembered  # noqa: PLW0603 - one program for each process, replaced as a whole
    _remembered = None


def _read(stamp: Stamp) -> ProgramInForce:
    revision, time_zone, day_starts_at, fiscal_year_starts = stamp
    policies = Program.objects.get()
    return ProgramInForce(
        revision=str(revision),
        clock=Clock(zoneinfo.ZoneInfo(time_zone), day_starts_at, fiscal_year_starts),
        overdraft=policies.overdraft,
        expiry=policies.expiry,
        expiry_days=policies.expiry_days,
        revive_days=policies.revive_days,
        accept_late_hours=policies.accept_late_hours,
        levels=tuple(
            LevelInForce(level.id, level.code, level.name, level.threshold, level.multiplier)
            for level in Level.objects.order_by("threshold")
        ),
        rules=_rules(),
    )


def _rules() -> dict[str, tuple[RuleInForce, ...]]:
    # Rules first, and retired caps too: a load that commits in between leaves no rule without its
    # cap.
    rules = list(Rule.objects.in_force())
    caps = {cap.code: _cap(cap) for cap in Cap.objects.all()}
    by_action: dict[str, list[RuleInForce]] = defaultdict(list)
    for rule in rules:
        by_action[rule.current.action].append(_rule(rule, caps))
    return {action: tuple(rules) for action, rules in by_action.items()}


def _cap(cap: Cap) -> CapInForce:
    pays_rest = cap.over == OverCap.PARTIAL
    return CapInForce(cap.id, cap.code, cap.limit, Period(cap.period), pays_rest)


def _rule(rule: Rule, caps: Mapping[str, CapInForce]) -> RuleInForce:
    version = rule.current
    said: dict[str, Any] = version.definition
    points = said["points"]
    varies = isinstance(points, dict)
    return RuleInForce(
        code=rule.code,
        version_id=version.id,
        number=version.number,
        action=version.action,
        points=points["times"] if varies else points,
        field=points["field"] if varies else "",
        caps=tuple(caps[code] for code in said["caps"]),
        when=said["when"],
        starts_at=_instant(said["starts_at"]),
        ends_at=_instant(said["ends_at"]),
    )


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
