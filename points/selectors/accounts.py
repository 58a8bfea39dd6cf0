"""What an account shows: its totals as they are this instant, lapsed lots left out."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

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
