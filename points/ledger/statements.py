"""The ledger's statements: the service's only hand-written SQL that writes."""

from kit.bulk import split
from points.selectors.program import PROGRAM_LOCK, STAMP

LOCK_ACCOUNTS = f"""
SELECT a.member_id, a.available, a.held, a.debt, a.lifetime, a.level_id, a.pending
FROM pg_advisory_xact_lock_shared({PROGRAM_LOCK}) AS program, points_account AS a
WHERE a.member_id = ANY(%s::bigint[])
  AND (SELECT count(*) FROM points_account WHERE member_id = ANY(%s::bigint[])) = %s
ORDER BY a.member_id
FOR NO KEY UPDATE OF a
"""
MAKE_ACCOUNTS = """
INSERT INTO points_account (member_id, available, pending, held, debt, lifetime, level_id)
SELECT member_id, 0, 0, 0, 0, 0, (SELECT id FROM points_level WHERE threshold = 0)
FROM unnest(%s::bigint[]) AS member_id
ORDER BY member_id
ON CONFLICT DO NOTHING
"""
# Runs after the accounts are locked, so its snapshot holds whatever the last holder committed.
READ = f"""
SELECT
  ({STAMP}),
  (SELECT json_agg(json_build_array(u.member_id, u.cap_id, u.starts_on, u.used))
     FROM unnest(%s::bigint[], %s::bigint[], {split("date")}) AS k (member_id, cap_id, starts_on)
     JOIN points_capusage AS u USING (member_id, cap_id, starts_on)),
  (SELECT json_agg(json_build_array(member_id, expires_at, id, granted, remaining, held,
                                    coalesce(expires_at <= clock_timestamp(), false)))
     FROM points_lot WHERE member_id = ANY(%s::bigint[]) AND (remaining > 0 OR %s)),
  (SELECT json_object_agg(k.reference, k.points)
     FROM (SELECT {split("text")} AS names) AS wanted
     CROSS JOIN LATERAL (
       SELECT reference, points FROM points_entry WHERE reference = ANY(wanted.names)
       UNION ALL
       SELECT reference, points FROM points_pendingaward WHERE reference = ANY(wanted.names)
     ) AS k)
"""
# Only where the program has brakes: what they have counted, and how old the members are.
READ_BRAKES = f"""{READ},
  (SELECT json_agg(json_build_array(u.member_id, u.brake_id, u.other, u.starts_at, u.used))
     FROM unnest({split("bigint")}, {split("bigint")}, {split("bigint")}, {split("timestamptz")})
       AS k (member_id, brake_id, other, starts_at)
     JOIN points_brakeusage AS u USING (member_id, brake_id, other, starts_at)),
  (SELECT json_object_agg(id, joined_at) FROM members_member WHERE id = ANY(%s::bigint[]))
"""

LINES = f"""
line AS MATERIALIZED (
  SELECT * FROM unnest({split("bigint")}, {split("text")}, {split("bigint")}, {split("bigint")},
    {split("bigint")}, {split("text")}, {split("timestamptz")}, {split("timestamptz")},
    {split("date")}, {split("bigint")}, {split("text")}, {split("bigint")}, {split("text")},
    {split("jsonb")})
    AS l (member_id, kind, points, net_after, debt_moved, reference, expires_at,
      occurred_at, occurred_on, rule_version_id, activity, reverses_id, reason, explanation)
)"""
ENTRIES = """
entry AS (
  INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference, expires_at,
    occurred_at, occurred_on, rule_version_id, activity, reverses_id, reason, explanation)
  SELECT * FROM line
  RETURNING id, reference
)"""
ACCOUNTS = f"""
account AS (
  UPDATE points_account AS a
  SET available = v.available, held = v.held, debt = v.debt, lifetime = v.lifetime,
      lifetime_reached_at = greatest(a.lifetime_reached_at, v.reached_at),
      level_id = v.level_id, pending = v.pending
  FROM unnest({split("bigint")}, {split("bigint")}, {split("bigint")}, {split("bigint")},
    {split("bigint")}, {split("timestamptz")}, {split("bigint")}, {split("bigint")})
    AS v (member_id, available, held, debt, lifetime, reached_at, level_id, pending)
  WHERE a.member_id = v.member_id
)"""
# Lots that only gain: new ones, and old ones that need not have been read.
GROWN_LOTS = f"""
grown_lot AS (
  INSERT INTO points_lot AS l (member_id, expires_at, granted, remaining, held)
  SELECT * FROM unnest({split("bigint")}, {split("timestamptz")}, {split("bigint")},
    {split("bigint")}, {split("bigint")})
  ON CONFLICT (member_id, expires_at) DO UPDATE
  SET granted = l.granted + excluded.granted, remaining = l.remaining + excluded.remaining,
      held = l.held + excluded.held
  RETURNING id, member_id, expires_at
)"""
MOVED_LOTS = f"""
moved_lot AS (
  UPDATE points_lot AS l
  SET granted = l.granted + v.granted, remaining = l.remaining + v.remaining,
      held = l.held + v.held
  FROM unnest({split("bigint")}, {split("bigint")}, {split("bigint")}, {split("bigint")})
    AS v (id, granted, remaining, held)
  WHERE l.id = v.id
)"""
# The first day of each period around a local date; months count from the fiscal year's first.
PERIODS = """
CROSS JOIN (SELECT %s::int AS first_month) AS fiscal
CROSS JOIN LATERAL (SELECT day::timestamp AS instant, extract(month FROM day)::int AS month) AS d
CROSS JOIN LATERAL (VALUES
  ('week', date_trunc('week', d.instant)),
  ('month', date_trunc('month', d.instant)),
  ('quarter', date_trunc('month', d.instant)
     - make_interval(months => (d.month - fiscal.first_month + 12) %% 3)),
  ('year', date_trunc('month', d.instant)
     - make_interval(months => (d.month - fiscal.first_month + 12) %% 12))
) AS p (period, starts_at)
"""
GAINED_STANDINGS = f"""
gained AS (
  INSERT INTO points_standing AS s (member_id, period, starts_on, points, reached_at)
  SELECT e.member_id, p.period, p.starts_at::date, sum(e.points), max(e.occurred_at)
  FROM (SELECT member_id, points, occurred_at, occurred_on AS day FROM line
        WHERE kind = 'earned') AS e {PERIODS}
  GROUP BY e.member_id, p.period, p.starts_at
  ORDER BY e.member_id, p.period, p.starts_at
  ON CONFLICT (member_id, period, starts_on) DO UPDATE
  SET points = s.points + excluded.points, reached_at = greatest(s.reached_at, excluded.reached_at)
)"""
LOST_STANDINGS = f"""
lost AS (
  UPDATE points_standing AS s SET points = s.points + v.points
  FROM (
    SELECT e.member_id, p.period, p.starts_at::date AS starts_on, sum(e.points) AS points
    FROM unnest({split("bigint")}, {split("bigint")}, {split("date")}) AS e (member_id, points, day)
    {PERIODS}
    GROUP BY e.member_id, p.period, p.starts_at
  ) AS v
  WHERE (s.member_id, s.period, s.starts_on) = (v.member_id, v.period, v.starts_on)
)"""
USED_CAPS = f"""
used_cap AS (
  INSERT INTO points_capusage AS u (member_id, cap_id, starts_on, used, "limit")
  SELECT * FROM unnest({split("bigint")}, {split("bigint")}, {split("date")}, {split("bigint")},
    {split("bigint")})
  ON CONFLICT (member_id, cap_id, starts_on) DO UPDATE
  SET used = u.used + excluded.used, "limit" = excluded."limit"
)"""
FREED_CAPS = f"""
freed_cap AS (
  UPDATE points_capusage AS u SET used = u.used + v.moved
  FROM unnest({split("bigint")}, {split("bigint")}, {split("date")}, {split("bigint")})
    AS v (member_id, cap_id, starts_on, moved)
  WHERE (u.member_id, u.cap_id, u.starts_on) = (v.member_id, v.cap_id, v.starts_on)
)"""
# Whoever decides a case holds its member's account, as we do: one that is open stays open until we
# commit, and an award never misses it. Writing the state anew has the open one's id returned.
OPENED_CASES = f"""
opened AS (
  INSERT INTO points_brakecase AS c (member_id, state, reason)
  SELECT member_id, 'open', '' FROM unnest({split("bigint")}) AS member_id ORDER BY member_id
  ON CONFLICT (member_id) WHERE state = 'open' DO UPDATE SET state = excluded.state
  RETURNING id, member_id
)"""
WAITING_AWARDS = f"""
waiting_award AS (
  INSERT INTO points_pendingaward (member_id, points, reference, rule_version_id, activity,
    occurred_at, occurred_on, release_at, explanation, signals, state, case_id, reason)
  SELECT w.member_id, w.points, w.reference, w.rule_version_id, w.activity, w.occurred_at,
    w.occurred_on, w.release_at, w.explanation, w.signals, 'waiting', opened.id, ''
  FROM unnest({split("bigint")}, {split("bigint")}, {split("text")}, {split("bigint")},
    {split("text")}, {split("timestamptz")}, {split("date")}, {split("timestamptz")},
    {split("jsonb")}, {split("jsonb")}) WITH ORDINALITY
    AS w (member_id, points, reference, rule_version_id, activity, occurred_at, occurred_on,
      release_at, explanation, signals, place)
  LEFT JOIN opened ON opened.member_id = w.member_id AND w.signals <> '[]'
  ORDER BY w.place
)"""
USED_BRAKES = f"""
used_brake AS (
  INSERT INTO points_brakeusage AS u (member_id, brake_id, other, starts_at, used)
  SELECT * FROM unnest({split("bigint")}, {split("bigint")}, {split("bigint")},
    {split("timestamptz")}, {split("bigint")})
  ON CONFLICT (member_id, brake_id, other, starts_at) DO UPDATE SET used = u.used + excluded.used
)"""

ALLOCATIONS = f"""
INSERT INTO points_allocation (entry_id, lot_id, points, returned)
SELECT v.entry_id, v.lot_id, v.points, 0
FROM unnest({split("bigint")}, {split("bigint")}, {split("bigint")})
  AS v (entry_id, lot_id, points)
"""
