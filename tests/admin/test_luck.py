"""The admin's pages of lucky draws and red packets, clicked through as an operator."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from rewards.models import Draw, Packet, PacketShare
from tests.admin.conftest import limited
from tests.members.sessions import signed_in
from tests.rewards.luck import NOTHING, PACKETS, TEN, lead, opened, tried
from tests.rewards.support import post, reward, rich

DRAWS, GIVEN = "/admin/rewards/draw/", "/admin/rewards/packet/"


@pytest.fixture
def draw(db: None) -> Draw:
    """An open draw with a mug in it, tried three times."""
    mug = reward(name="Mug", stock=5)
    prize = {"code": "mug", "weight": 100, "reward": mug.code, "quota": 2, "fallback": "ten"}
    made = opened(NOTHING, TEN, prize)
    for _ in range(3):
        tried(rich(), made)
    return made


def page(client: Client, address: str, **said: Any) -> str:
    answer = client.post(address, said, follow=True) if said else client.get(address)
    assert answer.status_code == 200, answer.status_code
    text: str = answer.content.decode()
    return text


def test_a_draws_page_shows_its_odds_its_prizes_and_what_was_hit(
    operator: Client, draw: Draw
) -> None:
    text = page(operator, f"{DRAWS}{draw.pk}/change/")
    for told in ("100 / 200", "60 / 200", "Mug", "10 points", draw.seed_digest, 'data-type="bar"'):
        assert told in text
    assert "Wheel" in page(operator, DRAWS)
    tries = page(operator, f"{DRAWS}{draw.pk}/see_tries/", follow=1)
    assert tries.count("/admin/rewards/drawtry/") >= 3


def test_the_seed_is_on_the_page_once_the_draw_has_ended(operator: Client, draw: Draw) -> None:
    address = f"{DRAWS}{draw.pk}/change/"
    was = page(operator, address)
    lead(days=3)
    seed = signed_in(rich()).get(f"/api/v1/draws/{draw.pk}/").json()["seed"]
    assert seed not in was
    assert seed in page(operator, address)


def test_a_try_has_a_page(operator: Client, draw: Draw) -> None:
    for row in draw.prizes.model.objects.filter(draw=draw):
        assert row.code in page(operator, f"{DRAWS}{draw.pk}/change/")
    from rewards.models import DrawTry  # noqa: PLC0415

    one = DrawTry.objects.get(number=1)
    text = page(operator, f"/admin/rewards/drawtry/{one.pk}/change/")
    assert str(one.member) in text


def test_an_operator_gives_a_red_packet(operator: Client) -> None:
    address = f"{GIVEN}give/"
    assert "required" in page(operator, address, points="", shares="")
    refused = page(operator, address, points=2, shares=3, hours=1, greeting="")
    assert "a point a share at least" in refused
    assert not Packet.objects.exists()
    assert "Done." in page(operator, address, points=50, shares=5, hours=2, greeting="Hello")
    packet = Packet.objects.get()
    assert (packet.points, packet.shares, packet.sender) == (50, 5, None)
    assert (packet.ends_at - packet.created_at).total_seconds() == 7200
    assert LogEntry.objects.filter(object_id=str(packet.pk)).count() == 1
    address = f"{GIVEN}{packet.pk}/change/"
    assert "Nobody has taken any yet." in page(operator, address)
    ada = rich(0, nickname="Ada")
    post(signed_in(ada), f"{PACKETS}{packet.pk}/share/")
    assert PacketShare.objects.exclude(member=None).count() == 1
    assert "Ada" in page(operator, address)
    assert "Hello" in page(operator, GIVEN)


def test_who_may_only_look_gives_nothing(db: None) -> None:
    clerk = limited("rewards.view_packet", "rewards.view_draw")
    assert "Give a red packet" not in page(clerk, GIVEN)
    answer = clerk.post(f"{GIVEN}give/", {"points": 5, "shares": 1, "hours": 1})
    assert answer.status_code == 403
    assert not Packet.objects.exists()
