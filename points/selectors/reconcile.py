"""The proof that the running totals are what the entries say (ledger.md: I1, I4, I11)."""

from dataclasses import dataclass

from django.db import connection, transaction

from points.selectors.program import program

MOST_SHOWN = 100

# Each check lists the members for whom what is kept differs from what the entries give.
NET = """
SELECT coalesce(a.member_id, e.member_id) AS member_id,
       coalesce(a.available + a.held - a.debt, 0) AS kept, coalesce(e.points, 0) AS computed
FROM points_account AS a
FULL JOIN (SELECT member_id, sum(points) AS points FROM points_entry GROUP BY member_id) AS e
  ON e.member_id = a.member_id
"""
# A released hold repays debt without an entry, for the net does not move.
DEBT = """
SELECT coalesce(a.member_id, e.member_id) AS member_id, coalesce(a.debt, 0) AS kept,
       coalesce(e.debt, 0) AS computed
FROM points_account AS a
FULL JOIN (
  SELECT member_id, sum(debt) AS debt FROM (
    SELECT member_id, debt_moved AS debt FROM points_entry
    UNION ALL
    SELECT h.member_id, l.returned - l.points
    FROM points_hold AS h JOIN points_allocation AS l ON l.hold_id = h.id
    WHERE h.state = 'released' AND l.returned < l.points
  ) AS moved GROUP BY member_id
) AS e ON e.member_id = a.member_id
"""
LOTS = """
SELECT coalesce(a.member_id, l.member_id) AS member_id, coalesce(a.available + a.held, 0) AS kept,
       coalesce(l.points, 0) AS computed
FROM points_account AS a
FULL JOIN (SELECT member_id, sum(remaining) AS points FROM points_lot GROUP BY member_id) AS l
  ON l.member_id = a.member_id
"""
HELD_IN_LOTS = """
SELECT coalesce(a.member_id, l.member_id) AS member_id, coalesce(a.held, 0) AS kept,
       coalesce(l.points, 0) AS computed
FROM points_account AS a
FULL JOIN (SELECT member_id, sum(held) AS points FROM points_lot GROUP BY member_id) AS l
  ON l.member_id = a.member_id
"""
OPEN_HOLDS = """
SELECT coalesce(a.member_id, h.member_id) AS member_id, coalesce(a.held, 0) AS kept,
       coalesce(h.points, 0) AS computed
FROM points_account AS a
FULL JOIN (
  SELECT member_id, sum(points) AS points FROM points_hold WHERE state = 'held' GROUP BY member_id
) AS h ON h.member_id = a.member_id
"""
# Earned points count until they are reversed; a reversal counts against what it reverses.
EARNED = """
SELECT e.member_id, e.points, e.occurred_on, e.occurred_at
FROM points_entry AS e WHERE e.kind = 'earned'
UNION ALL
SELECT r.member_id, r.points, o.occurred_on, o.occurred_at
FROM points_entry AS r JOIN points_entry AS o ON o.id = r.reverses_id
WHERE r.kind = 'reversed' AND o.kind = 'earned'
"""
LIFETIME = f"""
SELECT coalesce(a.member_id, e.member_id) AS member_id, coalesce(a.lifetime, 0) AS kept,
       coalesce(e.points, 0) AS computed
FROM points_account AS a
FULL JOIN (
  SELECT member_id, sum(points) AS points FROM ({EARNED}) AS earned GROUP BY member_id
) AS e ON e.member_id = a.member_id
"""
LEVEL = """
SELECT a.member_id, coalesce(a.level_id, 0) AS kept,
       coalesce((SELECT l.id FROM points_level AS l WHERE l.threshold <= a.lifetime
                 ORDER BY l.threshold DESC LIMIT 1), 0) AS computed
FROM points_account AS a
"""
STANDINGS = f"""
SELECT coalesce(s.member_id, e.member_id) AS member_id, coalesce(s.points, 0) AS kept,
       coalesce(e.points, 0) AS computed
FROM points_standing AS s
FULL JOIN (
  SELECT earned.member_id, p.period, p.starts_on::date AS starts_on, sum(earned.points) AS points
  FROM ({EARNED}) AS earned
  CROSS JOIN LATERAL (VALUES
    ('week', date_trunc('week', earned.occurred_on)),
    ('month', date_trunc('month', earned.occurred_on)),
    ('quarter', date_trunc('month', earned.occurred_on) - make_interval(months =>
       (extract(month FROM earned.occurred_on)::int - %s + 12) %% 3)),
    ('year', date_trunc('month', earned.occurred_on) - make_interval(months =>
       (extract(month FROM earned.occurred_on)::int - %s + 12) %% 12))
  ) AS p (period, starts_on)
  GROUP BY earned.member_id, p.period, p.starts_on
) AS e ON (e.member_id, e.period, e.starts_on) = (s.member_id, s.period, s.starts_on)
"""
PENDING = """
SELECT coalesce(a.member_id, p.member_id) AS member_id, coalesce(a.pending, 0) AS kept,
       coalesce(p.points, 0) AS computed
FROM points_account AS a
FULL JOIN (
  SELECT member_id, sum(points) AS points FROM points_pendingaward WHERE state = 'waiting'
  GROUP BY member_id
) AS p ON p.member_id = a.member_id
"""
# What waits has used its caps already.
CAPS = """
SELECT coalesce(u.member_id, e.member_id) AS member_id, coalesce(u.used, 0) AS kept,
       coalesce(e.points, 0) AS computed
FROM points_capusage AS u
FULL JOIN (
  SELECT e.member_id, (cap->>'id')::bigint AS cap_id, (cap->>'from')::date AS starts_on,
         sum(e.points) AS points
  FROM (
    SELECT e.member_id, e.points + coalesce(r.points, 0) AS points, e.explanation
    FROM points_entry AS e LEFT JOIN points_entry AS r ON r.reverses_id = e.id
    WHERE e.kind = 'earned' AND e.explanation ? 'caps'
    UNION ALL
    SELECT member_id, points, explanation FROM points_pendingaward
    WHERE state = 'waiting' AND explanation ? 'caps'
  ) AS e
  CROSS JOIN LATERAL jsonb_array_elements(e.explanation->'caps') AS cap
  GROUP BY e.member_id, cap_id, starts_on
) AS e ON (e.member_id, e.cap_id, e.starts_on) = (u.member_id, u.cap_id, u.starts_on)
"""

CHECKS = {
    "net points against the entries": NET,
    "debt against the entries": DEBT,
    "lots against available and held points": LOTS,
    "held points against the lots": HELD_IN_LOTS,
    "held points against the open holds": OPEN_HOLDS,
    "lifetime points against the entries": LIFETIME,
    "levels against lifetime points and the ladder": LEVEL,
    "standings against the entries": STANDINGS,
    "pending points against the waiting awards": PENDING,
    "use of caps against the entries": CAPS,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One member for whom a check found something else than is kept."""

    check: str
    member: int
    kept: int
    computed: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was checked and every difference, at most a hundred a check."""

    accounts: int
    entries: int
    checks: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the totals are what the entries say."""
        return not self.differences


def reconcile() -> Reconciliation:
    """Recompute every member's totals from the entries and compare them with what is kept.

    Reads only, set-based, and sees one instant even while points move.
    """
    month = program().clock.fiscal_year_starts
    differences: list[Difference] = []
    one_instant = not connection.in_atomic_block
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if one_instant:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name, sql in CHECKS.items():
            cursor.execute(
                f"SELECT member_id, kept, computed FROM ({sql}) AS c "
                "WHERE kept <> computed ORDER BY member_id LIMIT %s",
                [*([month, month] if sql is STANDINGS else []), MOST_SHOWN],
            )
            differences += [Difference(name, *map(int, row)) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT (SELECT count(*) FROM points_account), (SELECT count(*) FROM points_entry)"
        )
        accounts, entries = cursor.fetchone()
    return Reconciliation(accounts, entries, tuple(CHECKS), tuple(differences))
