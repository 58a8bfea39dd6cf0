"""The program in force, remembered by every process until its revision changes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from django.db import connection

from kit.clock import Period
from members.models import Community
from points.models import Brake, Cap, Counted, Level, OverCap, Program, Rule, RuleVersion, Segment
from points.program_file.sections import S, room_sections
from points.program_file.shape import AT_ONCE
from points.rules import (
    BrakeInForce,
    CapInForce,
    LevelInForce,
    ProgramInForce,
    RuleInForce,
    SegmentInForce,
)

PROGRAM_LOCK = 7_001
"""Advisory lock: every posting shares it from when it locks accounts; a load of the program, and
whoever must not have a posting beside it, takes it alone."""

# The community's clock counts too: an operator may set it without touching the program.
STAMP = """
SELECT concat_ws(' ', program.revision, community.time_zone, community.day_starts_at,
                 community.fiscal_year_starts, community.earlier_clocks)
FROM points_program program, members_community community
"""

_remembered: ProgramInForce | None = None


def program(*, posting: bool = False) -> ProgramInForce:
    """Return the program in force: one query, seven more after it has changed.

    With `posting` it is what the process remembers, without a query, and may be out of force:
    `ledger.open_book` looks, under the program's lock, and has the transaction start over.
    """
    global _remembered  # noqa: PLW0603 - one program for each process, replaced as a whole
    if posting and _remembered is not None:
        return _remembered
    with connection.cursor() as cursor:
        cursor.execute(STAMP)
        (stamp,) = cursor.fetchone()
    if _remembered is None or _remembered.revision != stamp:
        _remembered = _read(stamp)
    return _remembered


def section(*, shape: type[S]) -> S:
    """Return the settings of the room whose section has this shape, as the program has them."""
    name = next(name for name, known in room_sections().items() if known is shape)
    return cast("S", program().sections[name])


def forget_program() -> None:
    """Read the program anew at the next call, as a test must whose rows have been rolled back."""
    global _remembered  # noqa: PLW0603 - one program for each process, replaced as a whole
    _remembered = None


def _read(stamp: str) -> ProgramInForce:
    policies = Program.objects.get()
    return ProgramInForce(
        revision=stamp,
        clock=Community.objects.get().clock,
        overdraft=policies.overdraft,
        expiry=policies.expiry,
        expiry_days=policies.expiry_days,
        revive_days=policies.revive_days,
        notice_days=tuple(policies.notice_days),
        accept_late_hours=policies.accept_late_hours,
        levels=tuple(
            LevelInForce(level.id, level.code, level.name, level.threshold, level.multiplier)
            for level in Level.objects.order_by("threshold")
        ),
        segments=tuple(
            SegmentInForce(one.code, one.name, one.condition)
            for one in Segment.objects.order_by("position", "id")
        ),
        rules=_rules(),
        sections={
            name: shape.model_validate(policies.sections.get(name, {}))
            for name, shape in room_sections().items()
        },
        brakes=tuple(map(_brake, Brake.objects.filter(is_active=True).order_by("position", "id"))),
    )


def _rules() -> dict[str, tuple[RuleInForce, ...]]:
    # Rules first, and retired caps too: a load that commits in between leaves no rule without its
    # cap.
    rules = list(Rule.objects.in_force())
    caps = {cap.code: _cap(cap) for cap in Cap.objects.all()}
    by_action: dict[str, list[RuleInForce]] = defaultdict(list)
    for rule in rules:
        found = _rule(rule, caps)
        by_action[found.action].append(found)
    return {action: tuple(rules) for action, rules in by_action.items()}


def _cap(cap: Cap) -> CapInForce:
    pays_rest = cap.over == OverCap.PARTIAL
    return CapInForce(cap.id, cap.code, cap.limit, Period(cap.period), pays_rest)


def _brake(brake: Brake) -> BrakeInForce:
    return BrakeInForce(
        id=brake.id,
        code=brake.code,
        counts_activities=brake.counts == Counted.ACTIVITIES,
        limit=brake.limit,
        period=Period(brake.period) if brake.period else None,
        minutes=brake.minutes or 0,
        actions=frozenset(brake.actions),
        same=brake.same,
        younger_than_days=brake.younger_than_days,
    )


def release_days(said: Mapping[str, Any]) -> int | None:
    """Return how long the grants of a rule wait, as its definition says; None for a decision.

    One that says nothing, as the oldest do, grants at once.
    """
    release = said.get("release", AT_ONCE)
    if isinstance(release, dict):
        return int(release["days"])
    return 0 if release == AT_ONCE else None


def _rule(rule: Rule, caps: Mapping[str, CapInForce]) -> RuleInForce:
    version = cast("RuleVersion", rule.current)  # in_force() leaves out the retired
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
        release_days=release_days(said),
    )


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
