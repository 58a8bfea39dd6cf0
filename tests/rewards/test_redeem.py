"""Members redeem, see what they redeemed, and take it back while nobody works on it."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from points.models import Entry, Hold
from rewards.models import Redemption, Stock, StockMove
from rewards.selectors import prove_stock
from tests.members.sessions import signed_in
from tests.points.support import shown
from tests.rewards.support import (
    ADDRESS,
    REDEMPTIONS,
    assert_sound,
    cancel,
    left,
    redeem,
    redeemed,
    reward,
    rich,
    show,
    sweep,
)


def test_points_are_held_at_request_and_spent_on_fulfilment() -> None:
    ada, badge = rich(100), reward(points=30, stock=5, name="Star")
    answer = redeem(ada, badge)
    assert answer.status_code == 201
    body = answer.json()
    assert body["reward"] == {
        "id": badge.id,
        "code": badge.code,
        "name": "Star",
        "kind": "title",
    }
    assert (body["quantity"], body["unit_points"], body["points"]) == (1, 30, 30)
    assert (body["state"], body["voucher"]) == ("approved", None)
    assert (body["account"]["available"], body["account"]["held"]) == (70, 30)
    assert left(badge) == 4
    assert not Entry.objects.filter(kind="spent").exists()
    assert sweep() == {"claimed": 1, "fulfilled": 1, "left": 0}
    assert (shown(ada.id).available, shown(ada.id).held) == (70, 0)
    [entry] = Entry.objects.filter(kind="spent")
    assert (entry.points, entry.reason) == (-30, "Star")
    assert show(ada, Redemption.objects.get())["state"] == "fulfilled"
    assert signed_in(ada).get("/api/v1/me/").json()["badges"] == ["Star"]
    assert sweep() == {"claimed": 0}
    assert_sound()


def test_an_instant_reward_is_paid_and_handed_out_in_its_request() -> None:
    ada = rich(100)
    pool = reward(kind="voucher", is_instant=True, points=40, codes=2)
    body = redeem(ada, pool).json()
    assert body["state"] == "fulfilled"
    assert body["voucher"].startswith("CODE-")
    assert (body["account"]["available"], body["account"]["held"]) == (60, 0)
    assert left(pool) == 1
    assert not Hold.objects.exists()
    again = redeem(ada, pool).json()
    assert again["voucher"] != body["voucher"]
    assert redeem(ada, pool).json()["code"] in {"out_of_stock", "insufficient_points"}
    assert_sound()


def test_cancelling_returns_points_and_stock_once() -> None:
    ada, mug = rich(100), reward(kind="physical", points=30, stock=5)
    made = redeemed(ada, mug)
    answer = cancel(ada, made)
    assert answer.status_code == 200
    assert answer.json()["state"] == "cancelled"
    assert answer.json()["account"]["available"] == 100
    again = cancel(ada, made)
    assert (again.status_code, again.json()["code"]) == (409, "redemption_decided")
    assert again.json()["state"] == "cancelled"
    assert left(mug) == 5
    assert [move.change for move in StockMove.objects.order_by("id")] == [5, -1, 1]
    assert_sound()


def test_a_cancelling_sent_again_answers_the_same() -> None:
    ada = rich(100)
    made = redeemed(ada, reward(stock=1))
    first, second = (cancel(ada, made, key="k") for _twice in range(2))
    assert first.content == second.content
    assert second["Idempotency-Replayed"] == "true"


def test_what_is_fulfilled_cannot_be_cancelled() -> None:
    ada = rich(100)
    made = redeemed(ada, reward())
    sweep()
    answer = cancel(ada, made)
    assert (answer.status_code, answer.json()["state"]) == (409, "fulfilled")
    assert shown(ada.id).available == 90


def test_price_and_name_are_those_of_the_request() -> None:
    ada, star = rich(100), reward(name="Star", points=30)
    made = redeemed(ada, star, quantity=1)
    type(star).objects.filter(id=star.id).update(points=90, name="Comet")
    sweep()
    assert shown(ada.id).available == 70
    body = show(ada, made)
    assert (body["points"], body["reward"]["name"]) == (30, "Star")


def test_an_expected_price_that_has_changed_redeems_nothing() -> None:
    ada, star = rich(100), reward(points=30, most_at_once=5)
    answer = redeem(ada, star, quantity=2, points=50)
    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["points"] == 60
    assert redeem(ada, star, quantity=2, points=60).status_code == 201
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reward": "1"},
        {"reward": 0},
        {"reward": 2**53},
        {"reward": 1, "quantity": 0},
        {"reward": 1, "quantity": -1},
        {"reward": 1, "quantity": 2**31},
        {"reward": 1, "quantity": 1.0},
        {"reward": 1, "price": 5},
        {"reward": 1, "address": {}},
        {"reward": 1, "address": {**ADDRESS, "floor": 2}},
        {"reward": 1, "address": None},
        {"reward": 1, "address": {**ADDRESS, "line": "\0"}},
        {"reward": 1, "points": 0},
    ],
)
def test_a_bad_body_is_400(body: dict[str, object]) -> None:
    client = signed_in(rich(0))
    answer = client.post(REDEMPTIONS, body, "application/json", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 400, answer.content


def test_a_redemption_needs_a_key() -> None:
    ada, star = rich(100), reward()
    answer = signed_in(ada).post(REDEMPTIONS, {"reward": star.id}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert redeem(ada, star, key="k").status_code == 201
    replayed = redeem(ada, star, key="k")
    assert replayed["Idempotency-Replayed"] == "true"
    other = redeem(ada, reward(), key="k")
    assert other.json()["code"] == "idempotency_key_reused"
    assert Redemption.objects.count() == 1


def test_a_reward_that_nobody_sees_is_not_found() -> None:
    ada = rich(100)
    hidden = reward(is_active=False)
    later = reward(visible_from_at=timezone.now() + dt.timedelta(hours=1))
    for one in (hidden, later):
        assert redeem(ada, one).status_code == 404
    assert shown(ada.id).available == 100


def test_only_goods_take_an_address() -> None:
    ada = rich(100)
    answer = redeem(ada, reward(), address=ADDRESS)
    assert (answer.status_code, answer.json()["code"]) == (400, "address_not_taken")


def test_a_list_shows_the_newest_first_and_only_ones_own() -> None:
    ada, ben = rich(100), rich(100)
    star = reward(most_at_once=2)
    mine = [redeemed(ada, star).id, redeemed(ada, star).id]
    redeemed(ben, star)
    body = signed_in(ada).get(REDEMPTIONS).json()
    assert [one["id"] for one in body["results"]] == mine[::-1]
    assert "vouchers" not in body["results"][0]


def test_redeeming_and_looking_take_few_queries(django_assert_num_queries: Any) -> None:
    ada, star = rich(1_000), reward(stock=100, limit_day=50)
    client = signed_in(ada)
    redeem(client, star)
    with django_assert_num_queries(27):
        assert redeem(client, star).status_code == 201


def test_a_stock_that_does_not_add_up_is_told() -> None:
    star = reward(stock=5)
    assert not prove_stock().faults
    Stock.objects.filter(reward=star).update(left=4)
    [fault] = prove_stock().faults
    assert (fault.check, fault.kept, fault.computed) == ("stock_left", 4, 5)
    assert sweep("prove_stock")["differences"] == 1
