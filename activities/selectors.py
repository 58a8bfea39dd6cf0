"""What the activities room tells."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from activities.errors import NoSuchActivity
from activities.models import Activity, Reversal
from kit.bulk import column, split

KNOWN = f"""
SELECT wanted.id, a.member_id, a.action, a.occurred_at, a.data::text, a.outcome::text,
       r.id IS NOT NULL
FROM unnest({split("text")}) AS wanted (id)
LEFT JOIN activities_activity AS a ON a.id = wanted.id
LEFT JOIN activities_reversal AS r ON r.activity = wanted.id
WHERE a.id IS NOT NULL OR r.id IS NOT NULL
"""  # noqa: S608 - of constants


@dataclass(frozen=True, slots=True)
class Award:
    """What one rule granted, or took."""

    rule: str
    points: int


@dataclass(frozen=True, slots=True)
class KnownActivity:
    """An activity as it was taken in. `outcome` is what each rule made of it."""

    member: int
    action: str
    occurred_at: dt.datetime
    data: Mapping[str, Any]
    outcome: list[dict[str, Any]]


def awards_of(*, outcome: Iterable[Mapping[str, Any]]) -> list[Award]:
    """Return what was granted or taken, without the refusals."""
    return [Award(told["rule"], told["points"]) for told in outcome if told.get("points")]


def known_activities(*, ids: Sequence[str]) -> tuple[dict[str, KnownActivity], set[str]]:
    """Return those that have been taken in, and the ids that a reversal came for: one query."""
    if not ids:
        return {}, set()
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [column(ids)])
        rows = cursor.fetchall()
    known = {
        row[0]: KnownActivity(row[1], row[2], row[3], json.loads(row[4]), json.loads(row[5]))
        for row in rows
        if row[1] is not None
    }
    return known, {row[0] for row in rows if row[6]}


def activity(*, id: str) -> Activity:  # noqa: A002 - its name
    """Return the activity with its member. Raises NoSuchActivity."""
    found = Activity.objects.select_related("member").filter(id=id).first()
    if found is None:
        raise NoSuchActivity
    return found


def reversal(*, activity: str) -> Reversal | None:
    """Return the reversal that was asked for, if any."""
    return Reversal.objects.filter(activity=activity).first()
