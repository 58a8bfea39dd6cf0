"""Short words for the scenarios of the rewards room, over its own services and its API."""

import datetime as dt
import json
import uuid
from typing import Any

from django.test import Client
from django.utils import timezone

from kit.jobs import Turn
from kit.transactions import durable
from members.models import Member
from pointsvc import timetable
from rewards import selectors, services
from rewards.models import Redemption, Reward
from rewards.services import CodeLine, RewardSaid
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, earn, numbers

REWARDS, REDEMPTIONS = "/api/v1/rewards/", "/api/v1/redemptions/"
ADDRESS = {
    "recipient": "林小满",
    "phone": "13800000000",
    "region": "上海市 徐汇区",
    "line": "漕溪北路 18 号",
    "postal_code": "200030",
}


def reward(*, stock: int | None = None, codes: int = 0, **said: Any) -> Reward:
    """Put a reward into the catalogue: a title for 10 points without an end, unless told."""
    number = next(numbers)
    told: dict[str, Any] = {
        "code": f"reward-{number}",
        "name": f"Reward {number}",
        "kind": "title",
        "points": 10,
    }
    made = services.add_reward(said=RewardSaid(**(told | said)), stock=stock, by=None)
    if codes:
        fill(made, codes)
    return made


def fill(pool: Reward, codes: int) -> list[str]:
    """Bring codes into a pool and return them."""
    made = [f"CODE-{next(numbers):06d}" for _ in range(codes)]
    lines = [CodeLine(line, code) for line, code in enumerate(made, start=2)]
    services.import_codes(reward=pool.id, lines=lines, dry_run=False, by=None)
    return made


def rich(points: int = 1_000, **said: Any) -> Member:
    """Make a member who has earned so much."""
    made: Member = MemberFactory.create(**said)
    if points:
        earn(made.id, points)
    return made


def post(client: Client, path: str, body: object = None, *, key: str = "") -> Any:
    return client.post(
        path,
        json.dumps({} if body is None else body),
        "application/json",
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def redeem(who: Member | Client, what: Reward, *, key: str = "", **said: Any) -> Any:
    """Redeem over the API and return the answer."""
    client = who if isinstance(who, Client) else signed_in(who)
    return post(client, REDEMPTIONS, {"reward": what.id, **said}, key=key)


def redeemed(who: Member, what: Reward, **said: Any) -> Redemption:
    """Redeem over the API, which must work, and return the row."""
    answer = redeem(who, what, **said)
    assert answer.status_code == 201, answer.content.decode()
    return Redemption.objects.get(id=answer.json()["id"])


def cancel(who: Member, what: Redemption, *, key: str = "") -> Any:
    return post(signed_in(who), f"{REDEMPTIONS}{what.id}/cancel/", key=key)


def show(who: Member, what: Redemption) -> Any:
    """Return what the owner sees."""
    answer = signed_in(who).get(f"{REDEMPTIONS}{what.id}/")
    assert answer.status_code == 200
    return answer.json()


def server() -> Client:
    return Client(headers={"Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})


def verify(code: str, client: Client | None = None) -> Any:
    return (client or server()).post(
        f"/api/v1/vouchers/{code}/verification/", "{}", "application/json"
    )


def sweep(name: str = "fulfil", *, now: dt.datetime | None = None) -> dict[str, int]:
    """Run a job of the room to its end, as the timetable does; return its counts."""
    [job] = [one for one in timetable.rewards.JOBS if one.name == name]
    counts: dict[str, int] = {}
    cursor, moment = None, now or timezone.now()
    while True:
        turn = Turn("p", moment, moment, cursor)
        progress = _step(job, turn)
        for count, number in progress.counts.items():
            counts[count] = counts.get(count, 0) + number
        cursor = progress.cursor
        if cursor is None:
            return counts


def _step(job: Any, turn: Turn) -> Any:
    return job.step(turn) if job.reads_only else durable(job.step)(turn)


def left(of: Reward) -> int | None:
    return Reward.objects.select_related("stock").get(id=of.id).stock.left


def assert_sound() -> None:
    """Points, stocks and codes add up."""
    assert_reconciled()
    proof = selectors.prove_stock()
    assert not proof.faults, proof.faults
