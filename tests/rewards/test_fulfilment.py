"""Goods with an address, what lapses without one, what is taken back, and what is forgotten."""

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from points.models import Entry, Lot
from rewards import services
from rewards.errors import AddressMissing, NotShipped, RedemptionDecided, VoucherUsed
from rewards.models import Redemption, Voucher
from tests.members.sessions import signed_in
from tests.points.support import earn, load, pass_days, shown
from tests.pointsvc.test_me import everything_kept
from tests.rewards.conftest import LEVELS
from tests.rewards.support import (
    ADDRESS,
    REDEMPTIONS,
    assert_sound,
    left,
    redeemed,
    reward,
    rich,
    show,
    sweep,
    verify,
)

NOW = timezone.now
DAY = dt.timedelta(days=1)


def put_address(who: Any, made: Redemption, **said: str) -> Any:
    path = f"{REDEMPTIONS}{made.id}/address/"
    return signed_in(who).put(path, {**ADDRESS, **said}, "application/json")


def older(made: Redemption, days: float) -> None:
    """Let days pass for a redemption that waits."""
    made.refresh_from_db()
    assert made.waits_until_at is not None
    Redemption.objects.filter(id=made.id).update(
        waits_until_at=made.waits_until_at - dt.timedelta(days=days)
    )


def test_an_address_may_come_later_and_change_until_somebody_packs() -> None:
    ada, mug = rich(), reward(kind="physical", stock=3)
    made = redeemed(ada, mug)
    body = show(ada, made)
    assert (body["needs_address"], body["address"]) == (True, None)
    assert put_address(ada, made).status_code == 200
    assert put_address(ada, made, line="北京东路 1 号").json()["address"]["line"] == "北京东路 1 号"
    assert show(ada, made)["waits_until"] is None
    assert "北京东路" not in everything_kept()
    assert services.pack(redemptions=[made.id]) == [made.id]
    late = put_address(ada, made)
    assert (late.status_code, late.json()["state"]) == (409, "fulfilling")


def test_goods_are_fulfilled_when_they_are_on_their_way(operator: int) -> None:
    ada, mug = rich(100), reward(kind="physical", points=30, stock=3)
    made = redeemed(ada, mug)
    ship: dict[str, Any] = {"redemption": made.id, "by": operator, "now": NOW()}
    with pytest.raises(AddressMissing):
        services.ship(carrier="SF", tracking_number="1", **ship)
    put_address(ada, made)
    with pytest.raises(NotShipped):
        services.ship(carrier="SF", tracking_number=" ", **ship)
    services.ship(carrier="SF", tracking_number="1", **ship)
    body = show(ada, made)
    assert (body["state"], body["carrier"], body["tracking_number"]) == ("fulfilled", "SF", "1")
    assert (shown(ada.id).available, shown(ada.id).held) == (70, 0)
    with pytest.raises(RedemptionDecided):
        services.ship(carrier="SF", tracking_number="2", **ship)
    assert_sound()


def test_without_an_address_it_lapses_after_fourteen_days() -> None:
    ada, mug = rich(100), reward(kind="physical", points=30, stock=1)
    made = redeemed(ada, mug)
    older(made, 13.9)
    assert sweep("lapse_redemptions") == {}
    older(made, 0.2)
    assert put_address(ada, made).status_code == 409, "too late, though nobody swept yet"
    assert sweep("lapse_redemptions") == {"lapsed": 1}
    assert sweep("lapse_redemptions") == {}
    assert show(ada, made)["state"] == "lapsed"
    assert (shown(ada.id).available, left(mug)) == (100, 1)
    assert_sound()


def test_a_pass_that_nobody_claims_lapses() -> None:
    ada = rich(100)
    yoga = reward(kind="service", must_be_claimed=True, points=30, stock=1)
    made = redeemed(ada, yoga)
    sweep()
    code = show(ada, made)["voucher"]
    older(made, 14.1)
    assert verify(code).json()["code"] == "voucher_void", "late, though nobody swept yet"
    assert sweep("lapse_redemptions") == {"lapsed": 1}
    assert (shown(ada.id).available, left(yoga)) == (100, 1)
    assert verify(code).json()["code"] == "voucher_void"
    assert_sound()


def test_points_go_back_to_the_lots_that_paid() -> None:
    load(levels=LEVELS, expiry={"days": 30})
    ada = rich(100)
    pass_days(10, of=ada.id)
    earn(ada.id, 100)
    before = list(Lot.objects.order_by("id").values("expires_at", "remaining", "held"))
    made = redeemed(ada, reward(kind="physical", points=150))
    assert [lot.held for lot in Lot.objects.order_by("id")] == [100, 50]
    signed_in(ada).post(
        f"{REDEMPTIONS}{made.id}/cancel/", {}, "application/json", headers={"Idempotency-Key": "k"}
    )
    assert list(Lot.objects.order_by("id").values("expires_at", "remaining", "held")) == before
    assert_sound()


def test_an_operator_rejects_with_a_reason_that_the_member_reads(operator: int) -> None:
    ada, mug = rich(100), reward(kind="physical", needs_approval=True, stock=2)
    made = redeemed(ada, mug)
    assert show(ada, made)["state"] == "requested"
    services.reject(redemption=made.id, reason="Wrong size", by=operator, now=NOW())
    body = show(ada, made)
    assert (body["state"], body["reason"]) == ("rejected", "Wrong size")
    assert (shown(ada.id).available, left(mug)) == (100, 2)
    with pytest.raises(RedemptionDecided) as refused:
        services.reject(redemption=made.id, reason="again", by=operator, now=NOW())
    assert refused.value.extra["state"] == "rejected"
    assert_sound()


@pytest.mark.parametrize("restock", [True, False])
def test_what_is_taken_back_is_refunded_and_restocked_as_decided(
    operator: int, *, restock: bool
) -> None:
    ada = rich(100)
    pool = reward(kind="voucher", is_instant=True, points=30, codes=2)
    made = redeemed(ada, pool)
    back: dict[str, Any] = {"reason": "Broken", "restock": restock, "by": operator, "now": NOW()}
    services.take_back(redemption=made.id, **back)
    assert shown(ada.id).available == 100
    assert left(pool) == (2 if restock else 1)
    assert Voucher.objects.filter(state="free").count() == left(pool)
    assert Entry.objects.get(kind="refunded").points == 30
    with pytest.raises(RedemptionDecided):
        services.take_back(redemption=made.id, **back)
    assert_sound()


def test_a_used_code_does_not_go_back_into_its_pool(operator: int) -> None:
    ada = rich(100)
    made = redeemed(ada, reward(kind="voucher", is_instant=True, codes=1))
    verify(show(ada, made)["voucher"])
    back: dict[str, Any] = {"redemption": made.id, "reason": "x", "by": operator, "now": NOW()}
    with pytest.raises(VoucherUsed):
        services.take_back(restock=True, **back)
    services.take_back(restock=False, **back)
    assert_sound()


def test_who_leaves_leaves_no_address_and_gets_nothing_more(operator: int) -> None:
    ada = rich(100)
    mug = reward(kind="physical", points=10, stock=5)
    open_, sent = (redeemed(ada, mug, address=ADDRESS) for _ in range(2))
    shipped: dict[str, Any] = {"carrier": "SF", "tracking_number": "SF99-ADA"}
    services.ship(redemption=sent.id, by=operator, now=NOW(), **shipped)
    assert signed_in(ada).delete("/api/v1/me/").status_code == 204
    for one in (open_, sent):
        one.refresh_from_db()
    assert (open_.state, sent.state) == ("cancelled", "fulfilled")
    assert open_.address is sent.address is None
    assert "SF99-ADA" not in everything_kept()
    assert left(mug) == 4
    assert_sound()


def test_an_address_goes_days_after_the_goods_have(operator: int) -> None:
    ada = rich()
    made = redeemed(ada, reward(kind="physical"), address=ADDRESS)
    services.ship(redemption=made.id, carrier="SF", tracking_number="1", by=operator, now=NOW())
    assert sweep("forget_addresses", now=NOW() + 89 * DAY) == {"addresses": 0}
    assert sweep("forget_addresses", now=NOW() + 91 * DAY) == {"addresses": 1}
    assert show(ada, made)["address"] is None


def test_the_export_tells_where_things_go() -> None:
    ada = rich()
    redeemed(ada, reward(kind="physical"), address=ADDRESS)
    answer: Any = signed_in(ada).get("/api/v1/me/export/")
    [told] = json.loads(b"".join(answer.streaming_content))["redemptions"]
    assert told["address"] == ADDRESS
