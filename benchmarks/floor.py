"""The floor: the writes of the service in plain SQL, as few and as cheap as PostgreSQL allows.

One statement takes a batch: it locks the accounts in member order, then writes activities, lots,
entries, accounts, standings and cap usage set-based. It trusts its input: no rule is evaluated, no
cap is checked, no reference is looked up, and the explanations are constants of the size that the
service writes. Nothing in Python can be asked to be faster than this.
"""

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from benchmarks.stage import Stage, StageError, execute, tool

DRAWN = """
drawn AS MATERIALIZED (
    SELECT turn_of.i AS n,
           :run::text || '-' || :client_id::text || '-'
               || lpad((:n::bigint * :batch::bigint + i)::text, 10, '0') AS id,
           :first::bigint + floor(random() * :members::bigint)::bigint AS member_id,
           i % 4 AS turn,
           now() - random() * interval '1 hour' AS occurred_at
    FROM generate_series(1, :batch::bigint) AS turn_of (i)
)"""
"""A batch of random members, made by the server: what pgbench feeds the floor with."""

SENT = """
drawn AS MATERIALIZED (
    SELECT 1 AS n, %(id)s::text AS id, member.id AS member_id, rule.turn,
           %(occurred_at)s::timestamptz AS occurred_at
    FROM rule, members_member AS member
    WHERE rule.action = %(action)s AND member.external_id = %(member)s
)"""
"""One activity that came with a request: what the bare view feeds the floor with."""

CHAIN = """
input AS MATERIALIZED (
    SELECT n, id, member_id, occurred_at, action, code, points, version_id, cap_id, cap_limit,
           code || ':' || id AS reference, data, outcome, explanation
    FROM drawn JOIN rule USING (turn)
),
locked AS MATERIALIZED (
    SELECT member_id, available + held - debt AS net
    FROM points_account
    WHERE member_id = ANY (ARRAY(SELECT member_id FROM input))
    ORDER BY member_id
    FOR NO KEY UPDATE
),
moves AS MATERIALIZED (
    SELECT input.*,
           net + (sum(points) OVER (PARTITION BY member_id ORDER BY n))::bigint AS net_after
    FROM input JOIN locked USING (member_id)
),
gains AS MATERIALIZED (
    SELECT member_id, sum(points)::bigint AS points, max(occurred_at) AS reached_at
    FROM moves GROUP BY member_id
),
taken AS (
    INSERT INTO activities_activity
        (id, member_id, action, occurred_at, data, state, outcome)
    SELECT id, member_id, action, occurred_at, data, 'taken', outcome
    FROM moves
),
lots AS (
    INSERT INTO points_lot AS lot (member_id, expires_at, granted, remaining, held)
    SELECT member_id, NULL, points, points, 0 FROM gains
    ON CONFLICT (member_id, expires_at) DO UPDATE
    SET granted = lot.granted + excluded.granted, remaining = lot.remaining + excluded.remaining
),
entries AS (
    INSERT INTO points_entry
        (member_id, kind, points, net_after, debt_moved, reference, rule_version_id,
         activity, occurred_at, occurred_on, reason, explanation)
    SELECT member_id, 'earned', points, net_after, 0, reference, version_id,
           id, occurred_at, (occurred_at AT TIME ZONE 'UTC')::date, '', explanation
    FROM moves
),
accounts AS (
    UPDATE points_account AS account
    SET available = available + gains.points,
        lifetime = lifetime + gains.points,
        lifetime_reached_at = greatest(lifetime_reached_at, gains.reached_at),
        level_id = (
            SELECT id FROM points_level WHERE threshold <= account.lifetime + gains.points
            ORDER BY threshold DESC LIMIT 1
        )
    FROM gains
    WHERE account.member_id = gains.member_id
),
standings AS (
    INSERT INTO points_standing AS standing (member_id, period, starts_on, points, reached_at)
    SELECT member_id, period, date_trunc(period, occurred_at AT TIME ZONE 'UTC')::date,
           sum(points), max(occurred_at)
    FROM moves, unnest(ARRAY['week', 'month', 'quarter', 'year']) AS period
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (member_id, period, starts_on) DO UPDATE
    SET points = standing.points + excluded.points,
        reached_at = greatest(standing.reached_at, excluded.reached_at)
),
usages AS (
    INSERT INTO points_capusage AS usage (member_id, cap_id, starts_on, used, "limit")
    SELECT member_id, cap_id, date_trunc('year', occurred_at AT TIME ZONE 'UTC')::date,
           sum(points), cap_limit
    FROM moves WHERE cap_id IS NOT NULL
    GROUP BY 1, 2, 3, 5
    ON CONFLICT (member_id, cap_id, starts_on) DO UPDATE
    SET used = usage.used + excluded.used
)
SELECT id, code, points FROM moves"""


WRITTEN = """
SELECT DISTINCT ON (activity.action)
       activity.action, activity.data::text, activity.outcome::text,
       rule.code, entry.points, entry.rule_version_id, entry.explanation::text,
       cap.id AS cap_id, cap."limit" AS cap_limit
FROM activities_activity AS activity
JOIN points_entry AS entry ON entry.activity = activity.id
JOIN points_ruleversion AS version ON version.id = entry.rule_version_id
JOIN points_rule AS rule ON rule.id = version.rule_id
LEFT JOIN points_cap AS cap ON version.definition -> 'caps' ? cap.code
ORDER BY activity.action
"""
"""What the service wrote for each action: the floor's constants."""

RULE = """rule (turn, action, data, outcome, code, points, version_id, explanation, cap_id,
      cap_limit) AS (VALUES {rows})"""
ROW = """
    ({turn}, {action}, {data}::jsonb, {outcome}::jsonb, {code}, {points}::bigint,
     {rule_version_id}::bigint, {explanation}::jsonb, {cap_id}::bigint, {cap_limit}::bigint)"""


def statement(connection: psycopg.Connection[Any], drawn: str) -> str:
    """Return the floor's statement, fed from `drawn`.

    It writes, activity for activity, what the service wrote for the same action before: the
    service must have taken some of each.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        written = cursor.execute(WRITTEN).fetchall()
    rows = sql.SQL(",").join(
        sql.SQL(ROW).format(turn=turn, **row) for turn, row in enumerate(written)
    )
    rule = sql.SQL(RULE).format(rows=rows).as_string(connection)
    return f"WITH {rule},{drawn},{CHAIN}"


@dataclass(frozen=True, slots=True)
class Pgbench:
    """The floor of batches, sent by PostgreSQL's own load generator."""

    stage: Stage
    size: int
    clients: int

    def run(self, batches: int, *, run: str) -> float:
        """Write `batches` batches; return activities a second. Raises StageError.

        `run` begins every activity's id.
        """
        script = self.stage.folder / "floor.sql"
        with self.stage.connect() as connection:
            script.write_text(f"{statement(connection, DRAWN)};\n\\set n :n + 1\n", "utf-8")
            (first,) = connection.execute("SELECT min(id) FROM members_member").fetchone() or (0,)
        variables = {"run": run, "n": 0, "batch": self.size, "first": first}
        printed = execute(
            [
                tool("pgbench"),
                *("--no-vacuum", "--protocol=prepared", f"--file={script}"),
                *(f"--client={self.clients}", f"--jobs={self.clients}"),
                f"--transactions={batches // self.clients}",
                *(f"--define={name}={value}" for name, value in variables.items()),
                f"--define=members={self.stage.members}",
                self.stage.url,
            ]
        )
        found = re.search(r"^tps = ([0-9.]+)", printed, re.MULTILINE)
        if not found or "number of failed transactions: 0 " not in printed:
            raise StageError(printed)
        return float(found[1]) * self.size
