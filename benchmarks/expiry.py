"""The expiry sweep beside plain SQL that writes the same, and its memory at two sizes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.compare import Race
from benchmarks.imports import KILOBYTE
from benchmarks.stage import ROOT, Stage, StageError, database, prepare

Tell = Callable[[str], None]

ROWS = ("lots", "won", "released")
"""The counts of a sweep that are rows of what is swept."""

# Everybody gets points by hand that have lapsed, and others that have not.
FILL = """
INSERT INTO points_account (member_id, available, pending, held, debt, lifetime, level_id)
SELECT id, 0, 0, 0, 0, 0, (SELECT id FROM points_level WHERE threshold = 0) FROM members_member
ON CONFLICT DO NOTHING;
INSERT INTO points_lot (member_id, expires_at, granted, remaining, held)
SELECT id, lot.expires_at, 10, 10, 0
FROM members_member, (VALUES
  (timestamptz '2020-01-01' + interval '1 day' * {round}), ('2199-01-01')
) AS lot (expires_at)
ON CONFLICT (member_id, expires_at) DO UPDATE
SET granted = points_lot.granted + 10, remaining = points_lot.remaining + 10;
INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference, expires_at,
  occurred_at, occurred_on, activity, reason, explanation)
SELECT member_id, 'adjusted', 20, available + 20, 0, 'bench:{round}:' || member_id, NULL,
       now(), current_date, '', '', '{{}}'
FROM points_account;
UPDATE points_account SET available = available + 20
"""

# One statement for everybody: accounts locked in order, entries, lots, accounts, allocations.
FLOOR = """
WITH locked AS MATERIALIZED (
    SELECT member_id, available + held - debt AS net FROM points_account
    WHERE member_id IN (
      SELECT member_id FROM points_lot
      WHERE remaining > held AND expires_at <= statement_timestamp()
    )
    ORDER BY member_id FOR NO KEY UPDATE
),
gone AS MATERIALIZED (
    SELECT l.id, l.member_id, l.expires_at, l.remaining - l.held AS points, net,
           'expiry:' || l.id || ':' || l.granted AS reference,
           net - sum(l.remaining - l.held) OVER (
             PARTITION BY l.member_id ORDER BY l.expires_at
           )::bigint AS net_after
    FROM points_lot AS l JOIN locked USING (member_id)
    WHERE l.remaining > l.held AND l.expires_at <= statement_timestamp()
),
entries AS (
    INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference,
      expires_at, occurred_at, occurred_on, activity, reason, explanation)
    SELECT member_id, 'expired', -points, net_after, 0, reference, expires_at,
           now(), (now() AT TIME ZONE 'UTC')::date, '', '', '{}'
    FROM gone
    RETURNING id, reference
),
lots AS (
    UPDATE points_lot AS l SET remaining = l.remaining - gone.points
    FROM gone WHERE l.id = gone.id
),
accounts AS (
    UPDATE points_account AS a SET available = a.available - lost.points
    FROM (SELECT member_id, sum(points)::bigint AS points FROM gone GROUP BY member_id) AS lost
    WHERE a.member_id = lost.member_id
)
INSERT INTO points_allocation (entry_id, lot_id, points, returned)
SELECT entries.id, gone.id, gone.points, 0 FROM gone JOIN entries USING (reference)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much lapses."""

    members: int = 50_000
    """Of the race: a lot of each lapses in a round and side."""
    rounds: int = 3
    sizes: tuple[int, int] = (10_000, 1_000_000)
    """Of the sweeps whose memory is compared."""


FULL = Plan()
QUICK = Plan(members=20_000, sizes=(10_000, 100_000))


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took: seconds, and bytes of memory at the peak."""

    rows: int
    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Findings:
    """The race, and the sweeps of the two sizes."""

    race: Race
    sweeps: list[Swept] = field(default_factory=list)


def measure(*, url: str, name: str, folder: Path, plan: Plan, tell: Tell) -> Findings:
    """Race the sweep against its floor, then sweep among few and among many."""
    found = Findings(Race("expiry sweep, a lot a member", 0.3))
    with database(url, name) as own:
        stage = prepare(own, members=plan.members, folder=folder)
        for number in range(2 * plan.rounds):
            # Who goes first alternates.
            is_floor = number % 4 in {0, 3}
            _fill(stage, number)
            rate = (
                _floor(stage)
                if is_floor
                else _rate(sweep(stage, job="expiry", run=f"race-{number}"))
            )
            (found.race.floor if is_floor else found.race.service).append(rate)
            tell(f"{found.race.name}: {'floor' if is_floor else 'service'} {rate:,.0f}/s")
        stage.manage("reconcile")
    for size in plan.sizes:
        with database(url, name) as own:
            stage = prepare(own, members=size, folder=folder)
            _fill(stage, 0)
            found.sweeps.append(sweep(stage, job="expiry", run=f"size-{size}"))
            tell(f"swept {size:,} lots in {found.sweeps[-1].seconds:.1f} s")
    return found


def sweep(stage: Stage, *, job: str, run: str) -> Swept:
    """Run a job to its end in a process of its own. Raises StageError."""
    said = stage.folder / f"sweep-{run.replace(' ', '-')}.json"
    log = said.with_suffix(".log")
    with said.open("wb") as output, log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sweep", job, run],
            cwd=ROOT,
            env=stage.environment,
            stdout=output,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise StageError(log.read_text("utf-8", "replace")[-2000:])
    told = json.loads(said.read_text("utf-8"))
    rows = sum(told["counts"].get(name, 0) for name in ROWS)
    return Swept(rows, told["seconds"], usage.ru_maxrss * KILOBYTE)


def _rate(swept: Swept) -> float:
    return swept.rows / swept.seconds


def _fill(stage: Stage, number: int) -> None:
    with stage.connect() as connection:
        connection.execute(FILL.format(round=number))
    stage.settle()


def _floor(stage: Stage) -> float:
    with stage.connect() as connection:
        started = time.perf_counter()
        written = connection.execute(FLOOR).rowcount
        seconds = time.perf_counter() - started
    return written / seconds
