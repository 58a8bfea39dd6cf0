"""Brakes: what is too much at once waits in a case, and nobody but operators learns why."""

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.services import ActivityIn, intake
from kit.errors import Invalid
from members.models import Member
from points import selectors, services
from points.errors import AwardDecided, AwardHeld, BadProgramFile, CaseDecided, NoSuchCase
from points.models import Brake, BrakeCase, BrakeUsage, Entry, PendingAward
from points.selectors.kept import kept_of
from points.services import (
    drop_awards,
    purge_brake_counters,
    release_awards,
    release_case,
    release_due,
    reverse_case,
)
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import (
    FINE,
    GIFT,
    NOON,
    act,
    assert_reconciled,
    do,
    fact,
    load,
    member,
    shown,
)

pytestmark = pytest.mark.django_db

LIKE = {"code": "like", "action": "like", "points": 2}
SLOW = {
    "code": "slow",
    "action": "slow",
    "points": {"field": "amount"},
    "release": {"days": 3},
}
YOUNG = {
    "code": "young",
    "counts": "points",
    "limit": 100,
    "period": "day",
    "younger_than_days": 7,
}
PAIR = {
    "code": "pair",
    "counts": "activities",
    "limit": 3,
    "period": "week",
    "actions": ["like"],
    "same": "by",
}
FAST = {"code": "fast", "counts": "activities", "limit": 5, "minutes": 10}
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


def brakes(*several: dict[str, Any], **more: Any) -> None:
    load(**{"rules": [GIFT, FINE, LIKE, SLOW], **more}, brakes=several)


def newcomer(joined_at: dt.datetime = NOON) -> int:
    made: Member = MemberFactory.create(joined_at=joined_at)
    return made.id


@pytest.fixture
def operator() -> int:
    return User.objects.create_superuser("operator").pk


def available_and_pending(of: int) -> tuple[int, int]:
    account = shown(of)
    return account.available, account.pending


# --- What fires -----------------------------------------------------------------------------------


def test_a_new_members_points_above_the_days_ceiling_wait_in_a_case() -> None:
    brakes(YOUNG)
    who = newcomer()
    for amount in (60, 41, 40, 1):
        act(who, amount=amount)
    # 41 would pass the ceiling; 40 fills it; nothing more goes by.
    assert available_and_pending(who) == (100, 42)
    case = BrakeCase.objects.get()
    assert (case.member_id, case.state) == (who, "open")
    awards = PendingAward.objects.order_by("id")
    assert [(one.points, one.case, one.release_at) for one in awards] == [
        (41, case, None),
        (1, case, None),
    ]
    assert awards[0].signals == [{"brake": "young", "limit": 100, "used": 60, "asked": 41}]
    assert BrakeUsage.objects.get().used == 100
    assert_reconciled()


def test_the_ceiling_is_each_days_own_and_ends_with_the_members_youth() -> None:
    brakes(YOUNG)
    who = newcomer()
    for days, held in [(0, True), (1, True), (6, True), (7, False), (8, False), (-1, True)]:
        act(who, amount=100, at=NOON + days * DAY)
        (decision,) = act(who, amount=1, at=NOON + days * DAY)
        assert ("pending" in decision.story) is held, days
    old = newcomer(NOON - 400 * DAY)
    act(old, amount=500)
    assert available_and_pending(old) == (500, 0)
    assert BrakeCase.objects.count() == 1


@pytest.mark.parametrize(
    ("zone", "joined", "then", "held"),
    [
        # In Shanghai the seventh day after the 22nd begins at 16:00 UTC of the 28th.
        ("Asia/Shanghai", "2026-11-21T16:00:00Z", "2026-11-28T15:59:59Z", True),
        ("Asia/Shanghai", "2026-11-21T16:00:00Z", "2026-11-28T16:00:00Z", False),
        ("Asia/Shanghai", "2026-11-22T15:59:59Z", "2026-11-28T16:00:00Z", False),
        # A week with a day of 23 hours, and one with 25.
        ("America/New_York", "2026-03-04T05:00:00Z", "2026-03-11T03:59:59Z", True),
        ("America/New_York", "2026-03-04T05:00:00Z", "2026-03-11T04:00:00Z", False),
        ("America/New_York", "2026-10-28T04:00:00Z", "2026-11-04T04:59:59Z", True),
        ("America/New_York", "2026-10-28T04:00:00Z", "2026-11-04T05:00:00Z", False),
    ],
)
def test_youth_is_counted_in_local_days(zone: str, joined: str, then: str, held: bool) -> None:
    brakes(YOUNG, time_zone=zone)
    who = newcomer(dt.datetime.fromisoformat(joined))
    act(who, amount=101, at=dt.datetime.fromisoformat(then))
    assert available_and_pending(who) == ((0, 101) if held else (101, 0))


@pytest.mark.parametrize(
    ("zone", "last", "next_"),
    [
        ("Asia/Shanghai", "2026-11-22T15:59:59.999999Z", "2026-11-22T16:00:00Z"),
        ("America/New_York", "2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z"),
        ("America/New_York", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"),
    ],
)
def test_a_brakes_day_is_the_communitys(zone: str, last: str, next_: str) -> None:
    brakes(YOUNG | {"younger_than_days": None}, time_zone=zone)
    who = member()
    first, second = (dt.datetime.fromisoformat(text) for text in (last, next_))
    act(who, amount=100, at=first)
    act(who, amount=1, at=first)
    act(who, amount=100, at=second)
    assert available_and_pending(who) == (200, 1)


def test_the_same_pair_again_and_again_waits() -> None:
    brakes(PAIR)
    who = member()
    for _ in range(4):
        act(who, "like", by="ben")
        act(who, "like", by=7)
    act(who, "like", by="ann")
    act(who, "like")  # of nobody
    act(who, "like", by=None)
    act(who, "like", by=["ben"])
    act(who, "like", by="ben", at=NOON + 7 * DAY)
    act(who, "gift", by="ben", amount=1)
    other = member()
    act(other, "like", by="ben")
    assert available_and_pending(who) == (6 * 2 + 4 * 2 + 2 + 1, 4)
    assert available_and_pending(other) == (2, 0)


def test_whom_a_pair_was_with_is_not_kept() -> None:
    brakes(PAIR)
    who = member()
    act(who, "like", by="ben-the-other")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(u::text, '') FROM points_brakeusage AS u")
        assert "ben" not in cursor.fetchone()[0]


def test_too_many_in_ten_minutes_wait() -> None:
    brakes(FAST)
    who = member()
    for number in range(7):
        act(who, amount=1, at=NOON + number * MINUTE)
    act(who, amount=1, at=NOON + 10 * MINUTE)
    assert available_and_pending(who) == (6, 2)


def test_an_activity_counts_once_whatever_number_of_rules_grant() -> None:
    twice = [GIFT, GIFT | {"code": "again"}]
    brakes(FAST | {"limit": 2}, rules=twice)
    who = member()
    for _ in range(3):
        act(who, amount=1)
    assert available_and_pending(who) == (4, 2)
    assert BrakeUsage.objects.get().used == 2


def test_what_grants_nothing_is_not_counted() -> None:
    brakes(FAST | {"limit": 1})
    who = member()
    for _ in range(5):
        act(who, amount=0)
        act(who, "fine", amount=1)
    act(who, amount=10)
    assert available_and_pending(who) == (5, 0)
    assert shown(who).debt == 0


def test_a_grant_must_pass_all_brakes_and_what_is_held_counts_for_none() -> None:
    brakes(FAST | {"limit": 2}, YOUNG | {"limit": 10})
    who = newcomer()
    act(who, amount=11)
    act(who, amount=5)
    act(who, amount=5)
    act(who, amount=1)
    assert available_and_pending(who) == (10, 12)
    fired = [[one["brake"] for one in award.signals] for award in PendingAward.objects.all()]
    assert sorted(fired) == [["fast", "young"], ["young"]]
    assert {one.brake.code: one.used for one in BrakeUsage.objects.all()} == {
        "fast": 2,
        "young": 10,
    }


def test_a_limit_of_zero_holds_everything() -> None:
    brakes(YOUNG | {"limit": 0, "younger_than_days": 1})
    who = newcomer()
    act(who, amount=1)
    assert available_and_pending(who) == (0, 1)


def test_a_batch_is_braked_as_its_activities_one_by_one() -> None:
    brakes(FAST, PAIR, YOUNG | {"limit": 20})
    lives = []
    for together in (True, False):
        who = newcomer()
        facts = [fact(who, "like", by="ben", at=NOON + number * MINUTE) for number in range(6)]
        facts += [fact(who, amount=number, at=NOON + number * MINUTE) for number in range(8)]
        for some in [facts] if together else [[one] for one in facts]:
            do(services.award, facts=some)
        awards = PendingAward.objects.filter(member=who).order_by("id")
        lives.append((available_and_pending(who), [(one.points, one.signals) for one in awards]))
    assert lives[0] == lives[1]
    assert lives[0][0][1] > 0


def test_brakes_cost_no_statement_more() -> None:
    counts = []
    for several in [(), (FAST, PAIR, YOUNG)]:
        brakes(*several)
        for size in (1, 100):
            facts = [fact(member(), "like", by="ben") for _ in range(size)]
            selectors.program()
            with CaptureQueriesContext(connection) as queries:
                do(services.award, facts=facts)
            counts.append(len(queries))
    # With and without brakes; a batch of new accounts is made before it is locked.
    assert len(set(counts)) == 1, counts


def test_a_history_that_is_brought_in_is_not_braked() -> None:
    brakes(YOUNG)
    who: Member = MemberFactory.create(external_id="ada", joined_at=NOON)
    items = [ActivityIn(str(n), "gift", "ada", NOON, {"amount": 90}) for n in range(3)]
    intake(items=items, now=timezone.now(), any_age=True)
    assert available_and_pending(who.id) == (270, 0)


def test_a_trial_tells_that_it_would_be_held_and_counts_nothing() -> None:
    brakes(YOUNG)
    who = newcomer()
    name = Member.objects.get(id=who).external_id
    act(who, amount=60)
    said: dict[str, Any] = {"action": "gift", "occurred_at": NOON, "now": timezone.now()}
    for _twice in range(2):
        for amount, held in [(41, True), (40, False)]:
            tried = selectors.trial(member=name, data={"amount": amount}, **said)
            assert bool(tried.rules[0].pending) is held
    assert selectors.trial(data={"amount": 101}, **said).after.pending == 101
    assert BrakeUsage.objects.get().used == 60


# --- Cases ----------------------------------------------------------------------------------------


@pytest.fixture
def held() -> int:
    """Return a newcomer with 100 points, 30 that wait for their day, and 25 that are held."""
    brakes(YOUNG | {"limit": 130})
    who = newcomer()
    act(who, amount=100)
    act(who, "slow", amount=30)
    act(who, id="held", amount=20)
    act(who, "slow", amount=5)
    assert available_and_pending(who) == (100, 55)
    return who


def the_case() -> BrakeCase:
    return BrakeCase.objects.get()


def test_one_decision_releases_all_that_a_case_holds(held: int, operator: int) -> None:
    now = timezone.now()
    release_case(case=the_case().id, by=operator, now=now)
    # The five have a day of their own, and go on to wait for it.
    assert available_and_pending(held) == (120, 35)
    case = the_case()
    assert (case.state, case.decided_by_id, case.decided_at) == ("released", operator, now)
    assert do(release_due, now=now + 4 * DAY).released == 2
    assert available_and_pending(held) == (155, 0)
    assert_reconciled()


def test_one_decision_reverses_all_that_a_case_holds(held: int, operator: int) -> None:
    reverse_case(case=the_case().id, by=operator, reason="made up", now=timezone.now())
    assert available_and_pending(held) == (100, 30)
    assert (the_case().state, the_case().reason) == ("reversed", "made up")
    dropped = PendingAward.objects.filter(state="dropped")
    assert [one.points for one in dropped.order_by("id")] == [20, 5]
    assert_reconciled()


def test_a_reversal_of_a_case_gives_caps_their_room_back(operator: int) -> None:
    cap = {"code": "weekly", "limit": 200, "period": "week", "over": "partial"}
    brakes(YOUNG, rules=[GIFT | {"caps": ["weekly"]}], caps=[cap])
    who = newcomer()
    act(who, amount=150)
    assert_reconciled()
    reverse_case(case=the_case().id, by=operator, reason="made up", now=timezone.now())
    assert_reconciled()
    (decision,) = act(who, amount=300)
    assert decision.points == 200


def test_a_case_is_decided_once_and_the_next_hold_opens_another(held: int, operator: int) -> None:
    first, now = the_case().id, timezone.now()
    with pytest.raises(Invalid):
        reverse_case(case=first, by=operator, reason=" ", now=now)
    release_case(case=first, by=operator, now=now)
    with pytest.raises(CaseDecided):
        reverse_case(case=first, by=operator, reason="late", now=now)
    with pytest.raises(CaseDecided):
        release_case(case=first, by=operator, now=now)
    with pytest.raises(NoSuchCase):
        release_case(case=0, by=operator, now=now)
    act(held, amount=1)
    assert BrakeCase.objects.filter(state="open").exclude(id=first).count() == 1


def test_what_a_case_holds_is_neither_swept_nor_decided_by_itself(held: int, operator: int) -> None:
    ids = list(PendingAward.objects.filter(case=the_case()).values_list("id", flat=True))
    with pytest.raises(AwardHeld):
        release_awards(awards=ids, by=operator, now=timezone.now())
    with pytest.raises(AwardHeld):
        drop_awards(awards=ids, by=operator, reason="no", now=timezone.now())
    assert do(release_due, now=timezone.now() + 4 * DAY).released == 1
    assert available_and_pending(held) == (130, 25)


def test_a_reversal_of_the_activity_takes_it_out_of_the_case(held: int, operator: int) -> None:
    do(services.reverse, references=["award:gift:held"])
    assert available_and_pending(held) == (100, 35)
    release_case(case=the_case().id, by=operator, now=timezone.now())
    assert available_and_pending(held) == (100, 35)
    ids = list(PendingAward.objects.filter(activity="held").values_list("id", flat=True))
    with pytest.raises(AwardDecided):
        release_awards(awards=ids, by=operator, now=timezone.now())
    assert_reconciled()


def test_a_case_page_counts_the_signals(held: int) -> None:
    page = selectors.case_page(case=the_case())
    assert (page.awards, page.points, page.waiting) == (2, 25, 2)
    [fired] = page.fired
    assert (fired.brake, fired.awards, fired.used, fired.limit) == ("young", 2, 130, 130)


# --- What members hear ----------------------------------------------------------------------------


def test_a_member_never_hears_which_brake_fired(operator: int) -> None:
    secret = YOUNG | {"code": "s3cret-brake"}
    jury = GIFT | {"code": "jury", "action": "jury", "release": "decision"}
    brakes(secret, rules=[GIFT, SLOW, jury])
    ada: Member = MemberFactory.create(external_id="ada", joined_at=timezone.now())
    server = Client(headers={"authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})
    told = [
        {
            "id": name,
            "action": action,
            "member": "ada",
            "occurred_at": timezone.now().isoformat(),
            "data": {"amount": amount},
        }
        for name, action, amount in [("a", "jury", 10), ("b", "gift", 200), ("c", "slow", 200)]
    ]
    answer = server.post("/api/v1/activities/", {"activities": told}, "application/json")
    a, b, c = (result["awards"][0] for result in answer.json()["results"])
    # Held by a brake, it is told as what waits for any decision.
    assert (a["is_pending"], a["releases_at"]) == (True, None)
    assert b.keys() == c.keys() == a.keys()
    assert b["releases_at"] is c["releases_at"] is None
    member = signed_in(ada)

    def everything() -> str:
        pages: list[Any] = [
            answer,
            *(server.get(f"/api/v1/activities/{name}/") for name in "abc"),
            *(
                member.get(f"/api/v1/me/{path}/", headers={"Accept-Language": language})
                for path in ("account", "entries", "export", "notices")
                for language in ("en", "zh-CN")
            ),
            *(
                member.get(f"/api/v1/me/entries/{one.id}/", headers={"Accept-Language": language})
                for one in Entry.objects.all()
                for language in ("en", "zh-CN")
            ),
            member.get("/api/v1/rules/"),
            server.get("/api/v1/members/ada/account/"),
        ]
        return "".join(
            (b"".join(page.streaming_content) if page.streaming else page.content).decode()
            for page in pages
        )

    for decide in (None, release_case, reverse_case):
        if decide is not None:
            act(ada.id, "gift", amount=500, at=timezone.now())
            more = {"reason": "s3cret-brake fired"} if decide is reverse_case else {}
            case = BrakeCase.objects.get(state="open").id
            decide(case=case, by=operator, now=timezone.now(), **more)
        said = everything().lower()
        assert "s3cret" not in said
        assert "signal" not in said
        assert "brake" not in said
        assert "风控" not in said
        assert '"case' not in said
    assert "s3cret" not in json.dumps(
        [list(rows) for rows in kept_of(member=ada.id).values()], default=str
    )


# --- The program ----------------------------------------------------------------------------------


def test_a_brake_that_is_no_longer_listed_holds_nothing() -> None:
    brakes(YOUNG | {"limit": 0})
    who = newcomer()
    act(who, amount=1)
    brakes()
    act(who, amount=1)
    assert available_and_pending(who) == (1, 1)
    assert Brake.objects.get().is_active is False
    brakes(YOUNG)
    act(who, amount=100)
    assert available_and_pending(who) == (101, 1)


def test_a_limit_may_change_and_keeps_what_was_counted() -> None:
    brakes(YOUNG)
    who = newcomer()
    act(who, amount=100)
    brakes(YOUNG | {"limit": 110})
    act(who, amount=11)
    act(who, amount=10)
    assert available_and_pending(who) == (110, 11)


@pytest.mark.parametrize(
    "change", [{"counts": "activities"}, {"period": "week"}, {"same": "by"}], ids=str
)
def test_a_brake_that_has_counted_does_not_count_otherwise(change: dict[str, Any]) -> None:
    brakes(YOUNG)
    brakes(YOUNG | change)  # not used yet
    act(newcomer(), amount=1, by="ben")
    with pytest.raises(BadProgramFile) as refused:
        brakes(YOUNG | {"minutes": 5, "period": None})
    assert [error.field for error in refused.value.errors] == ["brakes[0]"]


def test_counters_of_windows_long_over_are_dropped() -> None:
    brakes(FAST)
    who = member()
    act(who, amount=1)
    act(who, amount=1, at=NOON - 101 * DAY)
    assert do(purge_brake_counters, now=NOON + DAY) == 1
    assert BrakeUsage.objects.count() == 1
