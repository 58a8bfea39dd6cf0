"""Taking activities back over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from members.models import Member
from points import selectors
from points.models import CapUsage, Entry, Standing

Send = Callable[..., dict[str, Any]]
Make = Callable[..., dict[str, Any]]


def reverse(api: Client, id: str, **body: Any) -> tuple[int, dict[str, Any]]:  # noqa: A002
    """Ask for a reversal."""
    response = api.post(f"/api/v1/activities/{id}/reversal/", body, content_type="application/json")
    return response.status_code, response.json()


def test_a_reversal_takes_everything_back_once(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    send(activity(data={"weight": 3}), activity("b-1", action="bounty.won", data={"amount": 200}))
    first = reverse(api, "b-1", reason="wrong member")
    assert first == (
        200,
        {"id": "b-1", "state": "reversed", "awards": [{"rule": "bounty", "points": 200}]},
    )
    assert reverse(api, "b-1") == first
    shown = selectors.account(member=ada.id)
    assert shown is not None
    assert (shown.net, shown.lifetime, shown.level) == (9, 9, "newcomer")
    assert set(Standing.objects.values_list("points", flat=True)) == {9}
    told = api.get("/api/v1/activities/b-1/").json()
    assert (told["state"], told["reversal_reason"]) == ("reversed", "wrong member")
    assert Entry.objects.get(kind="reversed").reason == "wrong member"
    assert selectors.reconcile().is_clean


def test_a_reversal_gives_the_caps_their_room_back(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    send(*[activity(f"v-{n}") for n in range(3)])
    assert CapUsage.objects.get().used == 20
    reverse(api, "v-0")
    assert CapUsage.objects.get().used == 12
    assert send(activity("v-9"))["results"][0]["awards"] == [{"rule": "vote", "points": 8}]


def test_reversing_a_deduction_gives_the_points_back_to_the_lots(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    send(
        activity("b-1", action="bounty.won", data={"amount": 50}),
        activity("r-1", action="post.removed"),
    )
    reverse(api, "r-1")
    shown = selectors.account(member=ada.id)
    assert shown is not None
    assert (shown.available, shown.debt, shown.lifetime) == (50, 0, 50)
    assert selectors.reconcile().is_clean


def test_a_reversal_that_comes_first_is_parked_and_nets_to_zero(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    parked = (202, {"id": "a-1", "state": "parked", "awards": []})
    assert reverse(api, "a-1", reason="sent by mistake") == parked
    assert reverse(api, "a-1") == parked
    assert send(activity())["results"][0] == {"id": "a-1", "status": "accepted", "awards": []}
    told = api.get("/api/v1/activities/a-1/").json()
    assert (told["state"], told["reversal_reason"]) == ("reversed", "sent by mistake")
    assert not Entry.objects.exists()
    assert reverse(api, "a-1") == (200, {"id": "a-1", "state": "reversed", "awards": []})
    assert send(activity())["duplicates"] == 1


def test_spent_points_that_are_taken_back_become_debt(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    send(activity(), activity("r-1", action="post.removed"))
    reverse(api, "a-1")
    shown = selectors.account(member=ada.id)
    assert shown is not None
    assert (shown.available, shown.debt) == (0, 30)
    assert selectors.reconcile().is_clean


@pytest.mark.parametrize(
    "body",
    ['{"reason": 1}', '{"reason": null}', '{"why": "x"}', "[]", '{"reason": "x", "reason": "y"}'],
)
def test_a_reversal_of_another_shape_is_refused(
    send: Send, activity: Make, api: Client, ada: Member, body: str
) -> None:
    send(activity())
    response = api.post("/api/v1/activities/a-1/reversal/", body, content_type="application/json")
    assert response.status_code == 400
    assert Entry.objects.count() == 1
