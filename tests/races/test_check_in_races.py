"""Check-ins, makeups and the day's close at once: one record, one grant, one card."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from activities import errors
from activities.models import Activity, CheckIn, Milestone, StreakItem
from activities.selectors import CheckedIn
from activities.services import (
    check_in,
    check_in_all,
    check_ins,
    close_days,
    grant_item,
    make_up,
    revoke_check_in,
)
from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member
from members.selectors import community
from members.services import open_session
from points.models import Entry
from tests.activities.streaks import day, keep, kinds, load, noon, streak_of
from tests.factories import MemberFactory
from tests.members.sessions import bearer
from tests.points.support import assert_reconciled, at_once, shown

pytestmark = pytest.mark.django_db(transaction=True)
CARDS = {"makeups": {"points": None, "per_month": 31}}
FREE = {"makeups": {"points": 0, "card": False, "per_month": 3}}


@pytest.fixture
def ada() -> Member:
    load(check_ins=FREE)
    return MemberFactory.create(external_id="ada")


def sent(clients: list[Client]) -> list[Any]:
    """Check in with all of these at once."""

    def call(client: Client) -> Callable[[], Any]:
        return lambda: client.post("/api/v1/check-ins/", {}, content_type="application/json")

    return at_once([call(client) for client in clients], threads=16)


def test_fifty_check_ins_of_one_member_grant_once(ada: Member) -> None:
    token = open_session(member_id=ada.id).access
    answers = sent([bearer(token) for _ in range(50)])
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert CheckIn.objects.count() == Activity.objects.count() == Entry.objects.count() == 1
    assert shown(ada.id).available == 5
    assert_reconciled()


def test_fifty_check_ins_without_a_shared_transaction_grant_once(ada: Member) -> None:
    made = at_once([lambda: check_in(member=ada.id)] * 50)
    assert sum(one.is_new for one in made) == 1
    assert all(
        (one.local_on, one.streak, one.outcome) == (made[0].local_on, 1, made[0].outcome)
        for one in made
    )
    assert Entry.objects.count() == 1
    assert_reconciled()


def test_many_members_at_once_have_one_each(ada: Member) -> None:
    everybody = [MemberFactory.create() for _ in range(20)]
    tokens = [open_session(member_id=one.id).access for one in everybody]
    answers = sent([bearer(token) for token in tokens for _ in range(3)])
    assert sorted(answer.status_code for answer in answers) == [200] * 40 + [201] * 20
    assert CheckIn.objects.count() == Entry.objects.count() == 20
    assert_reconciled()


def test_a_refusal_among_others_is_its_own(ada: Member) -> None:
    """One transaction for all, and the member whose day was taken back is refused alone."""
    other = MemberFactory.create()
    row = CheckIn.objects.get(local_on=check_in(member=ada.id).local_on)
    revoke_check_in(check_in=row.id, reason="a mistake")
    refusal, made, again = check_in_all(members=[ada.id, other.id, other.id])
    assert isinstance(refusal, errors.CheckInRevoked)
    assert isinstance(made, CheckedIn)
    assert isinstance(again, CheckedIn)
    assert (made.is_new, again.is_new) == (True, False)
    assert check_ins.calls.there == 0


def test_a_check_in_that_fails_among_others_fails_alone(
    ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def broken(*, members: list[int]) -> list[CheckedIn | DomainError]:
        calls.append(len(members))
        if len(members) > 1:
            raise ZeroDivisionError
        return check_in_all(members=members)

    monkeypatch.setattr(check_ins, "check_in_all", broken)
    everybody = [MemberFactory.create() for _ in range(8)]
    made = at_once(
        [
            lambda member=one.id: check_ins.check_in_together(member=member)  # type: ignore[misc]
            for one in everybody
        ]
    )
    assert all(isinstance(one, CheckedIn) for one in made)
    assert CheckIn.objects.count() == 8


def filling(member: Member, *dates: str, on: str) -> list[Any]:
    return at_once(
        [
            lambda date=date: make_up(member=member.id, day=day(date), now=noon(on))  # type: ignore[misc]
            for date in dates
        ]
    )


def test_the_months_last_makeup_goes_to_one(ada: Member) -> None:
    made = filling(ada, *(f"03-{n:02}" for n in range(3, 10)), on="03-10")
    assert sum(isinstance(one, CheckedIn) for one in made) == 3
    assert sum(isinstance(one, errors.MakeupLimitReached) for one in made) == 4
    assert CheckIn.objects.count() == 3


def test_one_card_makes_up_for_one_day(ada: Member) -> None:
    load(check_ins=CARDS)
    grant_item(member=ada.id, kind="card", source="1", now=noon("03-01"))
    made = filling(ada, *(f"03-{n:02}" for n in range(3, 10)), on="03-10")
    assert sum(isinstance(one, CheckedIn) for one in made) == 1
    assert sum(isinstance(one, errors.NoMakeupCard) for one in made) == 6
    assert StreakItem.objects.get().used_on == CheckIn.objects.get().local_on


def test_one_day_made_up_for_many_times_at_once_costs_once(ada: Member) -> None:
    load(check_ins={"makeups": {"points": 20}})
    keep(ada, "03-01", "03-07")
    before = shown(ada.id).available
    made = filling(ada, *["03-08"] * 12, on="03-09")
    assert sorted(one.is_new for one in made) == [False] * 11 + [True]
    assert shown(ada.id).available == before - 20
    assert_reconciled()


@pytest.mark.parametrize("_round", range(5))
def test_a_check_in_beside_the_makeup_that_joins_pays_the_milestone_once(
    ada: Member, _round: int
) -> None:
    keep(ada, "03-01", "03-04")
    keep(ada, "03-06")
    made = at_once(
        [
            lambda: make_up(member=ada.id, day=day("03-05"), now=noon("03-07")),
            lambda: check_in(member=ada.id, now=noon("03-07")),
        ]
    )
    assert all(isinstance(one, CheckedIn) for one in made), made
    assert Milestone.objects.filter(days=7).count() == 1
    assert streak_of(ada, "03-07") == 7
    assert_reconciled()


@durable
def close(until: str) -> int:
    return close_days(until=day(until), after=0, now=noon(until))[0]


@pytest.mark.parametrize("_round", range(5))
def test_the_close_twice_at_once_and_a_makeup_and_a_check_in_freeze_once(
    ada: Member, _round: int
) -> None:
    load(check_ins=FREE | {"freezes": {"most_held": 5}})
    keep(ada, "03-01", "03-02")
    for n in range(3):
        grant_item(member=ada.id, kind="freeze", source=str(n), now=noon("03-02"))
    made = at_once(
        [
            lambda: close("03-04"),
            lambda: close("03-04"),
            lambda: make_up(member=ada.id, day=day("03-03"), now=noon("03-04")),
            lambda: check_in(member=ada.id, now=noon("03-04")),
        ]
    )
    assert isinstance(made[2], errors.DayIsFrozen)
    assert made[3].streak == 3
    assert made[0] + made[1] in {0, 1}
    assert kinds(ada) == {
        "03-01": "done", "03-02": "done", "03-03": "frozen", "03-04": "done",
    }  # fmt: skip
    assert StreakItem.objects.exclude(used_on=None).count() == 1


def test_a_check_in_is_taken_back_once(ada: Member) -> None:
    keep(ada, "03-01")
    row = CheckIn.objects.get()
    made = at_once(
        [lambda: revoke_check_in(check_in=row.id, reason="twice", now=noon("03-01"))] * 8
    )
    assert sum(isinstance(one, CheckIn) for one in made) == 1
    assert sum(isinstance(one, errors.NoSuchCheckIn) for one in made) == 7
    assert shown(ada.id).available == 0
    assert Entry.objects.filter(kind="reversed").count() == 1


def test_the_database_keeps_a_day_to_one_row(ada: Member) -> None:
    [made] = keep(ada, "03-01")
    with pytest.raises(Exception, match="check_in_once_per_member_and_date"):
        CheckIn.objects.create(
            member=ada, local_on=made.local_on, kind="makeup", checked_in_at=timezone.now()
        )


def test_the_day_is_the_databases(ada: Member) -> None:
    """A server whose clock is wrong checks nobody in for yesterday."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    made = check_in(member=ada.id)
    clock = community().clock
    assert made.local_on in {clock.local_date(now), clock.local_date(now + dt.timedelta(minutes=1))}
