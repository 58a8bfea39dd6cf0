"""What an account shows: its totals as they are this instant, lapsed lots left out."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kit.errors import NotFound
from points.rules import LevelInForce, ProgramInForce, level_at
from points.selectors.program import STAMP, program

ACCOUNTS = """
SELECT m.id, m.external_id,
       (coalesce(a.available, 0) - coalesce(gone.points, 0))::bigint, coalesce(a.pending, 0),
       coalesce(a.held, 0), coalesce(a.debt, 0), coalesce(a.lifetime, 0), coalesce(l.code, '')
FROM members_member AS m
LEFT JOIN points_account AS a ON a.member_id = m.id
LEFT JOIN points_level AS l ON l.id = a.level_id
LEFT JOIN LATERAL (
  SELECT sum(remaining - held) AS points FROM points_lot
  WHERE member_id = m.id AND remaining > held AND expires_at <= clock_timestamp()
) AS gone ON true
"""

SOONEST = 10
"""Lots that an account names: the first to lapse."""

# Brings the program's stamp along, so that a process sees by the same statement whether the ladder
# it remembers is in force.
VIEW = f"""
SELECT ({STAMP}), m.id,
       coalesce(a.available, 0) - (
         SELECT coalesce(sum(remaining - held), 0)::bigint FROM points_lot
         WHERE member_id = m.id AND remaining > held AND expires_at <= moment.now
       ),
       coalesce(a.pending, 0), coalesce(a.held, 0), coalesce(a.debt, 0), coalesce(a.lifetime, 0),
       (SELECT json_agg(json_build_array(points, expires_at)) FROM (
         SELECT remaining - held AS points, expires_at FROM points_lot
         WHERE member_id = m.id AND remaining > held AND expires_at > moment.now
         ORDER BY expires_at LIMIT {SOONEST}
       ) AS soon),
       (SELECT json_agg(json_build_array(points, release_at)) FROM (
         SELECT sum(p.points)::bigint AS points,
                CASE WHEN c.state = 'open' THEN NULL ELSE p.release_at END AS release_at
         FROM points_pendingaward AS p LEFT JOIN points_brakecase AS c ON c.id = p.case_id
         WHERE p.member_id = m.id AND p.state = 'waiting' AND a.pending > 0
         GROUP BY 2 ORDER BY 2 LIMIT {SOONEST}
       ) AS coming)
FROM members_member AS m
CROSS JOIN (SELECT %s::timestamptz AS now) AS moment
LEFT JOIN points_account AS a ON a.member_id = m.id
"""


@dataclass(frozen=True, slots=True)
class AccountShown:
    """A member's totals. Net points are available + held - debt."""

    member: int
    external_id: str
    available: int
    pending: int
    held: int
    debt: int
    lifetime: int
    level: str

    @property
    def net(self) -> int:
        """What counts as the member's points."""
        return self.available + self.held - self.debt


def account(*, member: int) -> AccountShown | None:
    """Return the totals of the member with that id; zeros if nothing was posted yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"{ACCOUNTS} WHERE m.id = %s", [member])
        row = cursor.fetchone()
    return AccountShown(*row) if row else None


def accounts(*, chunk: int = 2_000) -> Iterator[AccountShown]:
    """Yield every member's totals in the order of their ids, a chunk in memory at a time."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"{ACCOUNTS} WHERE m.id > %s ORDER BY m.id LIMIT %s", [last, chunk])
            rows = cursor.fetchall()
        if not rows:
            return
        yield from (AccountShown(*row) for row in rows)
        last = rows[-1][0]


@dataclass(frozen=True, slots=True)
class NextLevel:
    """The first step of the ladder that is not reached yet, and the points that lack."""

    code: str
    name: str
    threshold: int
    missing: int


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that lapse together."""

    points: int
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Releasing:
    """Pending points that are released together; without an instant somebody must decide."""

    points: int
    releases_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its member sees it. Without a ladder there is no level."""

    available: int
    pending: int
    held: int
    debt: int
    lifetime: int
    level: LevelInForce | None
    next_level: NextLevel | None
    expiring: tuple[Expiring, ...]
    releasing: tuple[Releasing, ...] = ()


def account_view(*, member: int, now: dt.datetime) -> AccountView:
    """Return the account of the member with that id as it is at `now`, by one statement.

    What has lapsed is neither available nor expiring; held points do not lapse. The first ten
    lots to lapse are named, and the first ten instants at which pending points are released; those
    that wait for a decision come last. Zeros if nothing was posted yet. Raises NotFound without
    the member.
    """
    return _view("m.id", member, now)


def account_views(*, members: Collection[int], now: dt.datetime) -> dict[int, AccountView]:
    """Return what `account_view` does, of each of these members that there is: one statement."""
    known = program(posting=True)
    with connection.cursor() as cursor:
        cursor.execute(f"{VIEW} WHERE m.id = ANY(%s)", [now, list(members)])
        rows = cursor.fetchall()
    if any(row[0] != known.revision for row in rows):
        known = program()
    return {row[1]: _shown(known, row) for row in rows}


def account_view_of(*, external_id: str, now: dt.datetime) -> AccountView:
    """Return what `account_view` does, of the member that other systems know by this name."""
    return _view("m.external_id", external_id, now)


def _view(column: str, value: int | str, now: dt.datetime) -> AccountView:
    known = program(posting=True)
    with connection.cursor() as cursor:
        cursor.execute(f"{VIEW} WHERE {column} = %s", [now, value])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    if row[0] != known.revision:
        known = program()
    return _shown(known, row)


def _shown(known: ProgramInForce, row: Sequence[Any]) -> AccountView:
    _stamp, _member, available, pending, held, debt, lifetime, soon, coming = row
    return AccountView(
        available=available,
        pending=pending,
        held=held,
        debt=debt,
        lifetime=lifetime,
        level=level_at(levels=known.levels, lifetime=lifetime),
        next_level=_next_level(known.levels, lifetime),
        expiring=tuple(
            Expiring(points, dt.datetime.fromisoformat(instant)) for points, instant in soon or ()
        ),
        releasing=tuple(
            Releasing(points, dt.datetime.fromisoformat(instant) if instant else None)
            for points, instant in coming or ()
        ),
    )


def _next_level(levels: tuple[LevelInForce, ...], lifetime: int) -> NextLevel | None:
    for level in levels:
        if lifetime < level.threshold:
            missing = level.threshold - lifetime
            return NextLevel(level.code, level.name, level.threshold, missing)
    return None
