"""What the activities room tells."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

import members.selectors
import points.selectors
from activities.errors import NoSuchActivity
from activities.models import Activity, Reversal
from activities.selectors.events import events_kept_of
from kit.bulk import column, split
from members.models import Member
from members.selectors import Kept, MemberRef

SEEN = f"""
SELECT wanted.id, wanted.member, m.id, m.state, a.member_id, a.action, a.occurred_at, a.data::text,
       a.outcome::text, r.id IS NOT NULL
FROM unnest({split("text")}, {split("text")}) AS wanted (id, member)
LEFT JOIN {Member._meta.db_table} AS m ON m.external_id = wanted.member
LEFT JOIN activities_activity AS a ON a.id = wanted.id
LEFT JOIN activities_reversal AS r ON r.activity = wanted.id
"""  # noqa: S608 - of constants

# What one does for oneself helps nobody else.
HELPED = f"""
SELECT a.member_id, count(DISTINCT a.data->>%s)
FROM activities_activity AS a JOIN {Member._meta.db_table} AS m ON m.id = a.member_id
WHERE a.member_id = ANY({split("bigint")}) AND a.action = ANY({split("text")})
  AND a.state = 'taken' AND a.occurred_at >= %s AND a.occurred_at < %s
  AND a.data->>%s <> m.external_id
GROUP BY a.member_id
"""  # noqa: S608 - of constants


@dataclass(frozen=True, slots=True)
class Award:
    """What one rule granted, or took. `pending` is there while granted points are not."""

    rule: str
    points: int
    pending: Mapping[str, Any] | None = None


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
    return [
        Award(told["rule"], told["points"], told.get("pending"))
        for told in outcome
        if told.get("points")
    ]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known beforehand of activities that come: members by external id, activities by id.

    `parked` are the ids that a reversal has come for.
    """

    members: Mapping[str, MemberRef]
    activities: Mapping[str, KnownActivity]
    parked: frozenset[str]


def seen(*, wanted: Sequence[tuple[str, str]]) -> Seen:
    """Return what is known of the activities with these ids, by these members: one query."""
    if not wanted:
        return Seen({}, {}, frozenset())
    ids, names = zip(*wanted, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [column(ids), column(names)])
        rows = cursor.fetchall()
    return Seen(
        members={row[1]: MemberRef(row[2], row[1], row[3]) for row in rows if row[2] is not None},
        activities={
            row[0]: KnownActivity(row[4], row[5], row[6], json.loads(row[7]), json.loads(row[8]))
            for row in rows
            if row[4] is not None
        },
        parked=frozenset(row[0] for row in rows if row[9]),
    )


def activity(*, id: str) -> Activity:  # noqa: A002 - its name
    """Return the activity with its member. Raises NoSuchActivity."""
    found = Activity.objects.select_related("member").filter(id=id).first()
    if found is None:
        raise NoSuchActivity
    return found


def kept_of(*, member: int) -> Kept:
    """Return the activities that are kept of the member with that id."""
    return {
        "activities": Activity.objects.filter(member=member)
        .order_by("occurred_at")
        .values("id", "action", "occurred_at", "data", "state", "outcome", "received_at"),
        **events_kept_of(member=member),
    }


def reversal(*, activity: str) -> Reversal | None:
    """Return the reversal that was asked for, if any."""
    return Reversal.objects.filter(activity=activity).first()


# --- For operators' pages, by index among many millions -----------------------------------------

LATEST = 200
"""Entries whose activities a list shows before anybody searches."""


def find_activities(*, among: QuerySet[Activity], text: str) -> QuerySet[Activity]:
    """Return the activities of a member (an external id), or the one with an id.

    Without text it is those that granted something last: no index knows the newest of all.
    """
    if not text:
        return among.filter(id__in=points.selectors.latest_activities(limit=LATEST))
    member = members.selectors.member(external_id=text)
    return among.filter(id=text) if member is None else among.filter(member=member.id)


def last_activity_at(*, member: str) -> Subquery:
    """Return an expression for when a member last did something; `member` names the column."""
    done = Activity.objects.filter(member=OuterRef(member)).order_by("-occurred_at")
    return Subquery(done.values("occurred_at")[:1])


def members_helped(
    *,
    members: Collection[int],
    actions: Collection[str],
    start: dt.datetime,
    end: dt.datetime,
    field: str,
) -> dict[int, int]:
    """Return how many different others each of these members helped by the actions.

    From `start` to before `end`. Whom an activity helped is what its data say in `field`. What was
    taken back helped nobody. One statement; members who helped nobody are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            HELPED, [field, column(sorted(members)), column(sorted(actions)), start, end, field]
        )
        return dict(cursor.fetchall())
