"""Rewards of the store as prizes: given with the points, and taken back with them."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from kit.errors import NotFound
from members.models import Member
from points.models import Entry
from rewards.models import Redemption, Reward, Voucher
from rewards.services import set_stock
from tests.admin.conftest import limited
from tests.members.sessions import signed_in
from tests.points.support import at_once, shown
from tests.rewards.support import assert_sound, cancel, left, reward, sweep
from tests.voting.support import bring, earned, last_month, lead, people, planned, voting_now
from tests.voting.support import load as load_awards
from tests.voting.test_races import step
from voting import services
from voting.errors import PrizeRevoked, RewardGiven, RewardNotGiven
from voting.models import Cycle, CycleState, Prize
from voting.selectors import titles_of

pytestmark = pytest.mark.django_db


def prize_of(what: str, **said: Any) -> dict[str, Any]:
    return {"prizes": [{"place": 1, "points": 500, "title": "Best", "reward": what, **said}]}


def won(what: Reward | str) -> tuple[Cycle, Member]:
    """Return a published cycle, and who has won this with it."""
    code = what if isinstance(what, str) else what.code
    cycle, (ann, *_rest), voters = voting_now(category=prize_of(code))
    bring(cycle, {voters[0]: [ann]})
    lead(cycle, CycleState.PUBLISHED)
    return cycle, ann


def by() -> dict[str, Any]:
    return {"by": User.objects.get_or_create(username="mei")[0].pk, "now": timezone.now()}


def test_the_reward_is_given_once_with_the_points() -> None:
    mug = reward(name="Mug", points=90, stock=3)
    cycle, ann = won(mug)
    assert not Redemption.objects.exists()
    assert lead(cycle, CycleState.REWARDED).alarm == ""
    order = Redemption.objects.get()
    assert (order.member, order.reward, order.points) == (ann, mug, 0)
    assert order.terms == {"award": str(cycle), "place": 1}
    assert Prize.objects.get().redemption == order.id
    assert left(mug) == 2
    assert shown(ann.id).net == 550
    results = signed_in(ann).get(f"/api/v1/cycles/{cycle.pk}/results/").json()
    assert results["candidates"][0]["prize"]["reward"] == mug.code
    assert sweep() == {"claimed": 1, "fulfilled": 1, "left": 0}
    assert_sound()


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_give_it_once() -> None:
    mug = reward(stock=3)
    cycle, ann = won(mug)
    at_once([partial(step, cycle, CycleState.REWARDED) for _ in range(8)])
    assert Redemption.objects.count() == 1
    assert left(mug) == 2
    assert shown(ann.id).net == 550
    assert_sound()


def test_revoking_takes_it_back_with_points_and_title() -> None:
    pool = reward(kind="voucher", points=50, codes=2)
    cycle, ann = won(pool)
    lead(cycle, CycleState.REWARDED)
    sweep()
    assert Voucher.objects.get(state="assigned").redemption is not None
    services.revoke_prize(prize=Prize.objects.get().pk, reason="bought votes", **by())
    order = Redemption.objects.get()
    assert (order.state, order.reason) == ("returned", "bought votes")
    assert Voucher.objects.filter(state="void").count() == 1  # it has been seen: it stops working
    assert left(pool) == 1
    assert shown(ann.id).net == 50
    assert titles_of(member=ann.id) == ()
    assert_sound()


def test_what_was_not_handed_out_yet_returns_to_the_stock() -> None:
    mug = reward(kind="physical", stock=3)
    cycle, _ann = won(mug)
    lead(cycle, CycleState.REWARDED)
    services.revoke_prize(prize=Prize.objects.get().pk, reason="bought votes", **by())
    assert Redemption.objects.get().state == "rejected"
    assert left(mug) == 3
    assert_sound()


def test_what_has_ended_already_does_not_stand_in_the_way() -> None:
    mug = reward(kind="physical", stock=3)
    cycle, ann = won(mug)
    lead(cycle, CycleState.REWARDED)
    order = Redemption.objects.get()
    assert cancel(ann, order).status_code == 200
    services.revoke_prize(prize=Prize.objects.get().pk, reason="bought votes", **by())
    assert Redemption.objects.get().state == "cancelled"
    assert shown(ann.id).net == 50
    assert_sound()


@pytest.mark.parametrize("first", [0, 1])
def test_it_is_given_and_taken_back_or_never_given(first: int) -> None:
    mug = reward(stock=3)
    cycle, ann = won(mug)
    revoke = partial(services.revoke_prize, prize=Prize.objects.get().pk, reason="bought", **by())
    calls: list[Any] = [partial(step, cycle, CycleState.REWARDED), revoke]
    for _twice in range(2):
        at_once(calls[first:] + calls[:first])
    assert not Redemption.objects.exclude(state__in=("rejected", "returned")).exists()
    assert left(mug) == 3
    assert shown(ann.id).net == 50
    assert_sound()


@pytest.mark.django_db(transaction=True)
def test_a_reward_that_is_out_holds_nothing_up_and_is_given_later() -> None:
    mug = reward(stock=0)
    cycle, ann = won(mug)
    prize = Prize.objects.get()
    with pytest.raises(NotFound):  # not paid yet
        services.give_reward(prize=prize.pk)
    told = lead(cycle, CycleState.REWARDED).alarm
    assert told == f"{cycle}: these rewards could not be given: {mug.code}."
    assert shown(ann.id).net == 550
    assert not Redemption.objects.exists()
    with pytest.raises(RewardNotGiven):
        services.give_reward(prize=prize.pk)
    set_stock(reward=mug.id, left=5, reason="came in", by=by()["by"])
    told_all = at_once([partial(services.give_reward, prize=prize.pk) for _ in range(6)])
    assert sum(isinstance(one, Prize) for one in told_all) == 1
    assert {type(one) for one in told_all} == {Prize, RewardGiven}
    assert Redemption.objects.count() == 1
    services.revoke_prize(prize=prize.pk, reason="bought votes", **by())
    with pytest.raises(PrizeRevoked):
        services.give_reward(prize=prize.pk)
    assert left(mug) == 5
    assert_sound()


def test_a_reward_that_is_not_in_the_catalogue_holds_nothing_up() -> None:
    cycle, ann = won("gone")
    assert "could not be given: gone." in lead(cycle, CycleState.REWARDED).alarm
    assert shown(ann.id).net == 550
    with pytest.raises(RewardNotGiven):
        services.give_reward(prize=Prize.objects.get().pk)


@pytest.mark.django_db(transaction=True)
def test_two_awards_side_by_side_have_their_own_winners_and_share_the_last_mug() -> None:
    mug = reward(stock=1)
    calendar = {"nominations": -7, "shortlist": 0, "opens": 1, "closes": 5, "review": 5}
    common = {
        "shortlist": 2,
        "quorum": 1,
        "quorum_missed": "points_only",
        "calendar": calendar | {"publish": 7, "reward": 8},
        **prize_of(mug.code),
    }
    load_awards(
        categories=[
            {"code": "helper", "name": "Best helper", "actions": ["help"], **common},
            {"code": "talker", "name": "Best talker", "actions": ["chat"], **common},
        ]
    )
    ann, ben = people(2)
    month = last_month(timezone.now() - dt.timedelta(days=40))
    earned(month, {ann: 30, ben: 5})
    earned(month, [ben], "chat")
    helper, talker = planned(month), planned(month, category="talker")
    for cycle in (helper, talker):
        lead(cycle, CycleState.PUBLISHED)
    told = at_once([partial(step, one, CycleState.REWARDED) for one in (helper, talker)] * 3)
    assert not [one for one in told if isinstance(one, Exception)]
    assert {prize.cycle: prize.member for prize in Prize.objects.all()} == {
        helper: ann,
        talker: ben,
    }
    assert Prize.objects.filter(redemption=None).count() == 1
    assert Redemption.objects.count() == 1
    assert left(mug) == 0
    assert Entry.objects.filter(reference__startswith="award:cycle:").count() == 2
    assert_sound()


def test_an_operator_gives_it_from_the_prizes_page() -> None:
    mug = reward(stock=0)
    cycle, _ann = won(mug)
    lead(cycle, CycleState.REWARDED)
    page = f"/admin/voting/prize/{Prize.objects.get().pk}/"
    clerk: Client = limited("voting.view_prize", "voting.revoke_prize", "rewards.view_redemption")
    assert "give_reward" in clerk.get(f"{page}change/").content.decode()
    refused = clerk.post(f"{page}give_reward/", {"confirm": "on"}, follow=True)
    assert "The store has none of this reward to give." in refused.content.decode()
    set_stock(reward=mug.id, left=5, reason="came in", by=by()["by"])
    given = clerk.post(f"{page}give_reward/", {"confirm": "on"}, follow=True)
    assert "Done." in given.content.decode()
    assert "give_reward" not in clerk.get(f"{page}change/").content.decode()
    assert f"/admin/rewards/redemption/{Redemption.objects.get().id}/" in given.content.decode()
    User.objects.get(username="limited").user_permissions.set(
        Permission.objects.filter(codename="view_prize")
    )
    assert clerk.post(f"{page}give_reward/", {"confirm": "on"}).status_code == 403
