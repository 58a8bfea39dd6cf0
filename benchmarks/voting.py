"""What a vote costs: a ballot beside a bare view that inserts one row, a tally beside plain SQL.

`python -m benchmarks --only voting`. Ballots are cast over HTTP by 16 clients, each voter once. The
tally is a hundred thousand ballots of three picks, published and undone, beside the one statement
that counts them and writes the counts.
"""

import hashlib
import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load
from benchmarks.servers import FLOOR, SERVICE, serving
from benchmarks.stage import Stage, database, execute, prepare

CLIENTS = 16
CAST_SHARE, TALLY_SHARE = 0.4, 0.3
"""Of the floor's pace, at least."""

SESSIONS = """
INSERT INTO members_session
    (member_id, family, access_digest, refresh_digest, access_expires_at, refresh_expires_at)
VALUES (%s, gen_random_uuid(), %s, %s, now() + interval '1 day', now() + interval '30 days')
"""
POLL = """
INSERT INTO voting_poll (kind, title, electorate, most, quorum, may_pick_self, seed, opens_at,
                         closes_at, state)
VALUES ('award', 'Bench', '{}', 3, 0, false, 'seed', now() - interval '1 hour',
        now() + interval '1 day', 'open') RETURNING id
"""
OPTIONS = """
INSERT INTO voting_option (poll_id, position, label, tie_break)
SELECT %s, i, 'Option ' || i, '[]' FROM generate_series(1, 10) AS i RETURNING id
"""
VOTERS = "INSERT INTO voting_voter (poll_id, member_id) SELECT %s, id FROM members_member"
BALLOTS = """
INSERT INTO voting_ballot (id, poll_id, voter_id, number, cast_at, state, marks, reason)
SELECT gen_random_uuid(), %s, id, 1, now(), CASE WHEN id %% 50 = 0 THEN 'quarantined'
       ELSE 'counted' END, CASE WHEN id %% 50 = 0 THEN '["burst"]' ELSE '[]' END::jsonb, ''
FROM members_member ORDER BY id LIMIT %s
"""
PICKS = """
INSERT INTO voting_pick (ballot_id, option_id)
SELECT b.id, o.id FROM voting_ballot AS b, LATERAL (
  SELECT id FROM voting_option WHERE poll_id = b.poll_id
  ORDER BY hashtext(b.id::text || id) LIMIT 3) AS o
WHERE b.poll_id = %s
"""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is cast and counted."""

    ballots: int = 2_000
    """Cast a round and side."""
    tallied: int = 100_000
    rounds: int = 5


FULL = Plan()
QUICK = Plan(ballots=600, tallied=100_000, rounds=3)


@dataclass(frozen=True, slots=True)
class Pace:
    """The service's pace as a share of the floor's, round by round, and the least that will do."""

    name: str
    shares: tuple[float, ...]
    bound: float

    @property
    def share(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.shares)

    @property
    def met(self) -> bool:
        """Whether it is enough."""
        return self.share >= self.bound


def measure(*, url: str, name: str, folder: Path, plan: Plan, tell: Tell) -> list[Pace]:
    """Measure casting and counting in a database of its own."""
    with database(url, name) as own:
        stage = prepare(own, members=plan.tallied, folder=folder)
        return [_casting(stage, plan, tell), _tallying(stage, plan, tell)]


def _casting(stage: Stage, plan: Plan, tell: Tell) -> Pace:
    with stage.connect() as connection:
        rows = connection.execute(
            "SELECT id FROM members_member ORDER BY id LIMIT %s", [plan.ballots]
        ).fetchall()
    voters = [member for (member,) in rows]
    tokens = {member: f"psa_{member:043d}" for member in voters}
    with stage.connect() as connection, connection.cursor() as cursor:
        digests = {who: hashlib.sha256(token.encode()).digest() for who, token in tokens.items()}
        cursor.executemany(
            SESSIONS, [(who, kept, hashlib.sha256(kept).digest()) for who, kept in digests.items()]
        )
    shares = []
    for turn in range(plan.rounds):
        rates = {}
        for side, application in (("service", SERVICE), ("floor", FLOOR)):
            poll, options = _poll(stage)
            stage.settle()
            asked = [
                (f"/api/v1/cycles/{poll}/ballot/", f"Bearer {tokens[who]}", _picks(options, who))
                if side == "service"
                else (f"/insert/{poll}/", "", json.dumps({"picks": [who]}).encode())
                for who in voters
            ]
            with serving(stage, application) as port:
                load = Load(port, stage.key, clients=CLIENTS, keep_alive=True)
                load.put(asked[:1])  # the process wakes up
                rates[side] = load.put(asked[1:]).rate
        tell(f"casting, round {turn + 1}: {rates['service']:.0f}/s, floor {rates['floor']:.0f}/s")
        shares.append(rates["service"] / rates["floor"])
    return Pace("casting a ballot over a bare insert", tuple(shares), CAST_SHARE)


def _poll(stage: Stage) -> tuple[int, list[int]]:
    with stage.connect() as connection:
        (poll,) = connection.execute(POLL).fetchone() or (0,)
        options = [option for (option,) in connection.execute(OPTIONS, [poll]).fetchall()]
        connection.execute(VOTERS, [poll])
    return poll, options


def _picks(options: list[int], voter: int) -> bytes:
    chosen = [options[(voter + step) % len(options)] for step in range(1 + voter % 3)]
    return json.dumps({"picks": chosen}).encode()


def _tallying(stage: Stage, plan: Plan, tell: Tell) -> Pace:
    poll, _options = _poll(stage)
    with stage.connect() as connection:
        connection.execute(BALLOTS, [poll, plan.tallied])
        connection.execute(PICKS, [poll])
        connection.execute("UPDATE voting_poll SET state = 'closed' WHERE id = %s", [poll])
    stage.settle()
    command = [sys.executable, "-m", "benchmarks.tallied", str(poll), str(plan.rounds)]
    timed = json.loads(execute(command, stage.environment))
    for turn, (service, floor) in enumerate(timed, start=1):
        tell(f"{plan.tallied:,} ballots, round {turn}: {service:.3f} s, floor {floor:.3f} s")
    shares = tuple(floor / service for service, floor in timed)
    return Pace(f"{plan.tallied:,} ballots tallied over plain SQL", shares, TALLY_SHARE)
