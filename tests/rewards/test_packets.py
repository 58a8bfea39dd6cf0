"""Red packets: shares that add up, one a member, and the rest goes back."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Invalid
from members.models import Member
from points.models import Account, Entry
from rewards import services
from rewards.models import Packet, PacketShare
from rewards.rules import parted
from rewards.services import PacketSaid
from tests.members.sessions import signed_in
from tests.points.support import dice, pass_days
from tests.rewards.luck import PACKETS, load, seen
from tests.rewards.support import assert_sound, post, rich, sweep
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db


@once_a_module
def _program() -> None:
    load(members_send=True, most_points=500, most_shares=20, hours=24)


def send(who: Member, *, key: str = "", **said: Any) -> Any:
    return post(signed_in(who), PACKETS, {"points": 100, "shares": 5, **said}, key=key)


def sent(who: Member, **said: Any) -> Packet:
    answer = send(who, **said)
    assert answer.status_code == 201, answer.content.decode()
    return Packet.objects.get(id=answer.json()["id"])


def take(who: Member, packet: Packet, *, key: str = "") -> Any:
    return post(signed_in(who), f"{PACKETS}{packet.pk}/share/", key=key)


def run_out(packet: Packet) -> dict[str, int]:
    """Let the packet's time pass, and sweep."""
    Packet.objects.filter(pk=packet.pk).update(ends_at=timezone.now() - dt.timedelta(seconds=1))
    return sweep("red_packets")


def available(who: Member) -> int:
    return Account.objects.get(member=who).available


def test_shares_add_up_and_each_member_takes_one() -> None:
    ada = rich(300)
    answer = send(ada, greeting="恭喜 Happy new year").json()
    assert (answer["account"]["available"], answer["shares_taken"]) == (200, 0)
    packet = Packet.objects.get()
    people = [rich(0) for _ in range(5)]
    got = [take(one, packet).json() for one in people]
    assert sum(one["points"] for one in got) == 100
    assert all(one["points"] >= 1 for one in got)
    assert [one["account"]["available"] for one in got] == [one["points"] for one in got]
    empty = take(rich(0), packet)
    assert (empty.status_code, empty.json()["code"]) == (409, "packet_empty")
    assert run_out(packet) == {"ended": 1, "returned": 0}
    assert available(ada) == 200
    entry = Entry.objects.get(member=people[0].id)
    assert (entry.kind, entry.reason) == ("adjusted", "恭喜 Happy new year")
    assert Account.objects.get(member=people[0]).lifetime == 0
    assert_sound()


def test_a_second_try_tells_of_the_share_one_has() -> None:
    packet, ben = sent(rich(300)), rich(0)
    first, again = take(ben, packet).json(), take(ben, packet).json()
    assert first == again
    assert PacketShare.objects.filter(member=ben).count() == 1
    shown = seen(ben, f"{PACKETS}{packet.pk}/")
    assert shown["share"]["points"] == first["points"]
    assert (shown["shares_taken"], shown["points_taken"]) == (1, first["points"])
    [listed] = seen(ben, PACKETS)["results"]
    assert listed == shown


def test_what_nobody_took_goes_back_to_the_lots_that_paid() -> None:
    ada, ben = rich(300), rich(0)
    packet = sent(ada)
    share = take(ben, packet).json()["points"]
    assert sweep("red_packets") == {}
    assert run_out(packet) == {"ended": 1, "returned": 100 - share}
    assert available(ada) == 300 - share
    assert run_out(packet) == {}
    late = take(rich(0), packet)
    assert (late.status_code, late.json()["code"]) == (409, "packet_ended")
    assert take(ben, packet).json()["points"] == share  # still told of it
    assert seen(ada, f"{PACKETS}{packet.pk}/")["points_returned"] == 100 - share
    assert_sound()


def test_a_packet_whose_time_is_over_is_closed_before_the_sweep() -> None:
    packet = sent(rich(300))
    Packet.objects.update(ends_at=timezone.now() - dt.timedelta(seconds=1))
    assert take(rich(0), packet).json()["code"] == "packet_ended"


def test_points_that_lapsed_meanwhile_do_not_come_back_for_good() -> None:
    ada = rich(300)
    packet = sent(ada)
    pass_days(400, of=ada.id)
    run_out(packet)
    assert_sound()


def test_the_community_gives_and_what_is_left_is_nobodys() -> None:
    by = User.objects.create_user("clerk").pk
    packet = services.give_packet(said=PacketSaid(1_000, 3, "Hi"), hours=1, by=by)
    ben = rich(0)
    share = take(ben, packet).json()["points"]
    assert run_out(packet) == {"ended": 1, "returned": 1_000 - share}
    assert Entry.objects.count() == 1
    assert seen(ben, f"{PACKETS}{packet.pk}/")["is_own"] is False
    assert_sound()


def test_members_send_only_where_the_program_lets_them() -> None:
    load()
    refused = send(rich(300))
    assert (refused.status_code, refused.json()["code"]) == (409, "may_not_send")
    assert not Packet.objects.exists()


def test_one_key_is_one_packet_and_nobody_sends_what_one_has_not_got() -> None:
    ada = rich(300)
    assert send(ada, key="k").content == send(ada, key="k").content
    assert Packet.objects.count() == 1
    refused = send(ada, points=201)
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_points")
    assert PacketShare.objects.count() == 5


@pytest.mark.parametrize(
    "said",
    [
        {"points": 0},
        {"points": 4},
        {"points": 501},
        {"shares": 0},
        {"shares": 21},
        {"points": "100"},
        {"points": 1.5},
        {"greeting": "x" * 101},
        {"greeting": "a\u0000b"},
        {"sender": 3},
    ],
)
def test_a_packet_that_cannot_be_is_refused(said: dict[str, Any]) -> None:
    ada = rich(1_000)
    answer = send(ada, **said)
    assert answer.status_code in {400, 422}, answer.content.decode()
    assert not Packet.objects.exists()
    assert available(ada) == 1_000


def test_an_operator_is_told_the_bounds() -> None:
    with pytest.raises(Invalid, match="from 1 to 1000 shares"):
        services.give_packet(said=PacketSaid(9_999, 1_001), hours=1, by=1)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"points": 4}, "packet_has_a_point_a_share"),
        ({"sender": None}, "packet_is_given_by_somebody"),
        ({"returned": 3}, "packet_ends_with_what_is_left"),
    ],
)
def test_the_database_keeps_packets_sound(change: dict[str, Any], constraint: str) -> None:
    sent(rich(300))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Packet.objects.update(**change)


def test_the_database_keeps_shares_sound() -> None:
    packet, ben = sent(rich(300)), rich(0)
    take(ben, packet)
    for change, constraint in (
        ({"points": 0}, "packet_share_is_a_point_at_least"),
        ({"member": ben, "taken_at": timezone.now()}, "packet_once_per_member"),
        ({"taken_at": timezone.now()}, "packet_share_is_taken_by_a_member"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            PacketShare.objects.filter(member=None).update(**change)


@given(st.integers(1, 400), st.data())
def test_shares_are_a_point_at_least_and_add_up(shares: int, data: Any) -> None:
    points = data.draw(st.integers(shares, 10**12))
    chance = dice(data.draw(st.integers()))
    found = parted(points=points, shares=shares, draw=chance.randrange)
    assert len(found) == shares
    assert min(found) >= 1
    assert sum(found) == points


def test_all_ways_to_part_are_equally_likely() -> None:
    chance = dice(7)
    ways: dict[tuple[int, ...], int] = {}
    for _ in range(12_000):
        way = tuple(parted(points=5, shares=3, draw=chance.randrange))
        ways[way] = ways.get(way, 0) + 1
    assert len(ways) == 6  # 4 places for 2 cuts
    spread = 5 * (12_000 * (1 / 6) * (5 / 6)) ** 0.5
    assert all(abs(count - 2_000) < spread for count in ways.values())
