"""Two members, each with rows of every kind that a path can name."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

import rewards.services
from activities import services
from activities.models import Event, Post
from activities.services import EventDetails
from kit.transactions import durable
from members.models import ApiKey, Member
from points.models import Entry
from points.selectors import program_file
from points.services import load_program
from rewards.models import Draw, Packet, Reward, Window
from rewards.program_file import DrawsSection, RedPacketsSection
from rewards.services import PacketSaid
from tests.activities.posting import decide, published, reviewer, say, write
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import FINE, GIFT, earn, load
from tests.rewards import luck
from tests.rewards.support import redeem, redeemed, reward
from tests.rewards.windows import asked, opened
from tests.voting.support import made_up
from voting.models import Cycle

LEVELS = [
    {"code": "new", "name": "Newcomer", "threshold": 0},
    {"code": "known", "name": "Known", "threshold": 100, "multiplier": "1.5"},
]


@dataclass(frozen=True)
class Person:
    """A member, and the newest of each kind of row that is theirs."""

    member: Member
    entry: Entry
    activity: str
    post: int
    """Theirs, and not published."""
    answered: int
    """A question that is theirs, with a comment of theirs: Ann's is published."""
    comment: int
    liked: int
    """A post of somebody else that is published for Ann, and one of Ben's that is not."""
    event: Event
    redemption: int
    voucher: str
    request: int = 0
    """In the window that is open."""


@dataclass(frozen=True)
class World:
    """Ann calls; Ben's rows are not hers. The server may do all that servers may."""

    ann: Person
    ben: Person
    key: ApiKey
    reward: int
    cycle: Cycle
    """Of the award: both may vote for each other."""
    window: Window
    draw: Draw
    """Ann has tried once."""
    packet: Packet
    """The community's; Ben has taken a share."""

    @property
    def session(self) -> Client:
        """Ann's client."""
        return signed_in(self.ann.member)

    @property
    def server(self) -> Client:
        """The server's client."""
        return Client(headers={"Authorization": f"Api-Key {key_of(self.key)}"})


def make_world() -> World:
    """Make the rows."""
    load(rules=[GIFT, FINE], levels=LEVELS)
    key: ApiKey = ApiKeyFactory.create()
    server = Client(headers={"Authorization": f"Api-Key {key_of(key)}"})
    mug, tea = reward(kind="physical"), reward(kind="voucher", is_instant=True, codes=2)
    ann, ben = (_person(name, server, mug, tea) for name in ("ann", "ben"))
    writer, by = MemberFactory.create(external_id="writer"), reviewer()
    decide(Post.objects.get(id=ann.answered), by)
    said = say(Post.objects.get(id=ann.answered), ann.member)
    liked = published(writer, by)
    comment = say(liked, ben.member)
    both = [ann.member, ben.member]
    window = opened((badge := reward(), 2), (reward(), 2), levels=LEVELS)
    ann, ben = (replace(one, request=asked(one.member, window, badge).id) for one in (ann, ben))
    draw, packet = _luck(ann, ben)
    return World(
        ann=replace(ann, comment=said.id, liked=liked.id),
        ben=replace(ben, comment=comment.id, liked=ben.post),
        key=key,
        reward=mug.id,
        cycle=made_up(standing=both, voters=both),
        window=window,
        draw=draw,
        packet=packet,
    )


def _person(name: str, server: Client, mug: Reward, tea: Reward) -> Person:
    member: Member = MemberFactory.create(external_id=name)
    entry = earn(member.id, 130)
    activity: dict[str, Any] = {
        "id": f"gift:{name}",
        "action": "gift",
        "member": name,
        "occurred_at": "2026-03-10T12:00:00Z",
        "data": {"amount": 7},
    }
    answer = server.post(
        "/api/v1/activities/", {"activities": [activity]}, content_type="application/json"
    )
    assert answer.json()["accepted"] == 1, answer.content
    return Person(
        member=member,
        entry=entry,
        activity=activity["id"],
        post=write(member).id,
        answered=write(member, kind="question").id,
        comment=0,
        liked=0,
        event=_event(member),
        redemption=redeemed(member, mug).id,
        voucher=redeem(member, tea).json()["voucher"],
    )


def _luck(ann: Person, ben: Person) -> tuple[Draw, Packet]:
    """Make a draw and a red packet, beside the program that there is."""
    said = program_file().model_copy(
        update={
            "draws": DrawsSection.model_validate({"offered": [luck.said()]}),
            "red_packets": RedPacketsSection(members_send=True),
        }
    )
    load_program(source=said, dry_run=False)
    luck.lead()
    draw = Draw.objects.get()
    luck.tried(ann.member, draw)
    by = User.objects.create_user("giver").pk
    packet = rewards.services.give_packet(said=PacketSaid(90, 9), hours=24, by=by)
    durable(rewards.services.take_share)(id=packet.pk, member=ben.member.pk, now=timezone.now())
    return draw, packet


def _event(member: Member) -> Event:
    """Make an event; Ann's is published."""
    starts_at = timezone.now() + dt.timedelta(days=1)
    ends_at = starts_at + dt.timedelta(hours=2)
    made = services.create_event(
        details=EventDetails(title="Fair", starts_at=starts_at, ends_at=ends_at, seats=5)
    )
    return services.publish_event(event=made.id) if member.external_id == "ann" else made
