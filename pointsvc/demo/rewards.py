"""Rewards of the demo community: a catalogue, and what members made of it."""

import datetime as dt
import io
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from PIL import Image, ImageDraw

import points.selectors
from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member
from rewards import services
from rewards.services import CodeLine, Order, RewardSaid

SHOPPERS = 42
ADDRESS = {
    "recipient": "陈小满",
    "phone": "13800000000",
    "region": "上海市 徐汇区",
    "line": "漕溪北路 18 号 602 室",
    "postal_code": "200030",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A reward of the demo, its first stock, and the codes of its pool."""

    said: RewardSaid
    stock: int | None = None
    codes: int = 0


def load_rewards(*, now: dt.datetime, seed: int) -> None:
    """Put a catalogue into an empty demo community, and orders in every state.

    Everything goes through the services. The first time only: a catalogue that has rewards stays
    as it is.
    """
    clerk, _made = User.objects.get_or_create(username="demo-clerk")
    made: dict[str, int] = {}
    try:
        for line in _catalogue(now):
            reward = services.add_reward(said=line.said, stock=line.stock, by=clerk.pk)
            made[reward.code] = reward.id
            if line.codes:
                codes = [CodeLine(n, f"{reward.code.upper()}-{n:04d}") for n in range(line.codes)]
                services.import_codes(reward=reward.id, lines=codes, dry_run=False, by=clerk.pk)
            services.add_picture(reward=reward.id, content=_picture(line.said.name))
    except DomainError:  # it is there already
        return
    _shop(made, clerk.pk, random.Random(seed), now)  # noqa: S311 - the same demo each time


def _catalogue(now: dt.datetime) -> Iterator[Line]:
    top = [step.level.code for step in points.selectors.ladder()][-1:]
    day = dt.timedelta(days=1)
    yield Line(_said("tea-card", "奶茶券 Tea card", "voucher", 40, is_instant=True), codes=30)
    yield Line(_said("mug", "社区马克杯 Community mug", "physical", 120, most_at_once=2), stock=25)
    yield Line(
        _said("hoodie", "卫衣 Hoodie", "physical", 300, needs_approval=True, joined_days=30),
        stock=4,
    )
    yield Line(
        _said("yoga-pass", "瑜伽课 Yoga class", "event_pass", 80, must_be_claimed=True), stock=12
    )
    yield Line(_said("mentor-hour", "导师一小时 Hour with a mentor", "service", 150))
    yield Line(
        _said("star", "社区之星 Community star", "title", 60, limit_lifetime=1, is_instant=True)
    )
    yield Line(
        _said(
            *("notebook", "限量笔记本 Limited notebook", "physical", 200),
            prices=dict.fromkeys(top, 150),
            redeemable_from_at=now + 7 * day,
        ),
        stock=10,
    )


def _picture(name: str) -> bytes:
    """Return a plain picture in a colour that the name chooses."""
    hue = zlib.crc32(name.encode()) % 360
    picture = Image.new("RGB", (600, 400), f"hsl({hue}, 45%, 80%)")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((150, 90, 450, 310), 40, fill=f"hsl({hue}, 55%, 55%)")
    draw.line((300, 90, 300, 310), fill="white", width=18)
    draw.line((150, 170, 450, 170), fill="white", width=18)
    with io.BytesIO() as file:
        picture.save(file, "PNG")
        return file.getvalue()


def _said(code: str, name: str, kind: str, price: int, **more: Any) -> RewardSaid:  # noqa: ANN401 - its columns
    return RewardSaid(code=code, name=name, kind=kind, points=price, **more)


def _shop(made: dict[str, int], clerk: int, chance: random.Random, now: dt.datetime) -> None:
    """Have members redeem, and operators and sweeps do a part of what there is to do."""
    buy = durable(services.redeem)
    orders = []
    codes = chance.sample(sorted(made), len(made))
    members = Member.objects.filter(account__available__gte=40)
    shoppers = members.order_by("-account__available", "id")[:SHOPPERS]
    for number, member in enumerate(shoppers):
        code = codes[number % len(codes)]
        tells = code in {"mug", "hoodie"} and number < SHOPPERS - len(codes)
        address = ADDRESS if tells else None  # the last ones have not said yet
        try:
            done = buy(order=Order(made[code], 1, address), member=member.pk, now=now)
        except DomainError:  # not enough points, or not for this member
            continue
        orders.append((member.pk, done.opened.redemption))
    _work(orders, clerk, now)
    # One thinks better of it; the other has yet to say where it goes.
    for (member_id, _one), thinks_better in zip(orders, (True, False), strict=False):
        late = buy(order=Order(made["mug"], 1), member=member_id, now=now).opened.redemption
        if thinks_better:
            durable(services.cancel)(id=late.id, member=member_id, now=now)


def _work(orders: list[tuple[int, Any]], clerk: int, now: dt.datetime) -> None:
    durable(services.claim_approved)()
    after, step = 0, durable(services.fulfil_next)
    while seen := step(after=after, now=now):
        after = seen.id
    goods = [one for _who, one in orders if one.kind == "physical"]
    waiting = [one.id for one in goods if one.state == "requested"]
    if waiting:
        services.reject(redemption=waiting[0], reason="尺码已缺 Size sold out", by=clerk, now=now)
        services.approve(redemptions=waiting[1:2], by=clerk)
    sent = [one.id for one in goods if one.state == "approved" and one.address is not None]
    services.pack(redemptions=sent[:3])
    for number, id_ in enumerate(sent[:2]):
        services.ship(
            redemption=id_, carrier="顺丰", tracking_number=f"SF10{number:08d}", by=clerk, now=now
        )
    if sent[:1]:
        services.take_back(
            redemption=sent[0], reason="破损 Broken", restock=False, by=clerk, now=now
        )
