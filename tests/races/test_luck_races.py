"""Draws and red packets in many hands: no gap in the numbers, no piece or share too many."""

import datetime as dt
import functools
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import NoneType
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from kit.transactions import durable
from points.models import Account, Entry
from rewards import services
from rewards.models import Draw, DrawTry, Packet, PacketShare, Redemption, StockMove
from tests.flows.histories import manage
from tests.members.sessions import bearer
from tests.points.support import at_once
from tests.races.test_event_races import waiting_for_locks
from tests.races.test_redemption_races import crowd, tokens, told
from tests.rewards.luck import DRAWS, PACKETS, lead, load, opened, said
from tests.rewards.support import assert_sound, left, post, reward

pytestmark = pytest.mark.django_db(transaction=True)
call = functools.partial

NOTHING = {"code": "nothing", "weight": 1}


def attempt(token: str, draw: Draw, *, key: str = "") -> Any:
    return post(bearer(token), f"{DRAWS}{draw.pk}/tries/", key=key)


def take(token: str, packet: Packet) -> Any:
    return post(bearer(token), f"{PACKETS}{packet.pk}/share/")


def given(points: int = 200, shares: int = 20) -> Packet:
    """Have a member send a packet."""
    load(members_send=True, most_points=points)
    [sender] = crowd(1, points=1_000)
    wanted = services.PacketSaid(points, shares)
    sent = durable(services.send_packet)(said=wanted, member=sender.pk, now=timezone.now())
    return sent.packet


def test_many_at_once_are_numbered_without_a_gap_and_win_what_there_is() -> None:
    mug = reward(stock=30)
    sure = {"code": "sure", "weight": 999_999, "quota": 20, "fallback": "nothing"}
    draw = opened(sure | {"reward": mug.code}, NOTHING)
    answers = at_once([call(attempt, token, draw) for token in tokens(crowd(64))], threads=32)
    assert told(answers) == {201: 64}
    assert sorted(DrawTry.objects.values_list("number", flat=True)) == list(range(1, 65))
    assert Counter(DrawTry.objects.values_list("prize__code", flat=True))["sure"] == 20
    assert Redemption.objects.count() == 20
    assert Entry.objects.filter(kind="spent").count() == 64
    assert left(mug) == 10
    assert_sound()
    lead(days=3)
    assert "same list" in manage("replay_draw", "wheel")
    assert_sound()


@pytest.mark.parametrize("points", [0, 1])
def test_a_cap_of_three_lets_three_of_fifty_through(points: int) -> None:
    draw = opened(per_day=3, points=points)
    [token] = tokens(crowd(1))
    answers = at_once([call(attempt, token, draw) for _ in range(50)])
    assert told(answers) == {201: 3, "limit_reached": 47}
    assert Draw.objects.get().tries == 3
    assert_sound()


def tried_while(draw: Draw, what: Callable[[], object]) -> Any:
    """Have something happen to a draw while a try waits for it; return the try's answer."""
    [token] = tokens(crowd(1))
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Draw.objects.select_for_update().get(pk=draw.pk)
        trying = pool.submit(at_once, [call(attempt, token, draw)])
        while not waiting_for_locks():
            assert not trying.done(), trying.result()
        what()
    [answer] = trying.result()
    return answer


def test_a_try_that_waited_while_the_draw_ended_is_refused() -> None:
    draw = opened()
    answer = tried_while(draw, call(services.lead_draws, now=timezone.now() + dt.timedelta(days=3)))
    assert told([answer]) == {"draw_closed": 1}
    assert not DrawTry.objects.exists()
    assert not Entry.objects.filter(kind="spent").exists()


def test_a_try_that_waited_beyond_the_instant_is_refused() -> None:
    draw = opened()
    ends_at = timezone.now() + dt.timedelta(seconds=1)
    Draw.objects.update(ends_at=ends_at)

    def wait() -> None:
        while timezone.now() <= ends_at:
            time.sleep(0.05)

    assert told([tried_while(draw, wait)]) == {"draw_closed": 1}
    assert not DrawTry.objects.exists()
    assert_sound()


def test_two_sweeps_at_once_begin_and_end_a_draw_once() -> None:
    mug = reward(stock=9)
    offered = said(
        {"code": "sure", "weight": 99, "reward": mug.code, "quota": 4, "fallback": "nothing"},
        NOTHING,
    )
    load(offered)
    at_once([lead for _ in range(8)])
    assert left(mug) == 5
    at_once([call(lead, days=3) for _ in range(8)])
    assert left(mug) == 9
    assert StockMove.objects.filter(kind="freed").count() == 1
    assert_sound()


# --- Red packets ----------------------------------------------------------------------------------


def test_as_many_have_a_share_as_there_are() -> None:
    packet = given(points=200, shares=20)
    people = crowd(80, points=1)
    answers = at_once([call(take, token, packet) for token in tokens(people)], threads=32)
    assert told(answers) == {201: 20, "packet_empty": 60}
    shares = PacketShare.objects.filter(packet=packet)
    assert shares.exclude(member=None).aggregate(sum=Sum("points"))["sum"] == 200
    assert Account.objects.filter(member__in=people).aggregate(sum=Sum("available"))["sum"] == 280
    assert_sound()


def test_one_member_from_many_devices_takes_one() -> None:
    packet = given()
    [token] = tokens(crowd(1, points=1))
    answers = at_once([call(take, token, packet) for _ in range(40)], threads=32)
    assert told(answers) == {201: 40}
    assert len({answer.content for answer in answers}) == 1
    assert PacketShare.objects.exclude(member=None).count() == 1
    assert_sound()


def test_shares_are_taken_or_go_back_never_both() -> None:
    packet = given(points=200, shares=20)
    Packet.objects.update(ends_at=timezone.now() + dt.timedelta(days=1))
    later = timezone.now() + dt.timedelta(days=2)
    calls: list[Callable[[], Any]] = [
        call(take, token, packet) for token in tokens(crowd(20, points=1))
    ]
    for place in (6, 7, 8):
        calls.insert(place, call(durable(services.end_next_packet), now=later))
    answers = at_once(calls)
    ends = [answers.pop(place) for place in (8, 7, 6)]
    assert {type(one) for one in ends} <= {tuple, NoneType}
    packet.refresh_from_db()
    taken = PacketShare.objects.exclude(member=None).aggregate(sum=Sum("points"))["sum"] or 0
    assert taken + (packet.returned or 0) == 200
    assert set(told(answers)) <= {201, "packet_ended"}
    assert Account.objects.get(member=packet.sender_id).available == 1_000 - taken
    assert Entry.objects.filter(kind="refunded").count() == int(taken < 200)
    assert_sound()


def test_an_end_waits_for_a_share_that_is_being_taken() -> None:
    packet = given(points=200, shares=20)
    [taker] = crowd(1, points=1)
    later = timezone.now() + dt.timedelta(days=2)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        share = services.take_share(id=packet.pk, member=taker.pk, now=timezone.now()).share
        end = call(durable(services.end_next_packet), now=later)
        ending = pool.submit(at_once, [end])
        while not waiting_for_locks():
            assert not ending.done(), ending.result()
    assert ending.result() == [(packet.pk, 200 - share.points)]
    assert_sound()


def test_who_finds_the_last_share_in_other_hands_is_not_told_that_it_is_gone() -> None:
    packet = given(points=200, shares=1)
    first, second = crowd(2, points=1)
    [token] = tokens([second])
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.take_share(id=packet.pk, member=first.pk, now=timezone.now())
            taking = pool.submit(at_once, [call(take, token, packet)])
            while not taking.done():  # it starts over until it gives up
                time.sleep(0.01)
            transaction.set_rollback(True)
        assert told(taking.result()) == {"unavailable": 1}
    assert told([take(token, packet)]) == {201: 1}
    assert_sound()
