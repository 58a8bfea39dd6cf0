"""What members do all day asks the same few queries, whatever went before."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.activities import gatherings, posting
from tests.activities.posting import POSTS, published, reviewer
from tests.factories import MemberFactory
from tests.members.sessions import signed_in

pytestmark = pytest.mark.django_db


def asked(call: Callable[[], Any]) -> int:
    """Make the call and count its queries."""
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    assert answer.status_code in {200, 201}, answer.content
    return len(queries)


def test_writing_a_post_is_as_many_queries_whatever_one_wrote_before() -> None:
    posting.load()
    ada = signed_in(MemberFactory.create())
    said = [
        {"kind": "post", "title": f"Day {day}", "body": f"{day} is a day " * 9} for day in range(9)
    ]
    counts = [asked(partial(ada.post, POSTS, one, "application/json")) for one in said]
    assert len(set(counts[1:])) == 1, counts
    assert max(counts) <= 15, counts


def test_a_like_is_as_many_queries_whoever_liked_before() -> None:
    posting.load()
    post = published(MemberFactory.create(), reviewer())
    likers = [signed_in(MemberFactory.create()) for _ in range(9)]
    counts = [asked(partial(one.put, f"{POSTS}{post.id}/like/")) for one in likers]
    # The third fills the day's cap: the others earn nothing, so nothing is posted.
    assert len(set(counts[:3])) == len(set(counts[3:])) == 1, counts
    assert max(counts) <= 15, counts


def test_attending_is_as_many_queries_whoever_came_before() -> None:
    gatherings.load_events()
    event = gatherings.event(starts_in=-gatherings.MINUTE)
    guests = [signed_in(MemberFactory.create()) for _ in range(9)]
    body = {"code": gatherings.code(event)}
    counts = [
        asked(partial(one.post, "/api/v1/attendances/", body, "application/json")) for one in guests
    ]
    assert len(set(counts[1:])) == 1, counts
    assert max(counts) <= 25, counts
