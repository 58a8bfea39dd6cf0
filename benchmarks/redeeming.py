"""One hot reward against a thousand: what it costs that everybody wants the same.

The same members redeem, by turns, one reward with a limited stock and a thousand of them. The stock
row of the hot one is what they queue for; it is locked last, so the queue should hardly be felt.
"""

import hashlib
import random
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.load import Load
from benchmarks.servers import SERVICE, serving
from benchmarks.stage import Stage, database, prepare

CLIENTS = 32
TARGET = 0.8
"""Of the rate over many rewards, at least."""

# Each member has points of a grant, so that the ledger is sound before and after.
FILL = """
INSERT INTO points_account (member_id, available, pending, held, debt, lifetime, level_id)
SELECT id, 1000000, 0, 0, 0, 0, (SELECT id FROM points_level WHERE threshold = 0)
FROM members_member;
INSERT INTO points_lot (member_id, expires_at, granted, remaining, held)
SELECT id, NULL, 1000000, 1000000, 0 FROM members_member;
INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference, activity,
                          occurred_at, occurred_on, reason, explanation)
SELECT id, 'adjusted', 1000000, 1000000, 0, 'given:' || id, '', now(), current_date, '', '{}'
FROM members_member
"""
REWARDS = """
INSERT INTO rewards_reward (code, name, description, kind, position, is_active, points, currency,
    is_instant, needs_approval, must_be_claimed, level, joined_days, most_at_once, low_stock)
SELECT 'reward-' || i, 'Reward ' || i, '', 'title', i, true, 10, 'CNY', false, false, false, '', 0,
       1, 10
FROM generate_series(1, %s::int) AS i;
"""
STOCK = """
INSERT INTO rewards_stock (reward_id, "left") SELECT id, 1000000 FROM rewards_reward;
INSERT INTO rewards_stockmove (reward_id, kind, change, reason)
SELECT id, 'supplied', 1000000, '' FROM rewards_reward
"""
SESSIONS = """
INSERT INTO members_session
    (member_id, family, access_digest, refresh_digest, access_expires_at, refresh_expires_at)
VALUES (%s, gen_random_uuid(), %s, %s, now() + interval '1 day', now() + interval '30 days')
"""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is redeemed."""

    members: int = 2_000
    rewards: int = 1_000
    requests: int = 2_000
    """A round and side."""
    rounds: int = 5


FULL = Plan()
QUICK = Plan(members=500, requests=500, rounds=3)


@dataclass(frozen=True, slots=True)
class Redeeming:
    """Rates round by round, in redemptions a second."""

    hot: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The hot reward's median rate over that of many."""
        return statistics.median(self.hot) / statistics.median(self.many)

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.ratio >= TARGET


def measure(*, url: str, name: str, folder: Path, plan: Plan, tell: Tell) -> Redeeming:
    """Redeem by turns in a database of its own, which is sound afterwards."""
    with database(url, name) as own:
        stage = prepare(own, members=plan.members, folder=folder)
        tokens, rewards = _fill(stage, plan)
        found = _measure(stage, tokens, rewards, plan, tell)
        stage.manage("reconcile")
        _prove(stage)
    return found


def _fill(stage: Stage, plan: Plan) -> tuple[list[str], list[int]]:
    with stage.connect() as connection:
        connection.execute(FILL)
        connection.execute(REWARDS, [plan.rewards])
        connection.execute(STOCK)
        members = [row[0] for row in connection.execute("SELECT id FROM members_member")]
        tokens = [f"psa_{hashlib.sha256(str(one).encode()).hexdigest()[:43]}" for one in members]
        with connection.cursor() as cursor:
            cursor.executemany(
                SESSIONS,
                [
                    (one, hashlib.sha256(token.encode()).digest(), token.encode())
                    for one, token in zip(members, tokens, strict=True)
                ],
            )
        rewards = [row[0] for row in connection.execute("SELECT id FROM rewards_reward")]
    stage.settle()
    return tokens, rewards


def _measure(
    stage: Stage, tokens: list[str], rewards: list[int], plan: Plan, tell: Tell
) -> Redeeming:
    found, chance = Redeeming(), random.Random(0)
    sides = (("one hot reward", rewards[:1], found.hot), ("many rewards", rewards, found.many))
    with serving(stage, SERVICE) as port:
        load = Load(port, "", CLIENTS, keep_alive=True)
        for number in range(-1, plan.rounds):
            for name, choice, rates in sides if number % 2 else reversed(sides):
                asked = [
                    (chance.choice(choice), f"Bearer {chance.choice(tokens)}")
                    for _one in range(plan.requests)
                ]
                answered = load.redeem(asked)
                if number >= 0:  # the first round warms up
                    rates.append(answered.rate)
                tell(f"redeeming, {CLIENTS} clients: {name} {answered.rate:,.0f}/s")
    return found


def _prove(stage: Stage) -> None:
    with stage.connect() as connection:
        wrong = connection.execute(
            'SELECT count(*) FROM rewards_stock AS s WHERE "left" <> '
            "(SELECT sum(change) FROM rewards_stockmove AS m WHERE m.reward_id = s.reward_id)"
        ).fetchone()
    assert wrong == (0,), "what is left is what came and went"


def said(found: Redeeming) -> str:
    """Return what was found as one line."""
    verdict = "met" if found.met else "missed"
    return (
        f"Redeeming at {CLIENTS} clients: one hot reward {statistics.median(found.hot):,.0f}/s, "
        f"many rewards {statistics.median(found.many):,.0f}/s, ratio {found.ratio:.2f}, "
        f"target {TARGET:.2f}: {verdict}"
    )


def written(found: Redeeming) -> dict[str, Any]:
    """Return what was found, round by round."""
    return asdict(found) | {"ratio": round(found.ratio, 3), "target": TARGET, "met": found.met}
