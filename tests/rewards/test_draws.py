"""Lucky draws: stated odds, a bound seed, caps, quotas with a fallback, and replaying."""

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from points.models import Account, Entry
from rewards import services
from rewards.models import Draw, DrawPrize, DrawState, DrawTry, Redemption, StockMove
from rewards.program_file import DrawsSection
from rewards.rules import hit
from tests.flows.histories import manage
from tests.members.sessions import signed_in
from tests.rewards.luck import (
    DRAWS,
    NOTHING,
    TEN,
    attempt,
    lead,
    load,
    opened,
    said,
    seen,
    tried,
)
from tests.rewards.support import assert_sound, cancel, left, post, redeem, reward, rich, sweep

pytestmark = pytest.mark.django_db

SURE = {"code": "sure", "weight": 1_000_000}
RARE = {"code": "nothing", "weight": 1}
"""What is all but certain, and what is as good as never: nothing, the other way round."""


def by_hand(seed: str, number: int, prizes: list[Any]) -> str:
    """Return the code that a try hits, as the docs tell it."""
    total = sum(prize["weight"] for prize in prizes)
    rest = int(hashlib.sha256(f"{seed}:{number}".encode()).hexdigest(), 16) % total
    for prize in prizes:
        if rest < prize["weight"]:
            return str(prize["code"])
        rest -= prize["weight"]
    raise AssertionError


def test_a_try_costs_and_gives_what_the_seed_says() -> None:
    draw, ada = opened(), rich(500)
    before = seen(ada, f"{DRAWS}{draw.pk}/")
    assert before["seed"] is None
    assert before["total"] == 100
    assert [(one["code"], one["weight"]) for one in before["prizes"]] == [
        ("nothing", 60),
        ("ten", 40),
    ]
    got = [tried(ada, draw) for _ in range(30)]
    assert [one["number"] for one in got] == list(range(1, 31))
    won = sum(one["points_won"] for one in got)
    assert 0 < won < 300
    assert got[-1]["account"]["available"] == 500 - 30 * 5 + won
    assert_sound()
    lead(days=3)
    after = seen(ada, f"{DRAWS}{draw.pk}/")
    assert after["state"] == "ended"
    assert hashlib.sha256(after["seed"].encode()).hexdigest() == before["seed_digest"]
    told = seen(ada, f"{DRAWS}{draw.pk}/results/?limit=100")["results"]
    assert [one["hit"] for one in told] == [
        by_hand(after["seed"], number, before["prizes"]) for number in range(1, 31)
    ]
    assert [one["prize"] for one in told] == [one["prize"] for one in got]
    assert len(seen(ada, f"{DRAWS}{draw.pk}/tries/?limit=100")["results"]) == 30


def test_results_and_seed_are_nobodys_before_the_end() -> None:
    draw, ada = opened(), rich()
    tried(ada, draw)
    assert seen(ada, f"{DRAWS}{draw.pk}/results/")["results"] == []
    with pytest.raises(CommandError, match="published"):
        call_command("replay_draw", "wheel")
    lead(days=3)
    assert len(seen(ada, f"{DRAWS}{draw.pk}/results/")["results"]) == 1


def test_a_replay_gives_the_same_and_finds_what_was_changed() -> None:
    draw, ada = opened(NOTHING, TEN, points=0), rich(0)
    for _ in range(12):
        tried(ada, draw)
    lead(days=3)
    assert "The draw gives the same list." in manage("replay_draw", "wheel")
    first = DrawTry.objects.get(number=1)
    other = DrawPrize.objects.exclude(pk=first.prize_id).get()
    DrawTry.objects.filter(pk=first.pk).update(prize=other)
    with pytest.raises(CommandError, match="1 of 12 differ"):
        call_command("replay_draw", "wheel")
    DrawTry.objects.filter(number=12).delete()
    with pytest.raises(CommandError, match="2 of 12 differ"):
        call_command("replay_draw", "wheel")


def test_one_key_is_one_try() -> None:
    draw, ada = opened(), rich()
    answers = [attempt(ada, draw, key="k") for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert DrawTry.objects.count() == 1
    assert post(signed_in(ada), f"{DRAWS}{draw.pk}/tries/", {"luck": 1}).status_code == 400


def test_a_member_tries_so_often_a_day() -> None:
    draw, ada, ben = opened(per_day=2), rich(), rich()
    tried(ada, draw), tried(ada, draw)
    refused = attempt(ada, draw)
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    assert refused.json()["limit"] == 2
    assert seen(ada, f"{DRAWS}{draw.pk}/")["tries_left_today"] == 0
    tried(ben, draw)
    DrawTry.objects.filter(member=ada).update(created_on=dt.date(2020, 1, 1))
    assert tried(ada, draw)["number"] == 4
    assert Draw.objects.get().tries == 4


def test_who_cannot_pay_does_not_try() -> None:
    draw, poor = opened(points=20), rich(19)
    refused = attempt(poor, draw)
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_points")
    assert not DrawTry.objects.exists()
    assert Draw.objects.get().tries == 0


def test_a_free_draw_costs_nothing() -> None:
    draw, ada = opened(SURE | {"points": 3}, RARE, points=0), rich(0)
    got = tried(ada, draw)
    assert (got["points_paid"], got["account"]["available"]) == (0, 3)
    entry = Entry.objects.get()
    assert (entry.kind, entry.points, entry.reason) == ("adjusted", 3, "Wheel")
    assert Account.objects.get(member=ada).lifetime == 0  # a gift counts for no level
    assert_sound()


@pytest.mark.parametrize(("starts_in", "days"), [(1, 3), (-3, 2)])
def test_nobody_tries_before_it_begins_or_after_it_ends(starts_in: int, days: int) -> None:
    load(said(starts_in=starts_in, days=max(days, 4)))
    lead()
    draw = Draw.objects.get()
    Draw.objects.update(ends_at=timezone.now() + dt.timedelta(days=starts_in + days))
    refused = attempt(rich(), draw)
    assert (refused.status_code, refused.json()["code"]) == (409, "draw_closed")
    assert Draw.objects.get().tries == 0


def test_a_draw_that_does_not_exist_is_not_found() -> None:
    ada = rich()
    for path in ("", "tries/", "results/"):
        assert signed_in(ada).get(f"{DRAWS}{2**40}/{path}").status_code == 404
    assert post(signed_in(ada), f"{DRAWS}{2**40}/tries/").status_code == 404


# --- Rewards as prizes ----------------------------------------------------------------------------


def mug_draw(stock: int | None, quota: int, **kind: Any) -> tuple[Draw, Any]:
    mug = reward(name="Mug", points=90, stock=stock, **kind)
    prize = SURE | {"reward": mug.code, "quota": quota, "fallback": "nothing"}
    return opened(prize, RARE), mug


def test_a_reward_is_won_as_a_redemption_that_costs_nothing() -> None:
    draw, mug = mug_draw(stock=5, quota=2)
    assert left(mug) == 3  # the quota is set aside
    ada = rich(100)
    won = tried(ada, draw)
    order = Redemption.objects.get(id=won["redemption"])
    assert (order.points, order.state, order.terms) == (
        0,
        "approved",
        {"draw": "wheel", "number": 1},
    )
    sweep()
    order.refresh_from_db()
    assert order.state == "fulfilled"
    assert left(mug) == 3
    assert Account.objects.get(member=ada).available == 95
    assert_sound()


def test_what_is_out_falls_back_and_the_replay_knows() -> None:
    draw, mug = mug_draw(stock=5, quota=2)
    ada = rich(100)
    got = [tried(ada, draw) for _ in range(4)]
    assert Counter(one["prize"] for one in got) == {"sure": 2, "nothing": 2}
    assert {one["hit"] for one in got} == {"sure"}
    assert [one["prize"] for one in got] == ["sure", "sure", "nothing", "nothing"]
    [prize, _nothing] = seen(ada, f"{DRAWS}{draw.pk}/")["prizes"]
    assert (prize["quota"], prize["left"], prize["fallback"]) == (2, 0, "nothing")
    assert_sound()
    lead(days=3)
    assert left(mug) == 3
    assert "same list" in manage("replay_draw", "wheel")


def test_what_nobody_won_returns_to_the_stock() -> None:
    draw, mug = mug_draw(stock=5, quota=4)
    tried(rich(), draw)
    assert left(mug) == 1
    lead(days=3)
    assert left(mug) == 4
    kinds = StockMove.objects.filter(reward=mug).order_by("id").values_list("kind", "change")
    assert list(kinds) == [
        ("supplied", 5),
        ("set_aside", -4),
        ("freed", 1),
        ("taken", -1),
        ("freed", 3),
    ]
    assert_sound()


def test_a_stock_that_is_short_lowers_the_quota_and_somebody_is_told() -> None:
    mug = reward(stock=1)
    load(said(SURE | {"reward": mug.code, "quota": 3, "fallback": "nothing"}, RARE))
    assert lead().alarm == "Wheel: there is less than the quota of sure 1/3."
    draw = Draw.objects.get()
    got = [tried(rich(), draw)["prize"] for _ in range(3)]
    assert got == ["sure", "nothing", "nothing"]
    lead(days=3)
    assert "same list" in manage("replay_draw", "wheel")
    assert_sound()


def test_a_prize_without_an_end_takes_no_stock() -> None:
    draw, mug = mug_draw(stock=None, quota=2)
    services.set_stock(reward=mug.id, left=0, reason="", by=operator_id())
    won = tried(rich(), draw)
    assert Redemption.objects.get(id=won["redemption"]).took_stock is False
    assert_sound()


def operator_id() -> int:
    from django.contrib.auth.models import User  # noqa: PLC0415 - here alone

    made: int = User.objects.create_user("clerk").pk
    return made


def test_a_code_is_won_and_is_the_winners() -> None:
    pool = reward(kind="voucher", points=50, codes=3)
    prize = SURE | {"reward": pool.code, "quota": 2, "fallback": "nothing"}
    draw, ada = opened(prize, RARE), rich(100)
    assert_sound()
    won = tried(ada, draw)["redemption"]
    assert_sound()
    sweep()
    answer = signed_in(ada).get(f"/api/v1/redemptions/{won}/").json()
    assert answer["state"] == "fulfilled"
    assert answer["vouchers"][0]["code"].startswith("CODE-")
    assert_sound()


def test_goods_that_were_won_lapse_without_an_address_and_give_only_stock_back() -> None:
    draw, mug = mug_draw(stock=5, quota=5, kind="physical")
    ada = rich(100)
    tried(ada, draw)
    order = Redemption.objects.get()
    assert order.waits_until_at is not None
    sweep("lapse_redemptions")
    assert Redemption.objects.get().state == "approved"
    Redemption.objects.update(waits_until_at=timezone.now() - dt.timedelta(seconds=1))
    assert sweep("lapse_redemptions") == {"lapsed": 1}
    assert Redemption.objects.get().state == "lapsed"
    assert left(mug) == 1
    assert Account.objects.get(member=ada).available == 95
    assert_sound()


def test_goods_that_were_won_and_have_an_address_wait_for_nobody() -> None:
    draw, _mug = mug_draw(stock=5, quota=5, kind="physical")
    ada = rich(100)
    tried(ada, draw)
    order = Redemption.objects.get()
    from tests.rewards.support import ADDRESS  # noqa: PLC0415

    answer = signed_in(ada).put(
        f"/api/v1/redemptions/{order.id}/address/", ADDRESS, "application/json"
    )
    assert answer.status_code == 200
    order.refresh_from_db()
    assert order.waits_until_at is None
    services.ship(
        redemption=order.id,
        carrier="SF",
        tracking_number="1",
        by=operator_id(),
        now=timezone.now(),
    )
    order.refresh_from_db()
    assert order.state == "fulfilled"
    assert_sound()


def test_a_prize_can_be_cancelled_once_and_returns_its_stock_alone() -> None:
    draw, mug = mug_draw(stock=5, quota=5, kind="physical")
    ada = rich(100)
    tried(ada, draw)
    order = Redemption.objects.get()
    assert cancel(ada, order).status_code == 200
    assert cancel(ada, order).json()["code"] == "redemption_decided"
    assert left(mug) == 1
    assert Account.objects.get(member=ada).available == 95
    assert_sound()


def test_an_operator_takes_a_prize_back() -> None:
    draw, mug = mug_draw(stock=5, quota=5)
    ada = rich(100)
    tried(ada, draw)
    sweep()
    order = Redemption.objects.get()
    services.take_back(
        redemption=order.id,
        reason="a mistake",
        restock=True,
        by=operator_id(),
        now=timezone.now(),
    )
    assert Redemption.objects.get().state == "returned"
    assert left(mug) == 1
    assert Account.objects.get(member=ada).available == 95
    assert_sound()


def test_what_was_won_does_not_count_against_what_one_may_redeem() -> None:
    draw, mug = mug_draw(stock=5, quota=2, limit_lifetime=1)
    ada = rich(300)
    tried(ada, draw)
    assert redeem(ada, mug).status_code == 201
    assert redeem(ada, mug).json()["code"] == "limit_reached"


def test_a_redemption_that_was_not_won_is_not_free() -> None:
    draw, _mug = mug_draw(stock=5, quota=2)
    tried(rich(), draw)
    with pytest.raises(IntegrityError, match="costs_its_price"), transaction.atomic():
        Redemption.objects.update(is_prepaid=False)


# --- Planning -------------------------------------------------------------------------------------


def test_a_draw_follows_the_program_until_it_begins() -> None:
    load(said(starts_in=1))
    assert lead().planned == 1
    seed = Draw.objects.get().seed_digest
    assert lead().planned == 0
    assert Draw.objects.get().seed_digest == seed
    load(said(starts_in=1, points=7))
    assert lead().planned == 1
    assert Draw.objects.get().points == 7
    load()
    assert lead().planned == 0
    assert not Draw.objects.exists()


def test_a_draw_that_has_begun_stays_as_it_was_published() -> None:
    draw = opened()
    load(said(points=7))
    led = lead()
    assert led.alarm == "The draw wheel has begun: it stays as it was published."
    assert Draw.objects.get() == draw
    assert Draw.objects.get().points == 5
    load()
    lead(days=3)
    assert Draw.objects.get().state == DrawState.ENDED
    assert lead(days=3).planned == 0


def test_a_reward_that_does_not_exist_is_told_and_nothing_is_made() -> None:
    load(said(SURE | {"reward": "gone", "quota": 1, "fallback": "nothing"}, RARE))
    assert lead().alarm == "The draw wheel offers rewards that do not exist: gone."
    assert not Draw.objects.exists()


def test_a_draw_whose_time_is_over_is_not_planned() -> None:
    load(said(starts_in=-5, days=2))
    assert lead() == services.DrawsLed(0, 0, 0)


def test_states_never_go_back() -> None:
    draw = opened()
    for state in (DrawState.PLANNED, DrawState.OPEN):
        if state != draw.state:
            with pytest.raises(Exception, match="transition"), transaction.atomic():
                Draw.objects.update(state=state)


def test_a_prize_is_never_given_beyond_what_there_is() -> None:
    draw, _mug = mug_draw(stock=5, quota=2)
    with pytest.raises(IntegrityError, match="while_there_is_any"), transaction.atomic():
        DrawPrize.objects.filter(draw=draw, quota=2).update(given=3)


MUG = {"code": "mug", "weight": 1, "reward": "mug", "quota": 1, "fallback": "nothing"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"total": 99}, "wrong_total"),
        ({"prizes": [TEN | {"weight": 100}]}, "no_nothing"),
        ({"prizes": [NOTHING, TEN | {"code": "nothing"}]}, "repeated_code"),
        ({"prizes": [NOTHING | {"weight": 99}, MUG | {"quota": None}]}, "no_fallback"),
        (
            {"prizes": [NOTHING | {"weight": 99}, MUG | {"quota": None, "fallback": None}]},
            "no_quota",
        ),
        ({"prizes": [NOTHING | {"weight": 99}, MUG | {"fallback": "mug"}]}, "bad_fallback"),
        ({"prizes": [NOTHING | {"weight": 99}, MUG | {"fallback": "pen"}]}, "bad_fallback"),
        ({"prizes": [NOTHING | {"weight": 99}, MUG | {"points": 1}]}, "two_prizes"),
        ({"prizes": [NOTHING | {"weight": 0}]}, "greater_than_equal"),
        ({"prizes": [NOTHING | {"weight": 1.5}]}, "int_type"),
        ({"prizes": []}, "too_short"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_before_start"),
        ({"per_day": 0}, "greater_than_equal"),
        ({"points": -1}, "greater_than_equal"),
    ],
)
def test_a_draw_that_does_not_add_up_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DrawsSection.model_validate({"offered": [said() | change]})
    found = {error["type"] for error in refused.value.errors()}
    assert code in found, found


def test_a_draw_is_named_once() -> None:
    with pytest.raises(ValidationError, match="each draw once"):
        DrawsSection.model_validate({"offered": [said(), said()]})


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=8), st.text(max_size=70))
def test_every_number_hits_the_prize_that_the_docs_say(weights: list[int], seed: str) -> None:
    seed = seed.encode("utf-8", "ignore").decode()
    prizes = [{"code": str(place), "weight": weight} for place, weight in enumerate(weights)]
    for number in range(1, 20):
        assert str(hit(seed=seed, number=number, weights=weights)) == by_hand(seed, number, prizes)


def test_the_odds_are_those_that_are_stated() -> None:
    counted = Counter(
        hit(seed="0" * 64, number=number, weights=[600, 300, 100]) for number in range(20_000)
    )
    for place, share in enumerate((0.6, 0.3, 0.1)):
        # Five standard deviations of a binomial, of a seed that is fixed.
        spread = 5 * (20_000 * share * (1 - share)) ** 0.5
        assert abs(counted[place] - 20_000 * share) < spread


def test_the_lines_in_the_docs_check_a_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, ada = opened(NOTHING, TEN, points=0), rich(0)
    for _ in range(9):
        tried(ada, draw)
    lead(days=3)
    told = (settings.BASE_DIR / "docs" / "draws.md").read_text(encoding="utf-8")
    [lines] = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    shown = seen(ada, f"{DRAWS}{draw.pk}/")
    Path("draw.json").write_text(json.dumps(shown), encoding="utf-8")
    results = seen(ada, f"{DRAWS}{draw.pk}/results/?limit=100")
    Path("results.json").write_text(json.dumps(results), encoding="utf-8")
    exec(lines, {})  # noqa: S102 - what the docs tell members to run
    other = {"nothing": "ten", "ten": "nothing"}
    results["results"][3]["hit"] = other[results["results"][3]["hit"]]
    Path("results.json").write_text(json.dumps(results), encoding="utf-8")
    with pytest.raises(AssertionError):
        exec(lines, {})  # noqa: S102 - the same
