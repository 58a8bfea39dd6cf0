"""What happens here is an activity like any other, under an id that nobody else can take."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.test import Client

from activities.models import Activity, Reversal
from activities.services import own_id, record, take_back
from kit.transactions import durable
from members.models import Member
from points.services import Decision, Fact
from tests.points.support import assert_reconciled, shown


@durable
def tell(*facts: Fact, now: dt.datetime) -> list[list[Decision]]:
    return record(facts=facts, now=now)


@durable
def undo(*ids: str, now: dt.datetime) -> int:
    return take_back(ids=ids, reason="removed", now=now)


def liked(of: Member, now: dt.datetime, number: int = 1) -> Fact:
    return Fact(own_id(kind="like", of=(7, number)), "post.upvoted", of.id, now, {"weight": 1})


def test_it_is_kept_and_counted(ada: Member, now: dt.datetime) -> None:
    [decisions] = tell(liked(ada, now), now=now)
    assert [made.points for made in decisions] == [8, 0]
    kept = Activity.objects.get()
    assert (kept.id, kept.is_own, len(kept.outcome)) == ("~like:7:1", True, 2)
    assert shown(ada.id).available == 8


def test_it_is_taken_back_once(ada: Member, now: dt.datetime) -> None:
    tell(liked(ada, now), liked(ada, now, 2), now=now)
    ids = ["~like:7:1", "~like:7:2", "~like:7:3"]
    assert undo(*ids, now=now) == 2
    assert undo(*ids, now=now) == 0
    assert shown(ada.id).available == 0
    assert {one.state for one in Activity.objects.all()} == {"reversed"}
    assert_reconciled()


def test_no_server_can_report_such_an_id(
    ada: Member, send: Callable[..., dict[str, Any]], activity: Callable[..., dict[str, Any]]
) -> None:
    [result] = send(activity("~like:7:1"))["results"]
    assert (result["status"], result["problem"]["code"]) == ("rejected", "invalid")


def test_a_server_can_see_it_and_not_reverse_it(ada: Member, api: Client, now: dt.datetime) -> None:
    tell(liked(ada, now), now=now)
    assert api.get("/api/v1/activities/~like:7:1/").json()["awards"] == [
        {"rule": "vote", "points": 8}
    ]
    refused = api.post(
        "/api/v1/activities/~like:7:1/reversal/", {}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "activity_not_reported")
    absent = api.post("/api/v1/activities/~like:7:2/reversal/", {}, content_type="application/json")
    assert absent.status_code == 404
    assert not Reversal.objects.exists()
    assert shown(ada.id).available == 8


def test_an_id_that_is_there_already_starts_over(ada: Member, now: dt.datetime) -> None:
    tell(liked(ada, now), now=now)
    tries = []

    @durable
    def again() -> str:
        tries.append(1)
        if Activity.objects.filter(id="~like:7:1").exists() and len(tries) > 1:
            return "found"
        record(facts=[liked(ada, now)], now=now)
        return "recorded"

    assert again() == "found"
    assert len(tries) == 2
