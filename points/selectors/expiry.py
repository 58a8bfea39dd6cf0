"""What has lapsed, what lapses soon, and what members are told of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import F, QuerySet

from kit.bulk import column, split
from points.models import ExpiryNotice, Lot
from points.rules import ProgramInForce
from points.selectors.accounts import Expiring
from points.selectors.program import program


class Place(NamedTuple):
    """A lot's place among all: first by when it lapses, then by its member's id."""

    expires_at: dt.datetime
    member: int


BEGINNING = Place(dt.datetime.min.replace(tzinfo=dt.UTC), 0)

# `clock_timestamp()` would be asked for each row, and so find no end in the index.
LAPSED = """
SELECT expires_at, member_id FROM points_lot
WHERE remaining > held AND expires_at <= statement_timestamp()
  AND (expires_at, member_id) > (%s::timestamptz, %s)
ORDER BY expires_at, member_id LIMIT %s
"""

# The days' starts are those of tomorrow and on: so many starts are not after the lot's lapse, so
# many days are left, and the step of that many days is the last one that has come.
DUE = f"""
WITH lot AS MATERIALIZED (
  SELECT expires_at, member_id FROM points_lot
  WHERE remaining > held AND expires_at < %s AND (expires_at, member_id) > (%s::timestamptz, %s)
  ORDER BY expires_at, member_id LIMIT %s
), due AS (
  SELECT DISTINCT member_id, %s::date + days AS expires_on,
         (SELECT min(step) FROM unnest(%s::int[]) AS step WHERE step >= days) AS step_days
  FROM lot CROSS JOIN LATERAL width_bucket(expires_at, {split("timestamptz")}) AS days
)
SELECT (SELECT json_build_array(max(expires_at), count(*)) FROM lot),
       (SELECT max(member_id) FROM lot WHERE expires_at = (SELECT max(expires_at) FROM lot)),
       (SELECT json_agg(json_build_array(member_id, expires_on, step_days)
                        ORDER BY expires_on, member_id) FROM due
        WHERE EXISTS (SELECT FROM members_member WHERE id = member_id AND erased_at IS NULL)
          AND NOT EXISTS (
            SELECT FROM points_expirynotice AS n
            WHERE (n.member_id, n.expires_on, n.step_days)
                = (due.member_id, due.expires_on, due.step_days)))
"""


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """A notice that there ought to be."""

    member: int
    expires_on: dt.date
    step_days: int


@dataclass(frozen=True, slots=True)
class NoticesDue:
    """The notices that some lots ask for, and the place of the last one if there may be more."""

    notices: Sequence[NoticeDue] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Notices:
    """A member's notices, and what lapses on each of their dates as of now."""

    rows: QuerySet[ExpiryNotice]
    lapsing: Mapping[dt.date, Expiring]


def lapsed_lots(*, after: Place | None, limit: int) -> list[Place]:
    """Return the places of the next lots that have lapsed by the database's clock, in order.

    Only those with points to write off: what is held does not lapse.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAPSED, [*(after or BEGINNING), limit])
        return [Place(*row) for row in cursor.fetchall()]


def notices_due(*, after: Place | None, limit: int, now: dt.datetime) -> NoticesDue:
    """Return the notices that are due at `now` by the next `limit` lots, and are not there yet.

    One statement along the lots as they lapse, and in the order of their dates, whatever the plan:
    who writes them beside another must not wait in a circle. Erased members are told nothing.
    """
    rules = program()
    if not rules.notice_days:
        return NoticesDue()
    today = rules.clock.local_date(now)
    starts = [
        rules.clock.start_of(today + dt.timedelta(days=days))
        for days in range(1, max(rules.notice_days) + 2)
    ]
    just_before = Place(starts[0], 0)
    steps = "{" + ",".join(map(str, rules.notice_days)) + "}"
    with connection.cursor() as cursor:
        cursor.execute(
            DUE, [starts[-1], *(after or just_before), limit, today, steps, column(starts[:-1])]
        )
        (last, found), member, due = cursor.fetchone()
    place = Place(dt.datetime.fromisoformat(last), member) if found == limit else None
    return NoticesDue(
        [NoticeDue(who, dt.date.fromisoformat(on), step) for who, on, step in due or ()], place
    )


def notices(*, member: int, now: dt.datetime) -> Notices:
    """Return what the member with that id is told: of points that are still there to lapse.

    How many they are is counted anew: held points do not lapse, spent ones are gone.
    """
    lapsing = lapsing_by_date(member=member, rules=program(), now=now)
    rows = ExpiryNotice.objects.filter(member=member, expires_on__in=list(lapsing))
    return Notices(rows, lapsing)


def lapsing_by_date(
    *, member: int, rules: ProgramInForce, now: dt.datetime
) -> Mapping[dt.date, Expiring]:
    """Return what lapses of a member's points after `now`, by the local date, soonest first."""
    lots = Lot.objects.filter(member=member, remaining__gt=F("held"), expires_at__gt=now)
    found: dict[dt.date, Expiring] = {}
    for expires_at, free in lots.order_by("expires_at").values_list(
        "expires_at", F("remaining") - F("held")
    ):
        day = rules.clock.local_date(expires_at)
        first = found.get(day, Expiring(0, expires_at))
        found[day] = Expiring(first.points + free, first.expires_at)
    return found
