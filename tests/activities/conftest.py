"""A community with rules, a key, and a way to send activities."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from members.models import Member
from points.program_file import parse
from points.services import load_program
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.worlds import made_around

PROGRAM = """
community: {name: Test, time_zone: Asia/Shanghai, day_starts_at: "00:00", fiscal_year_starts: 1,
            overdraft: debt, accept_late_hours: 72}
levels:
  - {code: newcomer, name: Newcomer, threshold: 0}
  - {code: regular, name: Regular, threshold: 100, multiplier: "1.5"}
caps:
  - {code: daily-votes, limit: 20, per: member, period: day, over: partial}
  - {code: weekly-posts, limit: 12, per: member, period: week, over: none}
rules:
  - {code: vote, action: post.upvoted, points: 8, caps: [daily-votes]}
  - {code: vote-bonus, action: post.upvoted, points: 1, when: {field: weight, gte: 2}}
  - {code: post, action: post.created, points: 5, caps: [weekly-posts]}
  - {code: bounty, action: bounty.won, points: {field: amount}}
  - {code: penalty, action: post.removed, points: -30}
  - {code: season, action: season.joined, points: 7, starts_at: 2027-01-01T00:00:00Z}
"""


@pytest.fixture(scope="module")
def _program_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    source = parse(content=PROGRAM.encode())
    with made_around(lambda: load_program(source=source, dry_run=False), django_db_blocker):
        yield


@pytest.fixture
def program(_program_once: None, db: None) -> None:
    """Put the program above in force."""


@pytest.fixture
def ada(program: None) -> Member:
    """A member."""
    return MemberFactory.create(external_id="ada")


@pytest.fixture
def api(program: None) -> Client:
    """A server that may send activities."""
    return Client(headers={"authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})


@pytest.fixture
def now() -> dt.datetime:
    """This instant."""
    return timezone.now()


Activity = dict[str, Any]


@pytest.fixture
def activity(now: dt.datetime) -> Callable[..., Activity]:
    """Make an activity of Ada's; keywords replace its fields."""

    def make(id: str = "a-1", **fields: Any) -> Activity:  # noqa: A002 - the field's name
        return {
            "id": id,
            "action": "post.upvoted",
            "member": "ada",
            "occurred_at": now.isoformat(),
            "data": {},
        } | fields

    return make


@pytest.fixture
def send(api: Client) -> Callable[..., dict[str, Any]]:
    """Send activities and return the answer."""

    def post(*activities: object, status: int = 200) -> dict[str, Any]:
        response = api.post(
            "/api/v1/activities/", {"activities": activities}, content_type="application/json"
        )
        assert response.status_code == status, response.content
        answer: dict[str, Any] = response.json()
        return answer

    return post
