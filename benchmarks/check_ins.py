"""Checking in, beside a bare view that writes the same rows with one statement.

Same gunicorn, same database, by turns. Each request is another member's, with a session of its own;
all have points, standings and five days behind them. The floor does not authenticate, evaluates no
rule, reads no streak and looks for no check-in that is there already.
"""

import hashlib
import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from rich.console import Console

from benchmarks.compare import Race
from benchmarks.load import Answered, Load
from benchmarks.reading import SESSIONS
from benchmarks.servers import FLOOR, SERVICE, serving
from benchmarks.stage import Stage, database, prepare

TARGET = 0.5
SLOWEST = 5.0
"""How many times its p50 the service's p99 may be."""

FILL = """
INSERT INTO points_account
    (member_id, available, pending, held, debt, lifetime, lifetime_reached_at, level_id)
SELECT id, 25, 0, 0, 0, 25, now() - interval '1 day',
       (SELECT id FROM points_level WHERE threshold = 0)
FROM members_member;
INSERT INTO points_lot (member_id, expires_at, granted, remaining, held)
SELECT member_id, NULL, 25, 25, 0 FROM points_account;
INSERT INTO points_standing (member_id, period, starts_on, points, reached_at)
SELECT member_id, period, date_trunc(period, now())::date, 25, now() - interval '1 day'
FROM points_account, unnest('{week,month,quarter,year}'::text[]) AS period;
INSERT INTO activities_checkin (member_id, local_on, kind, checked_in_at)
SELECT id, current_date - back, 'done', now() - back * interval '1 day'
FROM members_member, generate_series(1, 5) AS back
"""

SAMPLE = """
SELECT activity.data::text, activity.outcome::text, entry.points, entry.rule_version_id,
       entry.explanation::text, rule.code
FROM activities_activity AS activity
JOIN points_entry AS entry ON entry.activity = activity.id
JOIN points_ruleversion AS version ON version.id = entry.rule_version_id
JOIN points_rule AS rule ON rule.id = version.rule_id
WHERE activity.action = 'check_in.done' LIMIT 1
"""
"""What the service wrote for a check-in: the floor's constants."""

STATEMENT = """
WITH locked AS MATERIALIZED (
    SELECT member_id, available + held - debt AS net, (now() AT TIME ZONE 'UTC')::date AS day
    FROM points_account WHERE member_id = %(member)s FOR NO KEY UPDATE
),
moves AS MATERIALIZED (
    SELECT *, '~check-in:' || member_id || ':' || day AS id FROM locked
),
checked_in AS (
    INSERT INTO activities_checkin (member_id, local_on, kind, checked_in_at)
    SELECT member_id, day, 'done', now() FROM moves
),
taken AS (
    INSERT INTO activities_activity (id, member_id, action, occurred_at, data, state, outcome)
    SELECT id, member_id, 'check_in.done', now(), {data}::jsonb, 'taken', {outcome}::jsonb
    FROM moves
),
lots AS (
    INSERT INTO points_lot AS lot (member_id, expires_at, granted, remaining, held)
    SELECT member_id, NULL, {points}::bigint, {points}::bigint, 0 FROM moves
    ON CONFLICT (member_id, expires_at) DO UPDATE
    SET granted = lot.granted + excluded.granted, remaining = lot.remaining + excluded.remaining
),
entries AS (
    INSERT INTO points_entry
        (member_id, kind, points, net_after, debt_moved, reference, rule_version_id,
         activity, occurred_at, occurred_on, reason, explanation)
    SELECT member_id, 'earned', {points}::bigint, net + {points}::bigint, 0,
           'award:' || {code} || ':' || id, {rule_version_id}::bigint, id, now(), day, '',
           {explanation}::jsonb
    FROM moves
),
accounts AS (
    UPDATE points_account AS account
    SET available = available + {points}::bigint, lifetime = lifetime + {points}::bigint,
        lifetime_reached_at = now(),
        level_id = (
            SELECT id FROM points_level WHERE threshold <= account.lifetime + {points}::bigint
            ORDER BY threshold DESC LIMIT 1
        )
    FROM moves WHERE account.member_id = moves.member_id
),
standings AS (
    INSERT INTO points_standing AS standing (member_id, period, starts_on, points, reached_at)
    SELECT member_id, period, date_trunc(period, now() AT TIME ZONE 'UTC')::date,
           {points}::bigint, now()
    FROM moves, unnest(ARRAY['week', 'month', 'quarter', 'year']) AS period
    ON CONFLICT (member_id, period, starts_on) DO UPDATE
    SET points = standing.points + excluded.points,
        reached_at = greatest(standing.reached_at, excluded.reached_at)
)
SELECT day, {points}::bigint FROM moves
"""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. Each round takes twice as many members as requests."""

    requests: int = 2_000
    clients: int = 16
    rounds: int = 5


FULL = Plan()
QUICK = Plan(requests=500, rounds=3)


@dataclass(frozen=True, slots=True)
class Found:
    """The race, and how long the service's answers took: p50 and p99 of each round, in seconds."""

    race: Race
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    @property
    def slowness(self) -> float:
        """The median of the rounds' p99 over their p50."""
        return statistics.median(most / half for most, half in zip(self.p99, self.p50, strict=True))

    @property
    def met(self) -> bool:
        """Whether both targets are reached."""
        return self.race.met and self.slowness <= SLOWEST


def measure(*, url: str, name: str, folder: Path, plan: Plan, tell: Tell) -> Found:
    """Measure in a database of its own."""
    members = plan.requests * 2 * (plan.rounds + 1)
    with database(url, name) as own:
        stage = prepare(own, members=members, folder=folder)
        tokens = _fill(stage)
        return _race(stage, tokens, plan, tell)


def _fill(stage: Stage) -> Iterator[tuple[int, str]]:
    """Give everybody five days, points and a session; return members with their tokens."""
    with stage.connect() as connection:
        connection.execute(FILL)
        rows = connection.execute("SELECT id FROM members_member ORDER BY id").fetchall()
        tokens = [
            (member, f"psa_{hashlib.sha256(str(member).encode()).hexdigest()[:43]}")
            for (member,) in rows
        ]
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(
                SESSIONS,
                [
                    (member, hashlib.sha256(token.encode()).digest(), token.encode())
                    for member, token in tokens
                ],
            )
    stage.settle()
    return iter(tokens)


def _race(stage: Stage, tokens: Iterator[tuple[int, str]], plan: Plan, tell: Tell) -> Found:
    found = Found(Race(f"check-ins, {plan.clients} clients", TARGET))
    path = stage.folder / "check_in.sql"
    with serving(stage, SERVICE) as service:
        own = Load(service, "", plan.clients, keep_alive=True)
        _check_in(own, tokens, plan)  # warms up, and leaves the floor its sample
        with stage.connect() as connection:
            path.write_text(statement(connection), encoding="utf-8")
        with serving(stage, FLOOR, environment={"BENCH_STATEMENT": str(path)}) as floor:
            bare = Load(floor, "", plan.clients, keep_alive=True)
            _bare(bare, tokens, plan)
            # Plans for tables that were empty when they were made are made anew, as in a service
            # that autovacuum has seen.
            stage.settle()
            for number in range(plan.rounds):
                for is_own in (number % 2 == 0, number % 2 != 0):
                    if is_own:
                        took = _check_in(own, tokens, plan)
                        found.race.service.append(took.rate)
                        found.p50.append(took.wait(0.5))
                        found.p99.append(took.wait(0.99))
                    else:
                        found.race.floor.append(_bare(bare, tokens, plan).rate)
                tell(
                    f"{found.race.name}: floor {found.race.floor[-1]:,.0f}/s, "
                    f"service {found.race.service[-1]:,.0f}/s"
                )
    return found


def _check_in(load: Load, tokens: Iterator[tuple[int, str]], plan: Plan) -> Answered:
    drawn = (next(tokens) for _ in range(plan.requests))
    return load.post([("/api/v1/check-ins/", f"Bearer {token}") for _member, token in drawn])


def _bare(load: Load, tokens: Iterator[tuple[int, str]], plan: Plan) -> Answered:
    drawn = (next(tokens) for _ in range(plan.requests))
    return load.post([(f"/check-ins/{member}/", f"Bearer {token}") for member, token in drawn])


def statement(connection: psycopg.Connection[Any]) -> str:
    """Return the floor's statement, with what the service wrote for a check-in before."""
    cursor = connection.execute(SAMPLE)
    names = [column.name for column in cursor.description or ()]
    row = cursor.fetchone()
    assert row is not None, "the service has checked nobody in"
    written = dict(zip(names, row, strict=True))
    return sql.SQL(STATEMENT).format(**written).as_string(connection)


def show(console: Console, found: Found) -> None:
    """Print the ratio, and how long the answers took."""
    race = found.race
    console.print(
        f"{race.name}: floor {statistics.median(race.floor):,.0f}/s, "
        f"service {statistics.median(race.service):,.0f}/s, ratio {race.ratio:.2f} "
        f"(target {TARGET:.2f}); p50 {statistics.median(found.p50) * 1e3:.0f} ms, "
        f"p99 {statistics.median(found.p99) * 1e3:.0f} ms, {found.slowness:.1f} times as long "
        f"(bound {SLOWEST:.0f}): {'met' if found.met else 'missed'}"
    )


def read(found: Found) -> dict[str, Any]:
    """Return what was found, round by round."""
    said = asdict(found) | {
        "ratio": round(found.race.ratio, 3),
        "slowness": round(found.slowness, 2),
        "met": found.met,
    }
    return {"check_ins": json.loads(json.dumps(said))}
