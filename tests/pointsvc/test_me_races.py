"""A member leaves while others write of them: one order or the other, and nothing in between."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from activities.models import Activity
from activities.services import ActivityIn, intake
from members import services
from members.errors import MemberLeft
from members.models import Identity, Member, Session
from members.rules import Identified
from points.errors import InsufficientPoints
from points.models import Entry, Hold
from points.services import spend
from pointsvc.me.services import erase, finish_erasures
from rewards.models import WindowRequest
from rewards.services import Filed
from tests.depth import examples
from tests.factories import MemberFactory
from tests.members.test_session_races import live
from tests.points.support import assert_reconciled, at_once, do, earn, load
from tests.races.test_window_races import filing
from tests.rewards.support import reward
from tests.rewards.windows import opened

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = examples(20)
SECRET = "her diary"


@pytest.fixture(autouse=True)
def _program() -> None:
    load()


def leave(member: Member) -> Any:
    """What her DELETE does, with a session that was live a moment ago."""
    session = live(services.open_session(member_id=member.id).access)
    assert session
    return partial(erase, session=session, now=timezone.now())


def assert_nobody(member: Member) -> None:
    """Nothing is left of the person."""
    row = Member.objects.get(id=member.id)
    assert (row.nickname, row.avatar_url, row.state) == ("", "", "left")
    assert row.external_id != member.external_id
    assert not Identity.objects.filter(member=member.id).exists()
    assert not Session.objects.filter(member=member.id).exists()


def test_a_leaving_and_spends_go_one_after_the_other() -> None:
    for number in range(ROUNDS):
        member = MemberFactory.create(external_id=f"m-{number}")
        earn(member.id, 30)
        spends = [
            partial(do, spend, member=member.id, points=10, reference=f"spend-{number}-{which}")
            for which in range(6)
        ]
        left, *spent = at_once([leave(member), *spends])
        assert left is None, left
        won = [one for one in spent if isinstance(one, Entry)]
        assert len(won) == 3
        assert all(isinstance(one, Entry | InsufficientPoints) for one in spent), spent
        assert_nobody(member)
    assert_reconciled()


def test_a_leaving_and_requests_in_a_window_go_one_after_the_other() -> None:
    mug, pen = reward(), reward()
    window = opened((mug, 1), (pen, 1))
    for number in range(ROUNDS):
        member = MemberFactory.create(external_id=f"m-{number}")
        earn(member.id, 30)
        first, second = filing(window, [member], mug) + filing(window, [member], pen)
        first()
        spending = partial(do, spend, member=member.id, points=10, reference=f"spend-{number}")
        left, *others = at_once([leave(member), second, spending])
        assert left is None, left
        assert all(isinstance(one, Filed | MemberLeft | Entry) for one in others), others
        assert_nobody(member)
    finish_erasures(now=timezone.now())
    assert not WindowRequest.objects.exclude(state="withdrawn").exists()
    assert not Hold.objects.filter(state="held").exists()
    assert_reconciled()


def test_a_leaving_is_not_undone_by_a_change_of_name_or_a_login() -> None:
    for number in range(ROUNDS):
        member = MemberFactory.create(external_id=f"m-{number}")
        person = Identified("demo", "", f"o-{number}", None, external_id=member.external_id)
        services.sign_in(person=person, now=timezone.now())
        token = services.open_session(member_id=member.id).refresh
        names = {"nickname": "Lovelace", "avatar_url": "https://pictures.example/a"}
        left, *others = at_once(
            [
                leave(member),
                partial(services.change_profile, member_id=member.id, **names),
                partial(
                    services.put_member,
                    external_id=member.external_id,
                    now=timezone.now(),
                    nickname="Lovelace",
                ),
                partial(services.open_session, member_id=member.id),
                partial(services.refresh_session, refresh=token),
                partial(services.sign_in, person=person, now=timezone.now()),
            ]
        )
        assert left is None, left
        allowed = (services.Pair, services.SignedIn, MemberLeft, tuple, type(None))
        assert all(isinstance(one, allowed) for one in others), others
        assert_nobody(member)


def test_two_leavings_are_one() -> None:
    for _round in range(ROUNDS):
        member = MemberFactory.create()
        results = at_once([leave(member), leave(member)])
        assert results.count(None) == 1, results
        assert_nobody(member)


def test_what_is_told_during_a_leaving_is_gone_after_the_night() -> None:
    for number in range(ROUNDS):
        member = MemberFactory.create(external_id=f"m-{number}")
        items = [
            ActivityIn(
                f"a-{number}-{which}",
                "gift",
                member.external_id,
                timezone.now(),
                {"amount": 5, "note": SECRET},
            )
            for which in range(5)
        ]
        results = at_once(
            [
                leave(member),
                *[partial(intake, items=[item], now=timezone.now()) for item in items],
            ]
        )
        assert not any(isinstance(one, Exception) for one in results), results
        assert_nobody(member)
    finish_erasures(now=timezone.now())
    assert not Activity.objects.exclude(data={}).exists()
    assert_reconciled()
