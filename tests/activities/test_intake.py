"""Activities over HTTP: what each item gets, and what it is told."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from activities.models import Activity
from members.models import Member, MemberState, Scope
from points import selectors
from tests.factories import ApiKeyFactory, MemberFactory, key_of

Send = Callable[..., dict[str, Any]]
Make = Callable[..., dict[str, Any]]


def net(member: Member) -> int:
    """Return a member's points."""
    shown = selectors.account(member=member.id)
    assert shown is not None
    return shown.net


def test_an_activity_grants_what_its_rules_give(send: Send, activity: Make, ada: Member) -> None:
    answer = send(activity(data={"weight": 2}))
    assert answer == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": 0,
        "results": [
            {
                "id": "a-1",
                "status": "accepted",
                "awards": [{"rule": "vote", "points": 8}, {"rule": "vote-bonus", "points": 1}],
            }
        ],
    }
    assert net(ada) == 9


def test_the_same_activity_again_is_a_duplicate_with_the_same_awards(
    send: Send, activity: Make, ada: Member
) -> None:
    first = send(activity())["results"][0]
    again = send(activity(), activity())
    assert again["duplicates"] == 2
    assert [result["awards"] for result in again["results"]] == [first["awards"]] * 2
    assert net(ada) == 8


def test_twice_in_one_call_counts_once(send: Send, activity: Make, ada: Member) -> None:
    answer = send(activity(), activity())
    assert [result["status"] for result in answer["results"]] == ["accepted", "duplicate"]
    assert answer["results"][1]["awards"] == [{"rule": "vote", "points": 8}]
    assert net(ada) == 8


@pytest.mark.parametrize(
    "other",
    [
        {"action": "post.created"},
        {"member": "bob"},
        {"data": {"weight": 1}},
        {"occurred_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_an_id_with_other_content_is_rejected(
    send: Send, activity: Make, ada: Member, other: dict[str, Any]
) -> None:
    MemberFactory.create(external_id="bob")
    send(activity())
    answer = send(activity(**other))
    assert answer["results"][0]["status"] == "rejected"
    assert answer["results"][0]["problem"]["code"] == "activity_id_reused"
    assert net(ada) == 8


def test_one_bad_item_never_spoils_the_others(send: Send, activity: Make, ada: Member) -> None:
    answer = send(
        activity("good-1"),
        17,
        activity("bad-1", action="no spaces allowed"),
        activity("bad-2", member="nobody"),
        activity("good-2"),
    )
    assert [result["status"] for result in answer["results"]] == [
        "accepted", "rejected", "rejected", "rejected", "accepted",
    ]  # fmt: skip
    assert (answer["accepted"], answer["rejected"]) == (2, 3)
    assert net(ada) == 16


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"id": ""}, "id", "invalid"),
        ({"id": 7}, "id", "invalid"),
        ({"id": "a" * 129}, "id", "invalid"),
        ({"id": "with space"}, "id", "invalid"),
        ({"id": "a\x1fb"}, "id", "invalid"),
        ({"action": ""}, "action", "invalid"),
        ({"action": "a" * 65}, "action", "invalid"),
        ({"action": None}, "action", "invalid"),
        ({"member": ""}, "member", "invalid"),
        ({"member": 12}, "member", "invalid"),
        ({"member": "a" * 65}, "member", "invalid"),
        ({"member": "\u202eada"}, "member", "invalid"),
        ({"occurred_at": "2026-11-22T10:00:00"}, "occurred_at", "invalid"),
        ({"occurred_at": "2026-11-22"}, "occurred_at", "invalid"),
        ({"occurred_at": "9999-12-31T23:59:59-23:59"}, "occurred_at", "invalid"),
        ({"occurred_at": "0000-00-00T00:00:00Z"}, "occurred_at", "invalid"),
        ({"occurred_at": 1}, "occurred_at", "invalid"),
        ({"occurred_at": "２０２６-11-22T10:00:00Z"}, "occurred_at", "invalid"),
        ({"data": []}, "data", "invalid"),
        ({"data": None}, "data", "invalid"),
        ({"points": 100}, "points", "unknown_field"),
    ],
)
def test_a_bad_field_is_named(
    send: Send, activity: Make, ada: Member, fields: dict[str, Any], field: str, code: str
) -> None:
    problem = send(activity(**fields))["results"][0]["problem"]
    assert problem["code"] == "invalid"
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]
    assert not Activity.objects.exists()


@pytest.mark.parametrize("missing", ["id", "action", "member", "occurred_at"])
def test_a_missing_field_is_named(send: Send, activity: Make, ada: Member, missing: str) -> None:
    item = activity()
    del item[missing]
    problem = send(item)["results"][0]["problem"]
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        (missing, "required")
    ]


def test_data_may_be_left_out(send: Send, activity: Make, ada: Member) -> None:
    item = activity()
    del item["data"]
    assert send(item)["accepted"] == 1


def test_an_unknown_member_is_rejected(send: Send, activity: Make, ada: Member) -> None:
    answer = send(activity(member="nobody"))
    assert answer["results"][0]["problem"]["code"] == "unknown_member"


@pytest.mark.parametrize("state", [MemberState.PAUSED, MemberState.LEFT])
def test_a_member_who_takes_no_part_earns_nothing(
    send: Send, activity: Make, ada: Member, state: MemberState
) -> None:
    Member.objects.update(state=state)
    assert send(activity())["results"][0]["problem"]["code"] == "member_not_active"
    assert net(ada) == 0


@pytest.mark.parametrize(
    ("shift", "code"),
    [
        (dt.timedelta(minutes=4), None),
        (dt.timedelta(minutes=6), "occurs_in_future"),
        (dt.timedelta(hours=-71), None),
        (dt.timedelta(hours=-73), "too_late"),
    ],
)
def test_lateness_and_the_future_have_limits(
    send: Send, activity: Make, ada: Member, now: dt.datetime, shift: dt.timedelta, code: str | None
) -> None:
    result = send(activity(occurred_at=(now + shift).isoformat()))["results"][0]
    assert result.get("problem", {}).get("code") == code


def test_an_activity_without_a_rule_is_kept_and_grants_nothing(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    assert send(activity(action="tea.made"))["results"][0]["awards"] == []
    shown = api.get("/api/v1/activities/a-1/").json()
    assert (shown["state"], shown["outcome"]) == ("taken", [])


def test_the_explanation_tells_what_was_granted_and_what_was_not(
    send: Send, activity: Make, api: Client, ada: Member, now: dt.datetime
) -> None:
    same_day = now.isoformat()
    send(*[activity(f"v-{n}", data={"weight": 1}, occurred_at=same_day) for n in range(4)])
    first = api.get("/api/v1/activities/v-0/").json()
    assert first["awards"] == [{"rule": "vote", "points": 8}]
    granted, refused = first["outcome"]
    assert granted["rule"] == "vote"
    assert granted["version"] == 1
    assert granted["base"] == 8
    assert (granted["caps"][0]["limit"], granted["caps"][0]["used"]) == (20, 0)
    assert refused == {
        "rule": "vote-bonus",
        "version": 1,
        "points": 0,
        "refused": "condition_failed",
        "failed": {"field": "weight", "gte": 2, "value": 1},
    }
    third = api.get("/api/v1/activities/v-2/").json()["outcome"][0]
    assert (third["points"], third["caps"][0]["used"]) == (4, 16)
    fourth = api.get("/api/v1/activities/v-3/").json()["outcome"][0]
    assert (fourth["refused"], fourth["cap"]) == ("cap_reached", "daily-votes")
    shanghai = dt.timezone(dt.timedelta(hours=8))
    tomorrow = (now.astimezone(shanghai) + dt.timedelta(days=1)).date()
    midnight = dt.datetime.combine(tomorrow, dt.time(), shanghai)
    assert dt.datetime.fromisoformat(fourth["next_at"]) == midnight


def test_a_cap_that_pays_nothing_over_it_says_so(send: Send, activity: Make, ada: Member) -> None:
    answer = send(*[activity(f"p-{n}", action="post.created") for n in range(3)])
    assert [len(result["awards"]) for result in answer["results"]] == [1, 1, 0]
    assert net(ada) == 10


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "field_missing"),
        ({"amount": "5"}, "field_not_whole_number"),
        ({"amount": True}, "field_not_whole_number"),
        ({"amount": 1.0}, "field_not_whole_number"),
        ({"amount": 10**12 + 1}, "field_out_of_range"),
        ({"amount": 0}, "no_points"),
    ],
)
def test_an_amount_that_is_none_grants_nothing_and_says_why(
    send: Send, activity: Make, api: Client, ada: Member, data: dict[str, Any], reason: str
) -> None:
    assert send(activity(action="bounty.won", data=data))["results"][0]["awards"] == []
    assert api.get("/api/v1/activities/a-1/").json()["outcome"][0]["refused"] == reason


def test_a_rule_out_of_its_time_says_when_it_counts(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    send(activity(action="season.joined"))
    told = api.get("/api/v1/activities/a-1/").json()["outcome"][0]
    assert (told["refused"], told["from"]) == ("not_in_force", "2027-01-01T00:00:00+00:00")


def test_a_level_reached_in_a_batch_multiplies_what_follows(
    send: Send, activity: Make, api: Client, ada: Member
) -> None:
    send(
        activity("b-1", action="bounty.won", data={"amount": 100}),
        activity("b-2", action="bounty.won", data={"amount": 5}),
    )
    assert net(ada) == 107
    told = api.get("/api/v1/activities/b-2/").json()["outcome"][0]
    assert (told["base"], told["multiplier"], told["level"]) == (5, "1.5", "regular")


def test_a_deduction_beyond_the_balance_becomes_debt_that_earnings_repay(
    send: Send, activity: Make, ada: Member
) -> None:
    send(activity("r-1", action="post.removed"))
    shown = selectors.account(member=ada.id)
    assert shown is not None
    assert (shown.available, shown.debt, shown.net) == (0, 30, -30)
    send(activity("b-1", action="bounty.won", data={"amount": 50}))
    shown = selectors.account(member=ada.id)
    assert shown is not None
    assert (shown.available, shown.debt, shown.lifetime) == (20, 0, 50)


def test_a_thousand_activities_fit_and_one_more_does_not(
    send: Send, activity: Make, ada: Member
) -> None:
    many = [activity(f"m-{n}", action="tea.made") for n in range(1001)]
    assert send(*many[:1000])["accepted"] == 1000
    problem = send(*many, status=400)
    assert problem["errors"][0]["field"] == "activities"


@pytest.mark.parametrize(
    "body", ["{}", '{"activities": {}}', '{"activities": [], "more": 1}', "[]"]
)
def test_a_call_of_another_shape_is_refused(api: Client, body: str) -> None:
    response = api.post("/api/v1/activities/", body, content_type="application/json")
    assert response.status_code == 400
    assert response["content-type"] == "application/problem+json"


def test_the_routes_ask_for_their_scope(program: None) -> None:
    reader = ApiKeyFactory.create(scopes=[Scope.MEMBERS_READ])
    client = Client(headers={"authorization": f"Api-Key {key_of(reader)}"})
    for method, path in [
        ("post", "/api/v1/activities/"),
        ("get", "/api/v1/activities/a-1/"),
        ("post", "/api/v1/activities/a-1/reversal/"),
    ]:
        assert getattr(client, method)(path).status_code == 403
        assert getattr(Client(), method)(path).status_code == 401


@pytest.mark.parametrize("id", ["absent", "a" * 129, "9" * 5000, "%00", "a%20b"])
def test_an_absent_activity_is_not_found(api: Client, id: str) -> None:  # noqa: A002
    response = api.get(f"/api/v1/activities/{id}/")
    assert response.status_code == 404
    assert response["content-type"] == "application/problem+json"


def test_a_problem_speaks_the_callers_language(api: Client, activity: Make, ada: Member) -> None:
    response = api.post(
        "/api/v1/activities/",
        {"activities": [activity(member="nobody")]},
        content_type="application/json",
        headers={"accept-language": "zh_CN"},
    )
    assert response.json()["results"][0]["problem"]["detail"] == "没有这个编号的成员。"
