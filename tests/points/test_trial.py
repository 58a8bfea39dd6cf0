import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kit.errors import NotFound
from members.models import Member
from points import selectors
from points.models import Account, CapUsage, Entry, Level, Lot, Standing
from tests.points.support import NOON, act, dice, load, member, pass_days, shown

pytestmark = pytest.mark.django_db

CAPS = [
    {"code": "daily", "limit": 30, "period": "day", "over": "partial"},
    {"code": "weekly", "limit": 70, "period": "week", "over": "none"},
]
LEVELS = [
    {"code": "base", "threshold": 0, "multiplier": "0.5"},
    {"code": "mid", "threshold": 15, "multiplier": "1.5"},
    {"code": "top", "threshold": 60, "multiplier": "1.333"},
]
RULES: list[dict[str, Any]] = [
    {"code": "talk", "action": "talk", "points": {"field": "words"}, "caps": ["daily", "weekly"]},
    {"code": "long", "action": "talk", "points": 7, "when": {"field": "words", "gte": 12}},
    {"code": "late", "action": "talk", "points": 3, "starts_at": "2026-03-11T00:00:00Z"},
    {"code": "short", "action": "talk", "points": -4, "when": {"field": "words", "lt": 6}},
    {"code": "gift", "action": "gift", "points": {"field": "amount"}, "caps": ["weekly"]},
    {"code": "fine", "action": "fine", "points": {"field": "amount", "times": -2}},
    {"code": "thanks", "action": "fine", "points": 1, "caps": ["daily"]},
]
TABLES = (Account, CapUsage, Entry, Lot, Standing)


def try_it(action: str, *, of: int | None = None, at: dt.datetime = NOON, **data: Any) -> Any:
    external_id = Member.objects.get(id=of).external_id if of else ""
    return selectors.trial(
        action=action, member=external_id, occurred_at=at, data=data, now=timezone.now()
    )


def told(action: str, **data: Any) -> str:
    (one,) = try_it(action, **data).rules
    assert one.points == 0
    return str(one.reason)


@pytest.mark.parametrize("overdraft", ["debt", "floor"])
def test_an_activity_grants_what_its_trial_said(overdraft: str) -> None:
    load(rules=RULES, caps=CAPS, levels=LEVELS, overdraft=overdraft, expiry={"days": 5})
    people = [member() for _ in range(4)]
    chance = dice(7)
    granted = 0
    for _ in range(250):
        who = chance.choice(people)
        said: dict[str, Any] = {
            "words": chance.choice([*range(-3, 20), None, "many", 1.5, 10**13]),
            "amount": chance.choice([*range(40), True]),
        }
        action = chance.choice(["talk", "gift", "fine", "unheard of"])
        at = NOON + dt.timedelta(hours=chance.randrange(0, 72))
        tried = try_it(action, of=who, at=at, **said)
        decisions = act(who, action, at=at, **said)
        assert list(tried.stories) == [one.story for one in decisions]
        assert [rule.points for rule in tried.rules] == [one.points for one in decisions]
        assert tried.points == sum(one.points for one in decisions)
        account = shown(who)
        after = (tried.after.available, tried.after.debt, tried.after.lifetime)
        assert after == (account.available, account.debt, account.lifetime)
        level = Level.objects.get(code=account.level)
        assert tried.after.level == level.name
        granted += bool(tried.points)
        if chance.random() < 0.05:
            pass_days(chance.randrange(1, 4), of=who)
    assert granted > 100


def test_each_step_of_a_grant_is_told() -> None:
    load(rules=RULES, caps=CAPS, levels=LEVELS)
    who = member()
    act(who, "gift", amount=50)  # on the first level: 25 of the weekly cap
    act(who, "talk", words=10)  # on the second: 15 of both, then 3 are taken
    tried = try_it("talk", of=who, words=14)
    talk, long, late, short = tried.rules
    assert (talk.base, str(talk.multiplier), talk.lifted, talk.points) == (14, "1.5", 21, 15)
    daily, weekly = talk.caps
    assert (daily.code, daily.used, daily.limit, daily.asked, daily.let_through) == (
        "daily",
        15,
        30,
        21,
        15,
    )
    assert (weekly.code, weekly.used, weekly.asked, weekly.let_through) == ("weekly", 40, 15, 15)
    assert long.points == 10
    assert (late.points, short.points) == (0, 0)
    assert late.reason == "The rule counts only what happens from 2026-03-11 00:00 on."
    assert short.reason == "Asked for: words is less than 6. Found: words = 14."
    assert tried.points == 25
    assert (tried.before.available, tried.after.available) == (40, 65)
    assert (tried.before.level, tried.after.level) == ("Mid", "Top")


def test_a_cap_that_pays_nothing_lets_nothing_through_though_there_is_room() -> None:
    load(rules=RULES, caps=CAPS)
    who = member()
    act(who, "gift", amount=60)
    (gift,) = try_it("gift", of=who, amount=11).rules
    assert (gift.points, gift.lifted) == (0, 11)
    (weekly,) = gift.caps
    assert (weekly.used, weekly.limit, weekly.asked, weekly.let_through) == (60, 70, 11, 0)
    assert gift.reason == "The cap weekly is used up until 2026-03-16 00:00."


def test_a_trial_writes_nothing() -> None:
    load(rules=RULES, caps=CAPS, levels=LEVELS)
    who = member()
    act(who, "gift", amount=50)
    before = [list(table.objects.order_by("pk").values()) for table in TABLES]
    with CaptureQueriesContext(
        connection,
    ) as statements:
        try_it("talk", of=who, words=14)
        try_it("fine", of=who, amount=3)
        try_it("gift", amount=3)
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == before
    assert all(one["sql"].lstrip().startswith("SELECT") for one in statements.captured_queries)
    assert not any(" FOR " in one["sql"] for one in statements.captured_queries)


def test_without_a_member_a_newcomer_is_tried() -> None:
    load(rules=RULES, caps=CAPS, levels=LEVELS)
    tried = try_it("gift", amount=40)
    assert (tried.points, tried.before.level, tried.after.level) == (20, "Base", "Mid")
    assert not Account.objects.exists()


def test_a_member_who_is_not_there_is_refused() -> None:
    load()
    with pytest.raises(NotFound):
        selectors.trial(action="gift", member="nobody", occurred_at=NOON, data={}, now=NOON)


def test_a_retired_rule_is_named() -> None:
    load(rules=RULES, caps=CAPS)
    load(rules=[])
    tried = try_it("fine", amount=1)
    assert (tried.rules, tried.retired) == ((), ("fine", "thanks"))
    assert try_it("unheard of").retired == ()


def test_lapsed_points_are_not_there_before_or_after() -> None:
    load(rules=RULES, expiry={"days": 5}, overdraft="floor", caps=CAPS)
    who = member()
    act(who, "gift", amount=9)
    pass_days(9, of=who)
    tried = try_it("fine", of=who, amount=3)
    assert (tried.before.available, tried.after.available) == (0, 1)
    assert tried.rules[0].reason == "There is nothing to take: the balance is zero."


@pytest.mark.parametrize(
    ("when", "data", "sentence"),
    [
        ({"field": "n", "gte": 3}, {"n": 2}, "Asked for: n is at least 3. Found: n = 2."),
        ({"field": "n", "gt": 3}, {}, "Asked for: n is more than 3. Found: n is missing."),
        ({"field": "n", "eq": "a"}, {"n": "b"}, 'Asked for: n is "a". Found: n = "b".'),
        (
            {"any": [{"field": "n", "eq": 1}, {"field": "m", "eq": 2}]},
            {"n": 5},
            "Asked for: n is 1 or m is 2. Found: n = 5, m is missing.",
        ),
        (
            {"not": {"all": [{"field": "n", "lt": 3}, {"any": [{"field": "m", "eq": "100%"}]}]}},
            {"n": 1, "m": "100%"},
            'Asked for: not (n is less than 3 and m is "100%").',
        ),
    ],
)
def test_a_failed_condition_is_told_in_words(
    when: dict[str, Any], data: dict[str, Any], sentence: str
) -> None:
    load(rules=[{"code": "do", "action": "do", "points": 1, "when": when}])
    assert told("do", **data) == sentence


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ({"points": {"field": "n"}}, {}),
        ({"points": {"field": "n"}}, {"n": "1"}),
        ({"points": {"field": "n"}}, {"n": 10**12 + 1}),
        ({"points": {"field": "n"}}, {"n": 0}),
        ({"points": 10**12, "caps": []}, {}),
        ({"points": 5, "ends_at": "2026-03-01T00:00:00Z"}, {}),
        (
            {"points": 5, "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"},
            {},
        ),
        ({"points": 5, "caps": ["tight"]}, {}),
    ],
)
def test_every_refusal_is_a_sentence(rule: dict[str, Any], data: dict[str, Any]) -> None:
    load(
        rules=[{"code": "do", "action": "do", **rule}],
        caps=[{"code": "tight", "limit": 1, "period": "day", "over": "none"}],
        levels=[{"code": "base", "threshold": 0, "multiplier": "1.5"}],
    )
    sentence = told("do", **data)
    assert " " in sentence
    assert sentence.endswith(".")


def test_an_instant_in_a_reason_is_the_communitys() -> None:
    load(
        rules=[{"code": "do", "action": "do", "points": 5, "starts_at": "2026-04-01T00:00:00Z"}],
        time_zone="Asia/Shanghai",
    )
    assert "2026-04-01 08:00" in told("do")
