"""The program in force, remembered by every process until its revision changes."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias, cast

from django.db import connection

from kit.clock import Period
from members.models import Community
from points.models import Counted, OverCap, Program
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

# One statement sees one program: no rule without its cap, whoever loads another meanwhile.
LISTS = """
SELECT jsonb_build_object(
    'levels', (
        SELECT jsonb_agg(
            to_jsonb(level) || jsonb_build_object('multiplier', level.multiplier::text)
            ORDER BY level.threshold
        ) FROM points_level level
    ),
    'segments', (
        SELECT jsonb_agg(to_jsonb(segment) ORDER BY segment.position, segment.id)
        FROM points_segment segment
    ),
    'caps', (SELECT jsonb_agg(to_jsonb(cap) ORDER BY cap.id) FROM points_cap cap),
    'brakes', (
        SELECT jsonb_agg(to_jsonb(brake) ORDER BY brake.position, brake.id)
        FROM points_brake brake WHERE brake.is_active
    ),
    'rules', (
        SELECT jsonb_agg(
            to_jsonb(version) || jsonb_build_object('code', rule.code)
            ORDER BY rule.position, rule.id
        ) FROM points_rule rule JOIN points_ruleversion version ON version.id = rule.current_id
    )
)
"""

Row: TypeAlias = dict[str, Any]

_remembered: ProgramInForce | None = None


def program(*, posting: bool = False) -> ProgramInForce:
    """Return the program in force: one query, three more after it has changed.

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


def kept_lists() -> dict[str, list[Row]]:
    """Return the rows of the program's lists, by their names in its file. One query.

    A rule is its version in force; retired caps are among the others, other retired things not.
    """
    with connection.cursor() as cursor:
        cursor.execute(LISTS)
        (text,) = cursor.fetchone()
    lists: dict[str, list[Row]] = {name: rows or [] for name, rows in json.loads(text).items()}
    for level in lists["levels"]:
        level["multiplier"] = Decimal(level["multiplier"])
    return lists


def _read(stamp: str) -> ProgramInForce:
    policies = Program.objects.get()
    lists = kept_lists()
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
            LevelInForce(
                level["id"], level["code"], level["name"], level["threshold"], level["multiplier"]
            )
            for level in lists["levels"]
        ),
        segments=tuple(
            SegmentInForce(one["code"], one["name"], one["condition"]) for one in lists["segments"]
        ),
        rules=_rules(lists),
        sections={
            name: shape.model_validate(policies.sections.get(name, {}))
            for name, shape in room_sections().items()
        },
        brakes=tuple(map(_brake, lists["brakes"])),
    )


def _rules(lists: Mapping[str, list[Row]]) -> dict[str, tuple[RuleInForce, ...]]:
    caps = {cap["code"]: _cap(cap) for cap in lists["caps"]}
    by_action: dict[str, list[RuleInForce]] = defaultdict(list)
    for version in lists["rules"]:
        found = _rule(version, caps)
        by_action[found.action].append(found)
    return {action: tuple(rules) for action, rules in by_action.items()}


def _cap(cap: Row) -> CapInForce:
    pays_rest = cap["over"] == OverCap.PARTIAL
    return CapInForce(cap["id"], cap["code"], cap["limit"], Period(cap["period"]), pays_rest)


def _brake(brake: Row) -> BrakeInForce:
    return BrakeInForce(
        id=brake["id"],
        code=brake["code"],
        counts_activities=brake["counts"] == Counted.ACTIVITIES,
        limit=brake["limit"],
        period=Period(brake["period"]) if brake["period"] else None,
        minutes=brake["minutes"] or 0,
        actions=frozenset(brake["actions"]),
        same=brake["same"],
        younger_than_days=brake["younger_than_days"],
    )


def release_days(said: Mapping[str, Any]) -> int | None:
    """Return how long the grants of a rule wait, as its definition says; None for a decision.

    One that says nothing, as the oldest do, grants at once.
    """
    release = said.get("release", AT_ONCE)
    if isinstance(release, dict):
        return int(release["days"])
    return 0 if release == AT_ONCE else None


def _rule(version: Row, caps: Mapping[str, CapInForce]) -> RuleInForce:
    said: dict[str, Any] = version["definition"]
    points = said["points"]
    varies = isinstance(points, dict)
    return RuleInForce(
        code=version["code"],
        version_id=version["id"],
        number=version["number"],
        action=version["action"],
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
