"""Scarce things in many hands: as many get one as there are, and one way out is taken.

The first test goes through HTTP against gunicorn, as it will be; the others through the test
client, each thread with a connection of its own.
"""

import datetime as dt
import functools
import http.client
import json
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from benchmarks.servers import SERVICE, serving
from benchmarks.stage import Stage
from kit.models import IdempotencyKey
from kit.transactions import durable
from members import services as members
from members.models import Member
from points.models import Entry, Hold
from rewards import services
from rewards.errors import RedemptionDecided, VoucherUsed
from rewards.models import Redemption, Reward, StockMove, Voucher
from tests.depth import examples
from tests.factories import MemberFactory
from tests.jobs.conftest import database_url
from tests.members.sessions import bearer
from tests.points.support import at_once, fact, shown
from tests.rewards.support import (
    assert_sound,
    cancel,
    left,
    post,
    redeemed,
    reward,
    rich,
    sweep,
    verify,
)
from tests.waiting import PATIENCE

call = functools.partial
ROUNDS = examples(12)


def crowd(size: int, points: int = 100) -> list[Member]:
    """Make members who have earned so much, in one batch."""
    import points.services as ledger  # noqa: PLC0415 - beside the number of the same name

    people: list[Member] = MemberFactory.create_batch(size)
    facts = [fact(one.id, amount=points) for one in people]
    durable(ledger.award)(facts=facts, now=timezone.now())
    return people


def tokens(people: Sequence[Member]) -> list[str]:
    return [members.open_session(member_id=one.id).access for one in people]


def told(answers: Sequence[Any]) -> Counter[object]:
    """Return how often each status, or code of a refusal, was answered."""
    return Counter(
        answer.status_code if answer.status_code < 400 else answer.json()["code"]
        for answer in answers
    )


def redeem_as(token: str, what: Reward, *, key: str = "", **said: Any) -> Any:
    return post(bearer(token), "/api/v1/redemptions/", {"reward": what.id, **said}, key=key)


def patiently(token: str, what: Reward) -> Any:
    """Redeem as a client does: what is too busy is asked again, under the same key."""
    key = str(uuid.uuid4())
    while True:
        answer = redeem_as(token, what, key=key)
        if answer.status_code != 503:
            return answer


def over_http(port: int, people: Sequence[str], what: Reward, *, clients: int) -> list[Any]:
    """Have each of these redeem, so many at a time; return status and body of each answer."""
    waiting, lock = iter(people), threading.Lock()
    answers: list[Any] = []
    start = threading.Barrier(clients, timeout=PATIENCE)

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        start.wait()
        while True:
            with lock:
                token = next(waiting, None)
            if token is None:
                return connection.close()
            connection.request(
                "POST",
                "/api/v1/redemptions/",
                json.dumps({"reward": what.id}),
                {
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/json",
                    "Idempotency-Key": token[-12:],
                },
            )
            answer = connection.getresponse()
            answers.append((answer.status, json.loads(answer.read())))

    running = [threading.Thread(target=work) for _ in range(clients)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return answers


def test_five_hundred_members_and_fifty_items(tmp_path: Path) -> None:
    pool = reward(kind="voucher", is_instant=True, points=30, codes=50)
    people = crowd(500)
    stage = Stage(url=database_url(), members=500, folder=tmp_path)
    with serving(stage, SERVICE, environment={"SECRET_KEY": settings.SECRET_KEY}) as port:
        answers = over_http(port, tokens(people), pool, clients=64)
    outcomes = Counter(
        status if status == 201 else (status, body["code"]) for status, body in answers
    )
    assert outcomes == {201: 50, (409, "out_of_stock"): 450}
    assert Entry.objects.filter(kind="spent").count() == 50
    assert StockMove.objects.filter(kind="taken", change=-1).count() == 50
    assert left(pool) == 0
    codes = [body["voucher"] for status, body in answers if status == 201]
    assert len(set(codes)) == 50
    assert Voucher.objects.filter(state="assigned").count() == 50
    assert sum(shown(one.id).available for one in people) == 500 * 100 - 50 * 30
    assert_sound()


@pytest.mark.parametrize("is_instant", [True, False])
def test_a_limit_of_one_lets_one_of_fifty_through(*, is_instant: bool) -> None:
    star = reward(points=1, limit_lifetime=1, is_instant=is_instant, stock=100)
    [token] = tokens(crowd(1))
    answers = at_once([call(patiently, token, star) for _ in range(50)])
    assert told(answers) == {201: 1, "limit_reached": 49}
    assert left(star) == 99
    assert Redemption.objects.count() == 1
    assert_sound()


def test_one_key_sixty_four_times_is_one_effect() -> None:
    star = reward(points=10, most_at_once=2, stock=100)
    [ada] = crowd(1)
    [token] = tokens([ada])
    answers = at_once(
        [
            call(redeem_as, token, star, key="one", quantity=1 if number % 3 else 2)
            for number in range(96)
        ],
        threads=32,
    )
    assert set(told(answers)) <= {201, "request_in_progress", "idempotency_key_reused"}
    good = [one for one in answers if one.status_code == 201]
    assert good
    assert len({one.content for one in good}) == 1
    assert len([one for one in good if "Idempotency-Replayed" not in one]) == 1
    assert Redemption.objects.count() == Hold.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1
    assert_sound()


def test_the_last_unit_goes_to_one_member() -> None:
    people = tokens(crowd(8))
    for _round in range(ROUNDS):
        last = reward(points=5, stock=1)
        answers = at_once([call(redeem_as, token, last) for token in people])
        assert told(answers) == {201: 1, "out_of_stock": 7}
        assert left(last) == 0
    assert_sound()


def test_the_last_codes_go_to_one_member_each() -> None:
    people = tokens(crowd(8))
    for _round in range(ROUNDS):
        pool = reward(kind="voucher", points=5, is_instant=True, codes=3)
        answers = at_once([call(redeem_as, token, pool) for token in people])
        assert told(answers) == {201: 3, "out_of_stock": 5}
        assert len({one.json()["voucher"] for one in answers if one.status_code == 201}) == 3
    assert_sound()


def test_a_member_does_not_spend_the_same_points_on_two_rewards() -> None:
    for _round in range(ROUNDS):
        [token] = tokens(crowd(1, points=15))
        answers = at_once([call(redeem_as, token, reward(points=10, stock=5)) for _ in range(4)])
        assert told(answers) == {201: 1, "insufficient_points": 3}
    assert_sound()


@pytest.mark.parametrize("kind", ["title", "voucher"])
def test_cancelling_and_fulfilling_at_the_same_instant_is_one_of_them(kind: str) -> None:
    ada = rich(1_000)
    what = reward(kind=kind, points=10, stock=ROUNDS, codes=ROUNDS if kind == "voucher" else 0)
    fulfilled = 0
    for _round in range(ROUNDS):
        made = redeemed(ada, what)
        answer, swept = at_once([call(cancel, ada, made), sweep])
        assert not isinstance(swept, Exception), swept
        sweep()
        made.refresh_from_db()
        if answer.status_code == 200:
            assert made.state == "cancelled"
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "redemption_decided")
            assert made.state == "fulfilled"
            fulfilled += 1
        hold = Hold.objects.get(reference=made.reference)
        assert hold.state == ("captured" if made.state == "fulfilled" else "released")
    assert shown(ada.id).available == 1_000 - 10 * fulfilled
    assert left(what) == ROUNDS - fulfilled
    assert_sound()


def test_cancelling_rejecting_and_lapsing_at_the_same_instant_is_one_of_them() -> None:
    operator = User.objects.create_superuser("operator").pk
    ada, mug = rich(1_000), reward(kind="physical", points=10, stock=3)
    for _round in range(ROUNDS):
        made = redeemed(ada, mug)
        Redemption.objects.filter(id=made.id).update(waits_until_at=timezone.now())
        later = timezone.now()
        results = at_once(
            [
                call(cancel, ada, made),
                call(services.reject, redemption=made.id, reason="no", by=operator, now=later),
                call(sweep, "lapse_redemptions", now=later),
            ]
        )
        made.refresh_from_db()
        cancelled, rejected, lapsed = results
        won = {
            "cancelled": cancelled.status_code == 200,
            "rejected": not isinstance(rejected, RedemptionDecided),
            "lapsed": bool(lapsed.get("lapsed")),
        }
        assert [name for name, has in won.items() if has] == [made.state], results
        assert left(mug) == 3
        assert shown(ada.id).available == 1_000
    assert StockMove.objects.filter(kind="returned").count() == ROUNDS
    assert_sound()


def test_two_sweeps_at_once_fulfil_each_redemption_once() -> None:
    people = crowd(6)
    pool = reward(kind="voucher", points=10, codes=24, most_at_once=4)
    for token in tokens(people):
        assert redeem_as(token, pool, quantity=4).status_code == 201
    results = at_once([sweep] * 3)
    assert sum(one["claimed"] for one in results) == 6
    sweep()
    assert set(Redemption.objects.values_list("state", flat=True)) == {"fulfilled"}
    assert Voucher.objects.filter(state="assigned").count() == 24
    assert Entry.objects.filter(kind="spent").count() == 6
    assert_sound()


def test_a_code_is_written_off_once_however_many_take_it_at_once() -> None:
    ada = rich(1_000)
    pool = reward(kind="voucher", points=10, is_instant=True, codes=ROUNDS)
    for _round in range(ROUNDS):
        made = redeemed(ada, pool)
        code = bearer(tokens([ada])[0]).get(f"/api/v1/redemptions/{made.id}/").json()["voucher"]
        answers = at_once([call(verify, code) for _ in range(4)])
        assert told(answers) == {200: 1, "voucher_used": 3}


def test_claiming_and_lapsing_at_the_same_instant_is_one_of_them() -> None:
    ada, yoga = rich(1_000), reward(kind="event_pass", points=10, must_be_claimed=True, stock=9)
    claimed = 0
    for _round in range(ROUNDS):
        made = redeemed(ada, yoga)
        sweep()
        code = bearer(tokens([ada])[0]).get(f"/api/v1/redemptions/{made.id}/").json()["voucher"]
        # The instant is between the two, whoever comes first.
        soon = timezone.now() + dt.timedelta(milliseconds=30)
        Redemption.objects.filter(id=made.id).update(waits_until_at=soon)
        answer, _swept = at_once([call(verify, code), call(sweep, "lapse_redemptions", now=soon)])
        made.refresh_from_db()
        voucher = Voucher.objects.get(redemption=made)
        if answer.status_code == 200:
            claimed += 1
            assert (made.state, voucher.state) == ("fulfilled", "written_off")
        else:
            assert answer.json()["code"] == "voucher_void"
            # A row that the claim was looking at is left for the next sweep.
            assert (made.state, voucher.state) == ("lapsed", "void") or made.state == "fulfilling"
    sweep("lapse_redemptions")
    states = Redemption.objects.values_list("state", flat=True)
    assert sorted(states) == ["fulfilled"] * claimed + ["lapsed"] * (ROUNDS - claimed)
    assert shown(ada.id).available == 1_000 - 10 * claimed
    assert_sound()


def test_taking_back_and_writing_off_at_the_same_instant_is_one_of_them() -> None:
    operator = User.objects.create_superuser("operator").pk
    ada = rich(1_000)
    pool = reward(kind="voucher", points=10, is_instant=True, codes=ROUNDS)
    for _round in range(ROUNDS):
        made = redeemed(ada, pool)
        code = bearer(tokens([ada])[0]).get(f"/api/v1/redemptions/{made.id}/").json()["voucher"]
        answer, taken = at_once(
            [
                call(verify, code),
                call(
                    services.take_back,
                    redemption=made.id,
                    reason="wrong one",
                    restock=True,
                    by=operator,
                    now=timezone.now(),
                ),
            ]
        )
        made.refresh_from_db()
        if answer.status_code == 200:
            assert isinstance(taken, VoucherUsed)
            assert made.state == "fulfilled"
        else:
            assert answer.status_code == 404
            assert made.state == "returned"
    assert_sound()


def test_leaving_while_redeeming_leaves_points_and_stock_sound() -> None:
    for _round in range(ROUNDS // 2):
        [ada] = crowd(1)
        star = reward(points=10, stock=5)
        token, other = tokens([ada, ada])
        results = at_once(
            [
                call(redeem_as, token, star),
                call(bearer(other).delete, "/api/v1/me/"),
                call(redeem_as, other, star),
            ]
        )
        assert all(one.status_code in {201, 204, 401, 403, 404, 409} for one in results), results
        sweep()
    assert_sound()
