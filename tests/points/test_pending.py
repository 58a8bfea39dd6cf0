"""Points that are granted and not there yet: shown, not spendable, released or dropped once."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from activities.models import Activity
from activities.services import ActivityIn, intake, reverse_activity
from members.models import Member
from points import selectors, services
from points.errors import AwardDecided, InsufficientPoints, NoSuchAward
from points.models import Account, CapUsage, Entry, Lot, PendingAward, Standing
from points.selectors.kept import kept_of
from points.services import award_reference, drop_awards, release_awards, release_due
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import (
    FINE,
    GIFT,
    act,
    assert_reconciled,
    do,
    earn,
    fact,
    load,
    member,
    shown,
)
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

SLOW: dict[str, Any] = {
    "code": "slow",
    "action": "slow",
    "points": {"field": "amount"},
    "release": {"days": 3},
}
JURY: dict[str, Any] = SLOW | {"code": "jury", "action": "jury", "release": "decision"}
CAP = {"code": "weekly", "limit": 50, "period": "week", "over": "partial"}
LEVELS = [
    {"code": "base", "threshold": 0},
    {"code": "silver", "threshold": 30, "multiplier": "2"},
]


@once_a_module
def _program() -> None:
    load(rules=[GIFT, FINE, SLOW, JURY], levels=LEVELS)


@pytest.fixture
def operator() -> int:
    return User.objects.create_superuser("operator").pk


def the_award() -> PendingAward:
    return PendingAward.objects.get()


def after(days: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def test_pending_points_show_with_their_date_and_cannot_be_spent() -> None:
    who = member()
    (decision,) = act(who, "slow", amount=20)
    assert decision.points == 20
    account = selectors.account_view(member=who, now=timezone.now())
    assert (account.available, account.pending, account.lifetime) == (0, 20, 0)
    [coming] = account.releasing
    today = timezone.now().date()
    midnight = dt.datetime.combine(today + dt.timedelta(days=3), dt.time(), dt.UTC)
    assert (coming.points, coming.releases_at) == (20, midnight)
    assert decision.story["pending"] == {"release_at": midnight.isoformat()}
    assert not Entry.objects.exists()
    assert not Lot.objects.exists()
    assert not Standing.objects.exists()
    with pytest.raises(InsufficientPoints):
        do(services.spend, member=who, points=1, reference="s")
    with pytest.raises(InsufficientPoints):
        do(services.hold, member=who, points=1, reference="h")
    assert_reconciled()


def test_pending_points_do_not_lapse_and_have_a_whole_life_when_they_come() -> None:
    load(rules=[SLOW], expiry={"days": 1})
    who = member()
    act(who, "slow", amount=20)
    then = after(30)
    assert selectors.account_view(member=who, now=then).pending == 20
    assert do(release_due, now=then).released == 1
    entry = Entry.objects.get()
    assert entry.expires_at is not None
    assert dt.timedelta(days=1) < entry.expires_at - then <= dt.timedelta(days=2)


def test_the_sweep_releases_what_is_due_each_once() -> None:
    who = member()
    act(who, "slow", id="a", amount=20)
    assert do(release_due, now=after(1)).released == 0
    assert do(release_due, now=after(3)).released == 1
    assert do(release_due, now=after(3)).released == 0
    entry, award = Entry.objects.get(), the_award()
    assert (entry.reference, entry.points, entry.kind) == ("award:slow:a", 20, "earned")
    assert (award.state, award.entry, award.decided_by) == ("released", entry, None)
    account = shown(who)
    assert (account.available, account.pending, account.lifetime) == (20, 0, 20)
    assert_reconciled()


def test_released_points_count_for_the_period_in_which_they_were_earned() -> None:
    who = member()
    at = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
    act(who, "slow", at=at, amount=20)
    do(release_due, now=after(3))
    standings = dict(Standing.objects.values_list("period", "starts_on"))
    assert standings["month"] == dt.date(2026, 3, 1)
    assert Account.objects.get(member=who).lifetime_reached_at == at
    assert Entry.objects.get().occurred_on == at.date()


def test_released_points_raise_the_level_and_repay_debt() -> None:
    who = member()
    act(who, "slow", amount=40)
    act(who, "fine", amount=15)
    assert shown(who).level == "base"
    do(release_due, now=after(3))
    account = shown(who)
    assert (account.available, account.debt, account.level) == (25, 0, "silver")
    assert Entry.objects.latest("id").debt_moved == -15
    assert_reconciled()


def test_the_multiplier_is_that_of_the_day_on_which_it_was_counted() -> None:
    who = member()
    act(who, "slow", amount=20)
    earn(who, 40)
    do(release_due, now=after(3))
    assert Entry.objects.latest("id").points == 20
    act(who, "slow", amount=20)
    assert PendingAward.objects.latest("id").points == 40


def test_a_long_sweep_goes_on_where_it_stopped() -> None:
    people = [member() for _ in range(3)]
    for number in range(7):
        act(people[number % 3], "slow", amount=number + 1)
    now, place, released = after(3), None, []
    while True:
        swept = do(release_due, now=now, after=place, limit=3)
        released.append(swept.released)
        place = swept.after
        if place is None:
            break
    assert released == [3, 3, 1]
    assert sum(shown(who).available for who in people) == 28
    assert_reconciled()


def test_a_part_of_the_sweep_is_as_many_statements_for_one_as_for_hundreds() -> None:
    counts = []
    for size in (1, 120):
        facts = [fact(member(), "slow", amount=1) for _ in range(size)]
        do(services.award, facts=facts)
        with CaptureQueriesContext(connection) as queries:
            assert do(release_due, now=after(3)).released == size
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_the_same_activity_again_grants_nothing_more_wherever_its_award_stands(
    operator: int,
) -> None:
    who = member()
    for settle in (None, release_awards, drop_awards):
        name = f"a-{settle and settle.__name__}"
        act(who, "jury", id=name, amount=20)
        award = PendingAward.objects.get(reference=award_reference(rule="jury", activity=name))
        if settle is release_awards:
            release_awards(awards=[award.id], by=operator, now=timezone.now())
        elif settle is drop_awards:
            drop_awards(awards=[award.id], by=operator, reason="no", now=timezone.now())
        (again,) = act(who, "jury", id=name, amount=20)
        assert again.story["repeated"] is True
    assert PendingAward.objects.count() == 3
    assert (shown(who).available, shown(who).pending) == (20, 20)
    assert_reconciled()


def test_twice_in_one_batch_waits_once() -> None:
    who = member()
    same = fact(who, "slow", amount=5)
    do(services.award, facts=[same, same])
    assert shown(who).pending == 5


# --- By decision ----------------------------------------------------------------------------------


def test_what_waits_for_a_decision_is_not_swept(operator: int) -> None:
    who = member()
    act(who, "jury", amount=20)
    assert do(release_due, now=after(4_000)).released == 0
    [coming] = selectors.account_view(member=who, now=timezone.now()).releasing
    assert (coming.points, coming.releases_at) == (20, None)
    assert release_awards(awards=[the_award().id], by=operator, now=timezone.now()) == 1
    assert shown(who).available == 20
    assert the_award().decided_by_id == operator
    assert_reconciled()


def test_what_is_dropped_gives_nothing_and_frees_its_cap(operator: int) -> None:
    load(rules=[JURY | {"caps": ["weekly"]}], caps=[CAP])
    who = member()
    act(who, "jury", amount=40)
    (second,) = act(who, "jury", amount=40)
    assert second.points == 10
    assert CapUsage.objects.get().used == 50
    assert_reconciled()
    first = PendingAward.objects.earliest("id")
    drop_awards(awards=[first.id], by=operator, reason="copied", now=timezone.now())
    assert CapUsage.objects.get().used == 10
    assert (shown(who).pending, shown(who).net) == (10, 0)
    first.refresh_from_db()
    assert (first.state, first.reason, first.entry) == ("dropped", "copied", None)
    assert_reconciled()
    (third,) = act(who, "jury", amount=40)
    assert third.points == 40


def test_a_settled_award_stays_settled(operator: int) -> None:
    who = member()
    for _two in range(2):
        act(who, "jury", amount=20)
    first, second = PendingAward.objects.order_by("id").values_list("id", flat=True)
    now = timezone.now()
    release_awards(awards=[first], by=operator, now=now)
    with pytest.raises(AwardDecided):
        drop_awards(awards=[first], by=operator, reason="late", now=now)
    with pytest.raises(AwardDecided):
        release_awards(awards=[first], by=operator, now=now)
    with pytest.raises(NoSuchAward):
        release_awards(awards=[0], by=operator, now=now)
    # Of several, those that wait are settled.
    assert drop_awards(awards=[first, second], by=operator, reason="late", now=now) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        PendingAward.objects.filter(id=first).update(state="waiting", decided_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        PendingAward.objects.filter(id=first).delete()
    assert_reconciled()


# --- Reversals ------------------------------------------------------------------------------------


@pytest.fixture
def ada() -> Member:
    load(rules=[GIFT, SLOW | {"caps": ["weekly"]}, JURY], caps=[CAP])
    made: Member = MemberFactory.create(external_id="ada")
    return made


@pytest.fixture
def server() -> Client:
    return Client(headers={"authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})


def send(server: Client, id: str, action: str, amount: int = 20) -> dict[str, Any]:  # noqa: A002 - its name
    told = {
        "id": id,
        "action": action,
        "member": "ada",
        "occurred_at": timezone.now().isoformat(),
        "data": {"amount": amount},
    }
    answer = server.post("/api/v1/activities/", {"activities": [told]}, "application/json")
    [result] = answer.json()["results"]
    return dict(result)


def read(server: Client, id: str) -> dict[str, Any]:  # noqa: A002 - its name
    return dict(server.get(f"/api/v1/activities/{id}/").json())


def test_a_reversal_drops_what_waits_yet(ada: Member, server: Client) -> None:
    send(server, "a", "slow")
    for _twice in range(2):
        assert server.post("/api/v1/activities/a/reversal/", {}, "application/json").json() == {
            "id": "a",
            "state": "reversed",
            "awards": [{"rule": "slow", "points": 20}],
        }
    award = the_award()
    assert (award.state, award.decided_by) == ("dropped", None)
    assert (shown(ada.id).pending, shown(ada.id).net) == (0, 0)
    assert CapUsage.objects.get().used == 0
    assert do(release_due, now=after(9)).released == 0
    assert not Entry.objects.exists()
    assert_reconciled()


def test_a_reversal_takes_back_what_has_been_released(ada: Member, server: Client) -> None:
    send(server, "a", "slow")
    do(release_due, now=after(3))
    reverse_activity(id="a", reason="", now=timezone.now())
    assert [entry.points for entry in Entry.objects.order_by("id")] == [20, -20]
    assert (shown(ada.id).net, shown(ada.id).lifetime) == (0, 0)
    assert CapUsage.objects.get().used == 0
    assert the_award().state == "released"
    assert_reconciled()


# --- Told -----------------------------------------------------------------------------------------


def test_an_answer_tells_which_points_wait_and_until_when(ada: Member, server: Client) -> None:
    award = send(server, "a", "slow")["awards"][0]
    released = the_award().release_at
    assert released is not None
    assert award == {
        "rule": "slow",
        "points": 20,
        "is_pending": True,
        "releases_at": released.isoformat(),
    }
    [reviewed] = send(server, "b", "jury")["awards"]
    assert reviewed == {"rule": "jury", "points": 20, "is_pending": True, "releases_at": None}
    assert send(server, "c", "gift")["awards"] == [{"rule": "gift", "points": 20}]
    assert read(server, "a")["awards"] == [award]


def test_an_activity_tells_what_became_of_its_points(
    ada: Member, server: Client, operator: int
) -> None:
    for name, action in [("a", "slow"), ("b", "jury"), ("c", "gift")]:
        send(server, name, action)
    assert read(server, "a")["outcome"][0]["pending"]["state"] == "waiting"
    do(release_due, now=after(3))
    drop = PendingAward.objects.get(activity="b").id
    drop_awards(awards=[drop], by=operator, reason="copied", now=timezone.now())
    a, b, c = (read(server, name) for name in "abc")
    assert a["awards"] == [{"rule": "slow", "points": 20}]
    assert a["outcome"][0]["pending"]["state"] == "released"
    assert b["awards"] == []
    assert b["outcome"][0]["pending"]["state"] == "dropped"
    assert "pending" not in c["outcome"][0]


def test_an_account_tells_what_comes_and_when(ada: Member, server: Client) -> None:
    for name, action in [("a", "slow"), ("b", "jury"), ("c", "slow")]:
        send(server, name, action, amount=10)
    at = PendingAward.objects.earliest("id").release_at
    assert at is not None
    own = signed_in(ada).get("/api/v1/me/account/").json()
    theirs = server.get("/api/v1/members/ada/account/").json()
    assert own == theirs
    assert (own["available"], own["pending"]) == (0, 30)
    assert own["releasing"] == [
        {"points": 20, "releases_at": at.isoformat().replace("+00:00", "Z")},
        {"points": 10, "releases_at": None},
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "pending since "), ("zh-hans", "自 ")],
)
def test_an_entry_says_since_when_it_was_pending(ada: Member, language: str, words: str) -> None:
    act(ada.id, "slow", amount=20)
    do(release_due, now=after(3))
    entry = Entry.objects.get()
    client = signed_in(ada)
    answer = client.get(f"/api/v1/me/entries/{entry.id}/", headers={"accept-language": language})
    why = answer.json()["explanation"]
    since = the_award().created_at
    assert why["pending_since"] == since.isoformat().replace("+00:00", "Z")
    assert f"{words}{since:%Y-%m-%d %H:%M}" in why["sentence"]


def test_rules_tell_when_their_points_come(ada: Member) -> None:
    rules = signed_in(ada).get("/api/v1/rules/").json()["rules"]
    assert {rule["code"]: (rule["release"], rule["release_days"]) for rule in rules} == {
        "gift": ("at_once", None),
        "slow": ("days", 3),
        "jury": ("decision", None),
    }


def test_a_trial_tells_what_would_wait_in_both_languages() -> None:
    who = member()
    name = Member.objects.get(id=who).external_id
    said: dict[str, Any] = {"member": name, "occurred_at": timezone.now(), "now": timezone.now()}
    tried = selectors.trial(action="slow", data={"amount": 20}, **said)
    assert (tried.points, tried.after.available, tried.after.pending) == (20, 0, 20)
    assert tried.rules[0].pending.startswith("Pending until ")
    with translation.override("zh-hans"):
        tried = selectors.trial(action="jury", data={"amount": 20}, **said)
        assert tried.rules[0].pending == "待生效：审核中。"
    assert not PendingAward.objects.exists()


def test_an_export_tells_what_waits(ada: Member) -> None:
    act(ada.id, "slow", id="a", amount=20)
    [kept] = kept_of(member=ada.id)["pending_awards"]
    assert (kept["points"], kept["state"], kept["rule"]) == (20, "waiting", "slow")
    assert {"signals", "case", "case_id"}.isdisjoint(kept)


# --- Clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day_starts_at", "counted", "released"),
    [
        ("Asia/Shanghai", "00:00", "2026-11-22T15:59:59Z", "2026-11-22T16:00:00Z"),
        ("Asia/Shanghai", "00:00", "2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z"),
        ("Asia/Shanghai", "04:00", "2026-11-22T19:59:59Z", "2026-11-22T20:00:00Z"),
        # 23 hours, and 25: the day's own.
        ("America/New_York", "00:00", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        ("America/New_York", "00:00", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        # 02:30 does not exist on that day: it begins right after the gap.
        ("America/New_York", "02:30", "2026-03-07T20:00:00Z", "2026-03-08T07:00:00Z"),
    ],
)
def test_points_are_released_as_a_local_day_begins(
    zone: str, day_starts_at: str, counted: str, released: str
) -> None:
    load(rules=[SLOW | {"release": {"days": 1}}], time_zone=zone, day_starts_at=day_starts_at)
    now = dt.datetime.fromisoformat(counted)
    do(services.award, facts=[fact(member(), "slow", amount=5, at=now)], now=now)
    at = dt.datetime.fromisoformat(released)
    assert the_award().release_at == at
    assert do(release_due, now=at - dt.timedelta(microseconds=1)).released == 0
    assert do(release_due, now=at).released == 1


def test_a_rule_that_changes_leaves_what_waits_as_it_is() -> None:
    who = member()
    act(who, "slow", amount=20)
    load(rules=[SLOW | {"release": "at_once"}])
    act(who, "slow", amount=5)
    assert (shown(who).available, shown(who).pending) == (5, 20)
    load(rules=[GIFT])
    assert do(release_due, now=after(3)).released == 1
    assert shown(who).available == 25


def test_a_rule_from_before_there_was_a_release_grants_at_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE points_ruleversion SET definition = definition - 'release'")
        cursor.execute("RESET session_replication_role")
    selectors.forget_program()
    who = member()
    act(who, "slow", amount=20)
    assert shown(who).available == 20


def test_an_import_of_the_past_waits_as_well() -> None:
    load(rules=[SLOW])
    who: Member = MemberFactory.create(external_id="ada")
    old = timezone.now() - dt.timedelta(days=400)
    intake(
        items=[ActivityIn("a", "slow", "ada", old, {"amount": 5})], now=timezone.now(), any_age=True
    )
    assert shown(who.id).pending == 5
    assert Activity.objects.get().outcome[0]["points"] == 5
