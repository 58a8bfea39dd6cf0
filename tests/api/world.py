"""Two members, each with rows of every kind that a path can name."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from members.models import ApiKey, Member
from points.models import Entry
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import FINE, GIFT, earn, load
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


@dataclass(frozen=True)
class World:
    """Ann calls; Ben's rows are not hers. The server may do all that servers may."""

    ann: Person
    ben: Person
    key: ApiKey
    cycle: Cycle
    """Of the award: both may vote for each other."""

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
    ann, ben = _person("ann", server), _person("ben", server)
    both = [ann.member, ben.member]
    return World(ann=ann, ben=ben, key=key, cycle=made_up(standing=both, voters=both))


def _person(name: str, server: Client) -> Person:
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
    return Person(member=member, entry=entry, activity=activity["id"])
