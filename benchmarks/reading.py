"""What a member's home page asks for, in a small and in a large community, beside a bare view.

The bare view fetches one row by its key under the same gunicorn, without authentication, checks or
a framework for APIs. Everybody asks for themselves: the members asked about are drawn anew for
each request, from those who hold a session.
"""

import hashlib
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import Load
from benchmarks.servers import FLOOR, SERVICE, serving
from benchmarks.stage import Stage, database, prepare

SMALL, LARGE = 10_000, 1_000_000
CLIENTS = 2
"""As many as the machine has cores: with more, the queue is measured too."""
READERS = 1_000
"""Members who hold a session."""

SLOWER = 3.0
"""How many times the bare view's p95 an answer's may be, in the large community."""

GROWTH = 1.5
"""How many times as long as in the small community half of the answers may take in the large."""

ROUTES = {"account": "/api/v1/me/account/", "board": "/api/v1/leaderboards/month/?limit=50"}

# Many have few points, few have many: every place beyond the first is shared by some.
FILL = """
INSERT INTO points_account
    (member_id, available, pending, held, debt, lifetime, lifetime_reached_at, level_id)
SELECT id, points, 0, 0, 0, points, now() - random() * interval '20 days',
       (SELECT id FROM points_level WHERE threshold <= points ORDER BY threshold DESC LIMIT 1)
FROM (SELECT id, (5 * ceil(40 / (random() + 0.0002)))::bigint AS points FROM members_member) AS m;
INSERT INTO points_standing (member_id, period, starts_on, points, reached_at)
SELECT member_id, period, date_trunc(period, now())::date, lifetime, lifetime_reached_at
FROM points_account, unnest('{week,month}'::text[]) AS period;
INSERT INTO points_lot (member_id, expires_at, granted, remaining, held)
SELECT member_id, date_trunc('year', now()) + year * interval '1 year', points, points, 0
FROM points_account, LATERAL (VALUES (1, lifetime / 2), (2, lifetime - lifetime / 2))
    AS lot (year, points)
"""
SESSIONS = """
INSERT INTO members_session
    (member_id, family, access_digest, refresh_digest, access_expires_at, refresh_expires_at)
VALUES (%s, gen_random_uuid(), %s, %s, now() + interval '1 day', now() + interval '30 days')
"""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """Waits of one community's requests, in seconds: for each round, p50 and p95."""

    members: int
    p50: dict[str, list[float]] = field(default_factory=dict)
    p95: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slowness:
    """How an answer fares against a bound: below it is met."""

    name: str
    ratio: float
    bound: float

    @property
    def met(self) -> bool:
        """Whether the ratio stays below the bound."""
        return self.ratio < self.bound


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is read."""

    small: int = SMALL
    large: int = LARGE
    requests: int = 1_500
    """A round and route."""
    rounds: int = 5


FULL = Plan()
QUICK = Plan(large=100_000, requests=500, rounds=3)


def measure(*, url: str, name: str, folder: Path, plan: Plan, tell: Tell) -> list[Reading]:
    """Measure both communities, each in a database of its own."""
    found = []
    for members in (plan.small, plan.large):
        tell(f"making a community of {members:,}")
        with database(url, name) as own:
            stage = prepare(own, members=members, folder=folder)
            found.append(_measure(stage, _fill(stage), plan, tell))
    return found


def judge(small: Reading, large: Reading) -> list[Slowness]:
    """Hold the medians of the rounds against the bounds."""
    slower = [
        Slowness(f"{route}: p95 over the bare view's", _over(large.p95, route, "bare"), SLOWER)
        for route in ROUTES
    ]
    growth = [
        Slowness(
            f"{route}: p50 over the small community's",
            statistics.median(large.p50[route]) / statistics.median(small.p50[route]),
            GROWTH,
        )
        for route in ROUTES
    ]
    return slower + growth


def _over(waits: dict[str, list[float]], route: str, floor: str) -> float:
    return statistics.median(waits[route]) / statistics.median(waits[floor])


def _fill(stage: Stage) -> dict[int, str]:
    """Give everybody points, and some a session; return their access tokens."""
    chance = random.Random(stage.members)
    tokens = {
        member: f"psa_{hashlib.sha256(str(member).encode()).hexdigest()[:43]}"
        for member in chance.sample(range(1, stage.members + 1), min(READERS, stage.members))
    }
    with stage.connect() as connection:
        connection.execute(FILL)
        with connection.cursor() as cursor:
            cursor.executemany(
                SESSIONS,
                [
                    (member, hashlib.sha256(token.encode()).digest(), token.encode())
                    for member, token in tokens.items()
                ],
            )
    stage.settle()
    return tokens


def _measure(stage: Stage, tokens: dict[int, str], plan: Plan, tell: Tell) -> Reading:
    reading = Reading(stage.members)
    chance = random.Random(0)
    with serving(stage, SERVICE) as service, serving(stage, FLOOR) as floor:
        own = Load(service, "", CLIENTS, keep_alive=True)
        bare = Load(floor, "", CLIENTS, keep_alive=True)
        sides = [("bare", bare, "")] + [(name, own, path) for name, path in ROUTES.items()]
        for number in range(-1, plan.rounds):
            for name, load, path in sides if number % 2 else reversed(sides):
                drawn = chance.choices(list(tokens), k=plan.requests)
                read = load.read(
                    [(path or f"/row/{one}/", f"Bearer {tokens[one]}") for one in drawn]
                )
                if number < 0:  # the first round warms up
                    continue
                half, most = read.wait(0.5), read.wait(0.95)
                reading.p50.setdefault(name, []).append(half)
                reading.p95.setdefault(name, []).append(most)
                tell(
                    f"{stage.members:,} members: {name} half within {half * 1e3:.1f} ms, "
                    f"95 of 100 within {most * 1e3:.1f} ms"
                )
    return reading
