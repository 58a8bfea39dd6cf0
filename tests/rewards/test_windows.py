"""A quarter's window from its plan to its settlement."""

import datetime as dt
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pydantic import ValidationError

from kit.transactions import durable
from members.models import Member
from points.models import Entry, Hold
from rewards import services
from rewards.errors import NotExtended, NothingToApprove
from rewards.models import (
    Redemption,
    RedemptionState,
    RequestState,
    Reward,
    Window,
    WindowRequest,
    WindowState,
)
from tests.flows.histories import manage
from tests.members.sessions import signed_in
from tests.points.support import act, earn
from tests.rewards.support import (
    ADDRESS,
    assert_sound,
    cancel,
    fill,
    left,
    post,
    redeem,
    reward,
    rich,
    show,
    sweep,
    verify,
)
from tests.rewards.windows import (
    WINDOWS,
    ask,
    asked,
    asleep_until,
    beat,
    lead,
    load,
    opened,
    planned,
    shown,
    step,
    withdraw,
)

pytestmark = pytest.mark.django_db


def available(who: Member) -> tuple[int, int]:
    """What the account has, and holds."""
    account = signed_in(who).get("/api/v1/me/account/").json()
    return account["available"], account["held"]


# --- Planning -------------------------------------------------------------------------------------


def test_the_windows_of_this_quarter_and_the_next_are_planned_once() -> None:
    mug = reward(stock=5)
    window = planned((mug, 2))
    assert Window.objects.count() == 2
    assert durable(services.plan_windows)(now=timezone.now()).made == 0
    later = Window.objects.get(starts_on__gt=window.starts_on)
    assert window.starts_on < later.starts_on
    assert window.seed_digest != later.seed_digest
    assert window.closes_at - window.opens_at == dt.timedelta(days=3)


def test_a_window_ahead_follows_the_program_until_somebody_asks() -> None:
    mug, pen = reward(stock=5), reward(stock=5)
    window = planned((mug, 2), opens_in=3)
    load((mug, 4), (pen, 1), opens_in=3)
    durable(services.plan_windows)(now=timezone.now())
    window = Window.objects.get(starts_on=window.starts_on)
    assert list(window.items.order_by("position").values_list("quota", flat=True)) == [4, 1]
    asked(rich(), window, pen)
    load(opens_in=3)
    durable(services.plan_windows)(now=timezone.now())
    assert list(Window.objects.all()) == [window]


def test_a_reward_that_is_not_there_is_told_and_comes_later() -> None:
    mug = reward(code="mug", stock=5)
    pen = reward(code="pen", stock=5)
    load((mug, 2), (pen, 1), opens_in=3)
    type(pen).objects.filter(id=pen.id).update(code="later")
    told = durable(services.plan_windows)(now=timezone.now())
    assert "pen" in told.alarm
    assert Window.objects.order_by("starts_on")[0].items.count() == 1
    type(pen).objects.filter(id=pen.id).update(code="pen")
    assert not durable(services.plan_windows)(now=timezone.now()).alarm
    assert Window.objects.order_by("starts_on")[0].items.count() == 2


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ({"calendar": {"opens": -3, "closes": -3}}, "not_in_order"),
        ({"calendar": {"opens": -3, "closes": -5}}, "not_in_order"),
        ({"calendar": {"settle": 30, "publish": -5}}, "not_in_order"),
        ({"catalogue": [{"reward": "a", "quota": 1}] * 2}, "repeated_code"),
        ({"catalogue": [{"reward": "a", "quota": 0}]}, "greater_than_equal"),
        ({"policy": "favour"}, "literal_error"),
        ({"requests": 0}, "greater_than_equal"),
    ],
)
def test_a_bad_template_is_refused(windows: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        load(**windows)
    assert [error["type"] for error in raised.value.errors()] == [said]


# --- Asking ---------------------------------------------------------------------------------------


def test_a_request_in_an_open_window_sets_its_points_aside() -> None:
    mug = reward(points=30, stock=5)
    window, ann = opened((mug, 2)), rich(100)
    answer = ask(ann, window, mug)
    assert answer.status_code == 201
    said = answer.json()
    assert (said["state"], said["points"], said["rank"]) == ("held", 30, None)
    assert (said["account"]["available"], said["account"]["held"]) == (70, 30)
    assert [one["id"] for one in shown(ann, window)["requests"]] == [said["id"]]
    listed = signed_in(ann).get(f"{WINDOWS}{window.pk}/requests/").json()["results"]
    assert [one["id"] for one in listed] == [said["id"]]
    assert left(mug) == 3  # two are set aside: the store does not sell them
    assert_sound()


def test_a_request_before_the_opening_is_an_intent_that_is_held_as_it_opens() -> None:
    mug = reward(points=30, stock=5)
    window = planned((mug, 2), opens_in=2)
    ann, ben = rich(100), rich(10)
    first, second = asked(ann, window, mug), asked(ben, window, mug)
    assert [first.state, second.state] == ["intent", "intent"]
    assert available(ann) == (100, 0)
    assert lead(window, WindowState.OPEN) == {"held": 1, "unfunded": 1}
    first.refresh_from_db()
    second.refresh_from_db()
    assert [first.state, second.state] == ["held", "unfunded"]
    earn(ben.id, 30)
    assert sweep("fund_requests") == {"held": 1}
    assert available(ben) == (10, 30)
    assert_sound()


def test_the_same_reward_once_and_no_more_requests_than_one_may() -> None:
    first, second, third = (reward(stock=5) for _ in range(3))
    window, ann = opened((first, 1), (second, 1), (third, 1), requests=2), rich()
    asked(ann, window, first)
    assert ask(ann, window, first).json()["code"] == "already_requested"
    asked(ann, window, second)
    refused = ask(ann, window, third).json()
    assert (refused["code"], refused["limit"]) == ("limit_reached", 2)
    assert WindowRequest.objects.count() == 2


def test_one_key_files_once() -> None:
    mug = reward(stock=5)
    window, ann = opened((mug, 2)), rich()
    answers = [ask(ann, window, mug, key="mine") for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    assert WindowRequest.objects.count() == Hold.objects.count() == 1


def test_a_reward_for_others_cannot_be_asked_for() -> None:
    mug = reward(stock=5)
    window = opened((mug, 1))
    Reward.objects.filter(id=mug.id).update(segment="founders")
    assert ask(rich(100), window, mug).json()["code"] == "not_in_segment"


def test_who_may_not_have_the_reward_may_not_ask_for_it() -> None:
    gold, mug = reward(level="gold", stock=5), reward(points=30, stock=5)
    window = opened((gold, 1), (mug, 1))
    assert ask(rich(100), window, gold).json()["code"] == "level_too_low"
    assert ask(rich(600), window, gold).status_code == 201
    assert ask(rich(10), window, mug).json()["code"] == "insufficient_points"
    pen = reward()
    answer = post_item(rich(), window, pen.pk + 10**6)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_in_window")


def post_item(who: Member, window: Window, item: int) -> Any:
    return post(signed_in(who), f"{WINDOWS}{window.pk}/requests/", {"item": item})


def test_the_price_is_that_of_the_day_of_the_request() -> None:
    mug = reward(points=30, stock=5)
    window, ann = opened((mug, 2)), rich()
    request = asked(ann, window, mug)
    type(mug).objects.filter(id=mug.id).update(points=300)
    lead(window, WindowState.SETTLED)
    assert Redemption.objects.get().points == request.points == 30


def test_a_request_can_be_withdrawn_until_the_close() -> None:
    mug = reward(points=30, stock=5)
    window, ann = opened((mug, 2)), rich(100)
    request = asked(ann, window, mug)
    answer = withdraw(ann, request)
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert answer.json()["account"]["available"] == 100
    assert withdraw(ann, request).json()["code"] == "request_decided"
    again = asked(ann, window, mug)
    lead(window, WindowState.CLOSED)
    assert withdraw(ann, again).json()["code"] == "window_closed"
    assert ask(rich(), window, mug).json()["code"] == "window_closed"
    assert_sound()


def test_after_its_instant_a_window_takes_nothing_though_nobody_has_closed_it() -> None:
    mug = reward(stock=5)
    window, ann = opened((mug, 2)), rich()
    request = asked(ann, window, mug)
    asleep_until(window, opened_ago=dt.timedelta(days=3, seconds=1))
    assert window.state == "open"
    assert ask(rich(), window, mug).json()["code"] == "window_closed"
    assert withdraw(ann, request).json()["code"] == "window_closed"


# --- Sharing out ----------------------------------------------------------------------------------


def test_who_asked_first_comes_first() -> None:
    mug = reward(points=30, stock=5)
    window, people = opened((mug, 2), policy="first_come"), [rich(100) for _ in range(4)]
    requests = [asked(who, window, mug) for who in people]
    lead(window, WindowState.REVIEW)
    assert {one["state"] for who in people for one in shown(who, window)["requests"]} == {"held"}
    assert shown(people[0], window)["items"][0]["won"] is None
    assert not results(people[0], window)
    lead(window, WindowState.PUBLISHED)
    assert [one["request"] for one in results(people[3], window)] == [one.id for one in requests]
    assert shown(people[3], window)["requests"][0]["state"] == "lost"
    assert shown(people[3], window)["items"][0]["won"] == 2
    lead(window, WindowState.SETTLED)
    assert [available(who) for who in people] == [(70, 0), (70, 0), (100, 0), (100, 0)]
    assert sweep()["fulfilled"] == 2
    assert (
        list(Redemption.objects.values_list("state", "is_prepaid", "points"))
        == [("fulfilled", True, 30)] * 2
    )
    assert left(mug) == 3
    assert_sound()


def results(who: Member, window: Window) -> Any:
    return signed_in(who).get(f"{WINDOWS}{window.pk}/results/?limit=100").json()["results"]


def test_the_level_comes_first_then_the_quarters_points_then_the_hour() -> None:
    mug = reward(points=10, stock=5)
    window = opened((mug, 2), policy="priority")
    late, some, more, gold = rich(400), rich(400), rich(200), rich(600)
    for who, amount in ((late, 5), (some, 5), (more, 9)):  # in this quarter
        act(who.id, at=timezone.now(), amount=amount)
    requests = {who: asked(who, window, mug) for who in (some, late, more, gold)}
    lead(window, WindowState.CLOSED)
    act(late.id, at=timezone.now(), amount=900)  # after the close
    lead(window, WindowState.PUBLISHED)
    order = [one["request"] for one in results(gold, window)]
    assert order == [requests[who].id for who in (gold, more, some, late)]


def test_a_draw_is_bound_before_anybody_asks_and_can_be_drawn_again() -> None:
    mug, pen = reward(points=10, stock=50), reward(points=10, stock=50)
    window = opened((mug, 3), (pen, 4), policy="draw")
    people = [rich(100) for _ in range(9)]
    for who in people:
        asked(who, window, mug)
        asked(who, window, pen)
    before = shown(people[0], window)
    assert before["seed"] is None
    with pytest.raises(CommandError, match="published"):
        call_command("replay_draw", window.name)
    lead(window, WindowState.SETTLED)
    after = shown(people[0], window)
    assert before["seed_digest"] == hashlib.sha256(after["seed"].encode()).hexdigest()
    drawn = results(people[0], window)
    assert len(drawn) == 18
    for item in after["items"]:
        places = [one for one in drawn if one["item"] == item["id"]]
        ids = sorted(one["request"] for one in places)
        by_hand = sorted(
            ids, key=lambda id_: hashlib.sha256(f"{after['seed']}:{id_}".encode()).hexdigest()
        )
        assert [one["request"] for one in places] == by_hand
        assert [one["won"] for one in places] == [rank < item["quota"] for rank in range(9)]
    assert "The draw gives the same list." in manage("replay_draw", window.name)
    one, other = WindowRequest.objects.filter(item__reward=mug, rank__lte=2).order_by("rank")
    WindowRequest.objects.filter(id=one.id).update(rank=100)
    WindowRequest.objects.filter(id=other.id).update(rank=1)
    with pytest.raises(CommandError, match="2 of 18 differ"):
        call_command("replay_draw", window.name)


def test_the_lines_in_the_docs_check_a_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug, pen = reward(points=10, stock=50), reward(points=10, stock=50)
    window = opened((mug, 3), (pen, 4), policy="draw")
    people = [rich(100) for _ in range(9)]
    for who in people:
        asked(who, window, mug)
        asked(who, window, pen)
    lead(window, WindowState.PUBLISHED)
    told = (settings.BASE_DIR / "docs" / "windows.md").read_text(encoding="utf-8")
    [lines] = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("window.json").write_text(json.dumps(shown(people[0], window)), encoding="utf-8")
    drawn = results(people[0], window)
    Path("results.json").write_text(json.dumps({"results": drawn}), encoding="utf-8")
    exec(lines, {})  # noqa: S102 - what the docs tell members to run
    drawn[0]["rank"], drawn[1]["rank"] = drawn[1]["rank"], drawn[0]["rank"]
    Path("results.json").write_text(json.dumps({"results": drawn}), encoding="utf-8")
    with pytest.raises(AssertionError):
        exec(lines, {})  # noqa: S102 - the same


def test_less_than_the_quota_is_told_and_shared_out() -> None:
    mug = reward(stock=1)
    window = planned((mug, 3), policy="first_come")
    told = step(window, WindowState.OPEN)
    assert mug.code in told.alarm
    assert left(mug) == 0
    people = [rich() for _ in range(2)]
    assert redeem(people[0], mug).json()["code"] == "out_of_stock"
    for who in people:
        asked(who, window, mug)
    assert lead(window, WindowState.SETTLED)["won"] == 1
    assert_sound()


def test_what_nobody_asked_for_goes_back_into_the_store() -> None:
    mug = reward(stock=5)
    window = opened((mug, 4))
    asked(rich(), window, mug)
    lead(window, WindowState.SETTLED)
    assert left(mug) == 4
    assert_sound()


def test_codes_of_a_pool_are_set_aside_and_handed_out() -> None:
    pool = reward(kind="voucher", codes=3)
    window, ann = opened((pool, 2), policy="first_come"), rich()
    assert left(pool) == 1
    assert_sound()
    request = asked(ann, window, pool)
    lead(window, WindowState.SETTLED)
    assert_sound()
    assert sweep()["fulfilled"] == 1
    request.refresh_from_db()
    assert request.redemption is not None
    assert request.redemption.state == RedemptionState.FULFILLED
    assert request.redemption.window_request == request
    assert left(pool) == 2
    fill(pool, 1)
    assert_sound()


def test_a_reward_without_an_end_gives_the_quota() -> None:
    badge = reward()
    window = opened((badge, 2), policy="first_come")
    for _ in range(3):
        asked(rich(), window, badge)
    counts = lead(window, WindowState.SETTLED)
    assert (counts["won"], counts["released"]) == (2, 1)
    assert left(badge) is None
    assert_sound()


# --- After it -------------------------------------------------------------------------------------


def test_what_is_not_fulfilled_in_time_goes_back() -> None:
    mug = reward(kind="physical", points=30, stock=5)
    window, ann = opened((mug, 1)), rich(100)
    asked(ann, window, mug)
    lead(window, WindowState.SETTLED)
    won = Redemption.objects.get()
    path = f"/api/v1/redemptions/{won.id}/address/"
    assert signed_in(ann).put(path, ADDRESS, content_type="application/json").status_code == 200
    won.refresh_from_db()
    assert won.waits_until_at == window.fulfil_by_at
    assert sweep("lapse_redemptions") == {}
    now = timezone.now()
    Redemption.objects.update(waits_until_at=now)
    assert sweep("lapse_redemptions", now=now) == {"lapsed": 1}
    assert available(ann) == (100, 0)
    assert left(mug) == 5
    assert_sound()


def test_a_pass_that_was_won_can_be_claimed_until_it_is_to_be_fulfilled() -> None:
    pool = reward(kind="event_pass", must_be_claimed=True, stock=5)
    window, ann = opened((pool, 1)), rich()
    asked(ann, window, pool)
    lead(window, WindowState.SETTLED)
    sweep()
    won = Redemption.objects.get()
    assert (won.state, won.waits_until_at) == ("fulfilling", window.fulfil_by_at)
    [code] = [one["code"] for one in show(ann, won)["vouchers"]]
    assert verify(code).status_code == 200
    assert Redemption.objects.get().state == "fulfilled"
    assert Entry.objects.filter(kind="spent").count() == 1
    assert_sound()


def test_what_was_won_can_be_cancelled_once() -> None:
    mug = reward(points=30, stock=5)
    window, ann = opened((mug, 1)), rich(100)
    asked(ann, window, mug)
    lead(window, WindowState.SETTLED)
    won = Redemption.objects.get()
    assert cancel(ann, won).status_code == 200
    assert cancel(ann, won).json()["code"] == "redemption_decided"
    assert available(ann) == (100, 0)
    assert sweep() == {"claimed": 0}
    assert left(mug) == 5
    assert_sound()


def test_who_leaves_takes_their_requests_along_and_their_piece_goes_back() -> None:
    mug = reward(points=30, stock=5)
    window, ann, ben = opened((mug, 1), policy="first_come"), rich(100), rich(100)
    asked(ann, window, mug)
    asked(ben, window, mug)
    lead(window, WindowState.PUBLISHED)
    durable(services.forget_member)(member=ann.id, now=timezone.now())
    counts = lead(window, WindowState.SETTLED)
    assert (counts["won"], counts["released"]) == (0, 1)
    assert left(mug) == 5
    assert_sound()


# --- Operators ------------------------------------------------------------------------------------


def test_a_window_is_extended_before_its_close_only(operator: int) -> None:
    mug = reward(stock=5)
    window = opened((mug, 2))
    was, later = window.closes_at, window.closes_at + dt.timedelta(hours=5)
    with pytest.raises(NotExtended):
        extend(window, was, operator)
    extend(window, later, operator)
    window.refresh_from_db()
    assert (window.closes_at, window.allocate_at) == (later, was + dt.timedelta(hours=5))
    note = window.delays.get()
    assert (note.before_at, note.after_at, note.reason, note.by_id) == (
        was,
        later,
        "storm",
        operator,
    )
    lead(window, WindowState.CLOSED)
    with pytest.raises(NotExtended):
        extend(window, later + dt.timedelta(days=1), operator)


def extend(window: Window, closes_at: dt.datetime, by: int) -> Window:
    return services.extend_window(id=window.pk, closes_at=closes_at, reason="storm", by=by)


def test_a_window_ahead_that_was_extended_stays_so_when_windows_are_planned(operator: int) -> None:
    window = planned((reward(stock=5), 2), opens_in=2)
    later = window.closes_at + dt.timedelta(hours=5)
    extend(window, later, operator)
    assert durable(services.plan_windows)(now=timezone.now()).made == 0
    assert Window.objects.get(pk=window.pk).closes_at == later


def test_an_export_tells_no_more_than_the_window_does(operator: int) -> None:
    mug, ada = reward(stock=5), rich()
    window = opened((mug, 2), needs_approval=True)
    asked(ada, window, mug)

    def exported() -> tuple[str, int | None]:
        answer: Any = signed_in(ada).get("/api/v1/me/export/")
        [one] = json.loads(b"".join(answer.streaming_content))["window_requests"]
        return one["state"], one["rank"]

    asleep_until(window, opened_ago=dt.timedelta(days=10))
    beat(5)
    assert WindowRequest.objects.values_list("state", "rank").get() == ("won", 1)
    assert exported() == ("held", None)
    services.approve_window(id=window.pk, by=operator)
    beat(2)
    assert exported() == ("won", 1)


def test_what_needs_approval_is_not_published_without_it(operator: int) -> None:
    mug = reward(stock=5)
    window = opened((mug, 2), needs_approval=True)
    asked(rich(), window, mug)
    with pytest.raises(NothingToApprove):
        services.approve_window(id=window.pk, by=operator)
    asleep_until(window, opened_ago=dt.timedelta(days=10))
    beat(5)
    window.refresh_from_db()
    assert window.state == "review"
    services.approve_window(id=window.pk, by=operator)
    services.approve_window(id=window.pk, by=operator)
    beat(2)
    window.refresh_from_db()
    assert (window.state, window.approved_by_id) == ("settled", operator)


def test_the_calendar_leads_a_window_by_itself_and_late_steps_follow_in_order() -> None:
    mug = reward(points=30, stock=5)
    window = planned((mug, 2), opens_in=2, policy="first_come")
    people = [rich(100) for _ in range(3)]
    for who in people:
        asked(who, window, mug)
    asleep_until(window, opened_ago=dt.timedelta(days=9))  # nobody was there for the whole of it
    beat(6)
    window.refresh_from_db()
    assert window.state == "settled"
    assert [available(who) for who in people] == [(70, 0), (70, 0), (100, 0)]
    assert Entry.objects.filter(kind="spent").count() == 2
    beat(2)
    assert Entry.objects.filter(kind="spent").count() == 2
    assert set(WindowRequest.objects.values_list("state", flat=True)) == {
        RequestState.WON,
        RequestState.LOST,
    }
    assert_sound()


def test_no_state_of_a_window_comes_twice() -> None:
    window = opened((reward(stock=5), 2))
    lead(window, WindowState.SETTLED)
    for state in ("scheduled", "open", "closed", "review", "published"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Window.objects.filter(pk=window.pk).update(state=state)
    assert step(window, WindowState.SETTLED).counts == {}


def test_settling_takes_as_many_statements_for_many_as_for_few() -> None:
    counted = []
    for size in (2, 9):
        mug = reward(stock=20)
        Window.objects.all().delete()
        window = opened((mug, size - 1), policy="first_come")
        for _ in range(size):
            asked(rich(), window, mug)
        lead(window, WindowState.PUBLISHED)
        with CaptureQueriesContext(connection) as queries:
            assert step(window, WindowState.SETTLED).counts == {"won": size - 1, "released": 1}
        counted.append(len(queries))
        lead(window, WindowState.SETTLED)
        WindowRequest.objects.all().delete()
    assert counted[0] == counted[1]


def test_a_window_that_is_not_there_is_not_found() -> None:
    ann = signed_in(rich())
    for path in ("", "results/", "requests/"):
        assert ann.get(f"{WINDOWS}{2**40}/{path}").status_code == 404
    assert ann.get(WINDOWS).json()["results"] == []
