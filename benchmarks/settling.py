"""The settlement of a window beside plain SQL that writes the same, and its memory at two sizes."""

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.compare import Race
from benchmarks.expiry import Findings, Plan, Swept, sweep
from benchmarks.stage import Stage, database, prepare

Tell = Callable[[str], None]

REWARD = """
INSERT INTO rewards_reward (code, name, description, kind, position, is_active, points, currency,
  is_instant, needs_approval, must_be_claimed, level, joined_days, most_at_once, low_stock)
VALUES ('mug', 'Mug', '', 'physical', 0, true, 30, 'CNY', false, false, false, '', 0, 1, 0);
INSERT INTO rewards_stock (reward_id, "left") SELECT id, 0 FROM rewards_reward;
INSERT INTO points_account (member_id, available, pending, held, debt, lifetime, level_id)
SELECT id, 0, 0, 0, 0, 0, (SELECT id FROM points_level WHERE threshold = 0) FROM members_member
ON CONFLICT DO NOTHING
"""

# A published window in which everybody asked for one piece, and every second one won.
FILL = """
INSERT INTO rewards_window (starts_on, name, policy, terms, state, opens_at, closes_at,
  allocate_at, publish_at, settle_at, fulfil_by_at, seed, seed_digest)
SELECT date '2000-01-01' + {round}, 'bench-{round}', 'first_come', '{{"needs_approval": false}}',
       'published', now() - interval '9 days', now() - interval '5 days',
       now() - interval '5 days', now() - interval '3 days', now() - interval '3 days',
       now() + interval '90 days', '', '';
INSERT INTO rewards_windowitem (window_id, reward_id, position, quota, set_aside, capacity)
SELECT w.id, r.id, 0, n.won, n.won, n.won
FROM rewards_window AS w, rewards_reward AS r,
     (SELECT (count(*) / 2)::int AS won FROM members_member) AS n
WHERE w.name = 'bench-{round}';
INSERT INTO rewards_stockmove (reward_id, kind, change, reason)
SELECT i.reward_id, move.kind, i.set_aside * move.sign, ''
FROM rewards_windowitem AS i JOIN rewards_window AS w ON w.id = i.window_id,
     (VALUES ('supplied', 1), ('set_aside', -1)) AS move (kind, sign)
WHERE w.name = 'bench-{round}';
INSERT INTO rewards_windowrequest (token, window_id, item_id, member_id, points, level, state,
  held_at, level_reached, quarter_points, rank)
SELECT gen_random_uuid(), i.window_id, i.id, m.id, 30, '',
       CASE WHEN m.place % 2 = 0 THEN 'won' ELSE 'lost' END, now(), 0, 0, m.place
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM members_member) AS m,
     rewards_windowitem AS i JOIN rewards_window AS w ON w.id = i.window_id
WHERE w.name = 'bench-{round}';
INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference, expires_at,
  occurred_at, occurred_on, activity, reason, explanation)
SELECT member_id, 'adjusted', 30, available + held + 30, 0, 'bench:{round}:' || member_id, NULL,
       now(), current_date, '', '', '{{}}'
FROM points_account;
INSERT INTO points_lot (member_id, expires_at, granted, remaining, held)
SELECT id, '2199-01-01', 30, 30, 30 FROM members_member
ON CONFLICT (member_id, expires_at) DO UPDATE
SET granted = points_lot.granted + 30, remaining = points_lot.remaining + 30,
    held = points_lot.held + 30;
UPDATE points_account SET held = held + 30;
INSERT INTO points_hold (member_id, points, reference, state)
SELECT member_id, 30, 'redemption:' || token, 'held'
FROM rewards_windowrequest AS r JOIN rewards_window AS w ON w.id = r.window_id
WHERE w.name = 'bench-{round}';
INSERT INTO points_allocation (lot_id, hold_id, points, returned)
SELECT l.id, h.id, 30, 0
FROM points_hold AS h JOIN points_lot AS l ON l.member_id = h.member_id
WHERE h.state = 'held'
"""

# One statement for all: winners' entries and redemptions, losers' points back, moves, states.
FLOOR = """
WITH settled AS MATERIALIZED (
    SELECT r.id, r.token, r.item_id, r.member_id, r.points, r.rank, r.state = 'won' AS won,
           'redemption:' || r.token AS reference, a.available + a.held - a.debt AS net
    FROM rewards_windowrequest AS r
    JOIN rewards_window AS w ON w.id = r.window_id
    JOIN points_account AS a ON a.member_id = r.member_id
    WHERE w.name = 'bench-{round}' AND r.settled_at IS NULL
    ORDER BY r.member_id FOR NO KEY UPDATE OF a
),
entries AS (
    INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference,
      occurred_at, occurred_on, activity, reason, explanation)
    SELECT member_id, 'spent', -points, net - points, 0, 'hold:' || reference, now(),
           (now() AT TIME ZONE 'UTC')::date, '', 'Mug · bench-{round}', '{{}}'
    FROM settled WHERE won
    RETURNING id, member_id
),
holds AS (
    UPDATE points_hold AS h SET state = CASE WHEN won THEN 'captured' ELSE 'released' END,
           resolved_at = now()
    FROM settled WHERE h.reference = settled.reference
    RETURNING h.id, h.member_id, won
),
lots AS (
    UPDATE points_lot AS l
    SET held = l.held - settled.points,
        remaining = l.remaining - CASE WHEN won THEN settled.points ELSE 0 END
    FROM settled WHERE l.member_id = settled.member_id
),
accounts AS (
    UPDATE points_account AS a
    SET held = a.held - settled.points,
        available = a.available + CASE WHEN won THEN 0 ELSE settled.points END
    FROM settled WHERE a.member_id = settled.member_id
),
allocations AS (
    UPDATE points_allocation AS p
    SET entry_id = entries.id, returned = CASE WHEN won THEN 0 ELSE p.points END
    FROM holds LEFT JOIN entries USING (member_id) WHERE p.hold_id = holds.id
),
redemptions AS (
    INSERT INTO rewards_redemption (token, member_id, reward_id, kind, name, quantity, unit_points,
      points, level, terms, is_instant, is_prepaid, must_be_claimed, took_stock, state, carrier,
      tracking_number, reason, created_at, approved_at, waits_until_at)
    SELECT token, member_id, r.id, r.kind, r.name, 1, settled.points, settled.points, '',
           jsonb_build_object('window', 'bench-{round}', 'request', settled.id, 'rank', rank),
           false, true, false, true, 'approved', '', '', '', now(), now(),
           now() + interval '90 days'
    FROM settled, rewards_reward AS r WHERE won
    RETURNING id, token, reward_id
),
moves AS (
    INSERT INTO rewards_stockmove (reward_id, kind, change, reason, redemption_id)
    SELECT reward_id, 'taken', -1, '', id FROM redemptions
    UNION ALL SELECT reward_id, 'freed', count(*), 'bench-{round}', NULL
    FROM redemptions GROUP BY reward_id
),
items AS (
    UPDATE rewards_windowitem AS i SET set_aside = set_aside - n.won
    FROM (SELECT item_id, count(*) AS won FROM settled WHERE won GROUP BY item_id) AS n
    WHERE i.id = n.item_id
),
window_ AS (UPDATE rewards_window SET state = 'settled' WHERE name = 'bench-{round}')
UPDATE rewards_windowrequest AS r SET settled_at = now(), redemption_id = redemptions.id
FROM settled LEFT JOIN redemptions USING (token) WHERE r.id = settled.id
"""

FULL = Plan()
QUICK = Plan(members=20_000, sizes=(10_000, 100_000))


def measure(*, url: str, name: str, folder: Path, plan: Plan, tell: Tell) -> Findings:
    """Race the settlement against its floor, then settle for few and for many."""
    found = Findings(Race("settlement, a request a member", 0.3))
    with database(url, name) as own:
        stage = _prepared(own, plan.members, folder)
        for number in range(2 * plan.rounds):
            # Who goes first alternates.
            is_floor = number % 4 in {0, 3}
            _fill(stage, number)
            rate = _floor(stage, number) if is_floor else _rate(_settle(stage, number))
            (found.race.floor if is_floor else found.race.service).append(rate)
            tell(f"{found.race.name}: {'floor' if is_floor else 'service'} {rate:,.0f}/s")
        stage.manage("reconcile")
    for size in plan.sizes:
        with database(url, name) as own:
            stage = _prepared(own, size, folder)
            _fill(stage, 0)
            found.sweeps.append(_settle(stage, 0))
            tell(f"settled {size:,} requests in {found.sweeps[-1].seconds:.1f} s")
    return found


def _prepared(url: str, members: int, folder: Path) -> Stage:
    stage = prepare(url, members=members, folder=folder)
    with stage.connect() as connection:
        connection.execute(REWARD)
    return stage


def _fill(stage: Stage, number: int) -> None:
    with stage.connect() as connection:
        connection.execute(FILL.format(round=number))
    stage.settle()


def _settle(stage: Stage, number: int) -> Swept:
    return sweep(stage, job="window", run=f"bench-{number} settled")


def _rate(swept: Swept) -> float:
    return swept.rows / swept.seconds


def _floor(stage: Stage, number: int) -> float:
    with stage.connect() as connection:
        started = time.perf_counter()
        written = connection.execute(FLOOR.format(round=number)).rowcount
        seconds = time.perf_counter() - started
    return written / seconds
