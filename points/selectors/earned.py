"""What members earned in a span of local days, for those who compare members by it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from kit.bulk import column, split
from kit.clock import Period
from points.models import Account, Entry, EntryKind, Level, RuleVersion, Standing

# A reversal takes an entry back as a whole, so what has been reversed is left out. A day's points
# stand under the activity's own date, whenever it was taken in.
EARNED = f"""
SELECT e.member_id, v.action, e.points, e.activity, e.occurred_at
FROM {Entry._meta.db_table} AS e
JOIN {RuleVersion._meta.db_table} AS v ON v.id = e.rule_version_id
WHERE e.kind = '{EntryKind.EARNED}' AND v.action = ANY({split("text")})
  AND e.occurred_on >= %s::date AND e.occurred_on < %s::date
  AND NOT EXISTS (SELECT FROM {Entry._meta.db_table} AS r WHERE r.reverses_id = e.id)
"""
TOTALS = f"""
SELECT member_id, sum(points)::bigint, max(occurred_at)
FROM ({EARNED}) AS earned GROUP BY member_id
"""
BY_ACTION = f"""
SELECT member_id, action, sum(points)::bigint
FROM ({EARNED}) AS earned WHERE member_id = ANY({split("bigint")}) GROUP BY member_id, action
"""

ONCE = f"""
SELECT member_id FROM {Entry._meta.db_table}
WHERE kind = '{EntryKind.EARNED}' AND occurred_on >= %s::date AND occurred_on < %s::date
GROUP BY member_id HAVING count(DISTINCT activity) = 1
"""


@dataclass(frozen=True, slots=True)
class Earned:
    """What a member earned: points, and when the last of them were."""

    member: int
    points: int
    reached_at: dt.datetime


def earned_by_actions(
    *, actions: Collection[str], start: dt.date, end: dt.date
) -> dict[int, Earned]:
    """Return what each member earned by these actions from `start` to before `end`.

    Local dates of the activities. What has been reversed since does not count. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, _span(actions, start, end))
        return {row[0]: Earned(*row) for row in cursor.fetchall()}


def earned_by_action(
    *, members: Collection[int], actions: Collection[str], start: dt.date, end: dt.date
) -> dict[int, dict[str, int]]:
    """Return the points of these members by member and action, as `earned_by_actions` counts."""
    with connection.cursor() as cursor:
        cursor.execute(BY_ACTION, [*_span(actions, start, end), column(list(members))])
        found: dict[int, dict[str, int]] = {}
        for member, action, points in cursor.fetchall():
            found.setdefault(member, {})[action] = points
    return found


def _span(actions: Collection[str], start: dt.date, end: dt.date) -> list[Any]:
    return [column(sorted(actions)), start, end]


def who_earned_in(*, month: dt.date) -> QuerySet[Standing, Any]:
    """Return the ids of the members who earned something in the month of that first date."""
    earned = Standing.objects.filter(period=Period.MONTH, starts_on=month, points__gt=0)
    return earned.values("member_id")


def who_has_earned(*, points: int) -> QuerySet[Account, Any]:
    """Return the ids of the members who have ever earned so much."""
    return Account.objects.filter(lifetime__gte=points).values("member_id")


def ranks_of(*, members: Collection[int], quarter: dt.date) -> dict[int, tuple[int, int]]:
    """Return the threshold of each member's level, and what they earned in that fiscal quarter.

    Who has no account yet is left out.
    """
    earned = dict(
        Standing.objects.filter(
            member__in=members, period=Period.QUARTER, starts_on=quarter
        ).values_list("member_id", "points")
    )
    levels = Account.objects.filter(member__in=members).values_list("member_id", "level__threshold")
    return {member: (threshold or 0, earned.get(member, 0)) for member, threshold in levels}


def who_did_one_thing(*, start: dt.date, end: dt.date) -> set[int]:
    """Return the ids of the members who earned by one activity alone in the span."""
    with connection.cursor() as cursor:
        cursor.execute(ONCE, [start, end])
        return {member for (member,) in cursor.fetchall()}


def threshold_of(*, level: str) -> int:
    """Return what it takes to reach the level of that code; 0 if there is none (any more)."""
    found = Level.objects.filter(code=level).values_list("threshold", flat=True).first()
    return found or 0
