"""The store of the demo community: codes, pictures, and what members redeemed."""

import contextlib
import datetime as dt
import io
import random
import zlib
from typing import Any

from django.contrib.auth.models import User
from PIL import Image, ImageDraw

from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member
from rewards import selectors, services
from rewards.services import CodeLine, Order, RewardSaid

SHOPPERS = 42
HOODIES = 3
"""Each waits for an operator: one is turned down, one approved."""
LATE = 3
ADDRESS = {
    "recipient": "陈小满",
    "phone": "13800000000",
    "region": "上海市 徐汇区",
    "line": "漕溪北路 18 号 602 室",
    "postal_code": "200030",
}
CODES = 30


def load_rewards(*, now: dt.datetime, seed: int) -> None:
    """Put orders in every state into a demo community that has the example's catalogue.

    Everything goes through the services. The first time only: where there is the notebook, which
    can be redeemed in a week, everything stays as it is.
    """
    clerk, _made = User.objects.get_or_create(username="demo-clerk")
    notebook = RewardSaid(
        code="notebook",
        name="限量笔记本 Limited notebook",
        kind="physical",
        points=200,
        redeemable_from_at=now + dt.timedelta(days=7),
    )
    try:
        services.add_reward(said=notebook, stock=10, by=clerk.pk)
    except DomainError:  # it is there already
        return
    made = {reward.code: reward for reward in selectors.catalogue(now=now)}
    codes = [CodeLine(n, f"TEA-CARD-{n:04d}") for n in range(CODES)]
    services.import_codes(reward=made["tea-card"].id, lines=codes, dry_run=False, by=clerk.pk)
    for reward in made.values():
        services.add_picture(reward=reward.id, content=_picture(reward.name))
    ids = {code: reward.id for code, reward in made.items()}
    _shop(ids, clerk.pk, random.Random(seed), now)  # noqa: S311 - the same demo each time


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


def _shop(made: dict[str, int], clerk: int, chance: random.Random, now: dt.datetime) -> None:
    """Have members redeem, and operators and sweeps do a part of what there is to do."""
    orders: list[tuple[int, Any]] = []

    def buy(member: int, code: str, *, tells: bool) -> None:
        order = Order(made[code], 1, ADDRESS if tells else None)
        with contextlib.suppress(DomainError):  # not enough points, or not for this member
            done = durable(services.redeem)(order=order, member=member, now=now)
            orders.append((member, done.opened.redemption))

    members = Member.objects.filter(account__available__gte=40)
    shoppers = members.order_by("-account__available", "id").values_list("id", flat=True)[:SHOPPERS]
    for member in shoppers:
        if len(orders) < HOODIES:
            buy(member, "hoodie", tells=True)
    codes = chance.sample(sorted(made.keys() - {"hoodie"}), len(made) - 1)
    for number, member in enumerate(shoppers):
        code = codes[number % len(codes)]
        buy(member, code, tells=code == "mug" and number < SHOPPERS - len(codes))
    _work(orders, clerk, now)
    # One thinks better of it, one says nothing for too long, one has yet to say where it goes.
    so_far = len(orders)
    for member in shoppers:
        if len(orders) < so_far + LATE:
            buy(member, "mug", tells=False)
    (bought, first), (other, second), *_rest = orders[so_far:]
    durable(services.cancel)(id=first.id, member=bought, now=now)
    # Only the database's clock lets one lapse: this one was asked for two weeks ago.
    selectors.redemptions(member=other).filter(id=second.id).update(waits_until_at=now)
    durable(services.lapse_next)(after=second.id - 1, now=now)


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
