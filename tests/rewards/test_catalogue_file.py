"""The catalogue in the program file."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from points.errors import BadProgramFile
from points.program_file import parse, render
from points.selectors import program_file
from points.services import load_program
from rewards import services
from rewards.models import Price, Reward, Stock, StockMove
from tests.rewards.support import reward

pytestmark = pytest.mark.django_db

LEVELS = "levels: [{code: low, name: Low, threshold: 0}, {code: top, name: Top, threshold: 50}]\n"
SEGMENTS = "segments: [{code: old, name: Old, when: {field: joined_days, gte: 9}}]\n"
MUG = "{code: mug, name: Mug, kind: physical, points: 120, first_stock: 25}"
FULL = f"""{LEVELS}{SEGMENTS}
rewards:
  - {MUG}
  - code: pass
    name: "瑜伽课 Yoga"
    kind: event_pass
    points: 80
    prices: {{top: 60}}
    description: "Bring a mat: one.\\nThen rest."
    position: 3
    is_active: false
    cash: "9.90"
    currency: EUR
    needs_approval: true
    must_be_claimed: true
    visible_from_at: 2026-01-01T08:00:00+08:00
    visible_until_at: 2026-12-31T00:00:00Z
    redeemable_from_at: 2026-02-01T00:00:00Z
    redeemable_until_at: 2026-11-30T00:00:00Z
    level: low
    segment: old
    joined_days: 7
    most_at_once: 2
    limit_day: 1
    limit_quarter: 2
    limit_lifetime: 3
    low_stock: 4
  - {{code: tea, name: Tea, kind: voucher, points: 40, is_instant: true}}
"""


def load(text: str, *, dry_run: bool = False) -> list[Any]:
    changes = load_program(source=parse(content=text.encode()), dry_run=dry_run).changes
    return [(one.section, one.kind, one.code) for one in changes if one.section == "rewards"]


def refused(text: str) -> str:
    with pytest.raises(BadProgramFile) as found:
        load(text)
    return "\n".join(map(str, found.value.errors))


def left(code: str) -> int | None:
    return Stock.objects.get(reward__code=code).left


def catalogue() -> list[dict[str, Any]]:
    """Everything that the catalogue's rows say, but for when they were made."""
    rows: list[dict[str, Any]] = [dict(row) for row in Reward.objects.order_by("code").values()]
    for row in rows:
        prices = Price.objects.filter(reward=row.pop("id")).order_by("level")
        row["prices"] = list(prices.values_list("level", "points"))
        row["left"] = left(row["code"])
        del row["created_at"]
    return rows


def test_a_file_makes_the_catalogue() -> None:
    assert load(FULL) == [("rewards", "new", code) for code in ("mug", "pass", "tea")]
    yoga = Reward.objects.get(code="pass")
    assert (yoga.name, yoga.kind, yoga.cash) == ("瑜伽课 Yoga", "event_pass", Decimal("9.90"))
    assert yoga.visible_from_at == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert dict(yoga.prices.values_list("level", "points")) == {"top": 60}
    assert (left("mug"), left("pass"), left("tea")) == (25, None, 0)
    [move] = StockMove.objects.all()
    assert (move.change, move.by_id) == (25, None)


def test_the_same_file_again_and_what_is_written_change_nothing() -> None:
    load(FULL)
    before = catalogue()
    assert load(FULL) == []
    written = render(program_file())
    assert load(written) == []
    assert catalogue() == before


def test_what_is_written_makes_the_same_catalogue_elsewhere() -> None:
    empty = transaction.savepoint()
    load(FULL)
    before, written = catalogue(), render(program_file())
    transaction.savepoint_rollback(empty)
    assert catalogue() == []
    load(written)
    assert catalogue() == before
    assert render(program_file()) == written


def test_a_reward_becomes_what_the_file_says_and_its_count_stays() -> None:
    load(FULL)
    mug = Reward.objects.get(code="mug")
    services.stock.count(reward=mug.id, left=7, reason="counted", by=None)
    changed = MUG.replace("points: 120", "points: 100, prices: {top: 90}")
    assert load(f"{LEVELS}rewards: [{changed}]") == [("rewards", "changed", "mug")]
    again = Reward.objects.get(code="mug")
    assert (again.id, again.points, left("mug")) == (mug.id, 100, 7)
    assert dict(again.prices.values_list("level", "points")) == {"top": 90}


def test_what_a_file_leaves_out_stays() -> None:
    load(FULL)
    reward(code="by-hand")
    before = catalogue()
    assert load(LEVELS) == []
    assert load(f"{LEVELS}rewards: []") == []
    assert load(f"{LEVELS}rewards: [{MUG}]") == []
    assert catalogue() == before


def test_a_dry_run_tells_and_changes_nothing() -> None:
    assert load(FULL, dry_run=True) == [("rewards", "new", code) for code in ("mug", "pass", "tea")]
    assert catalogue() == []


def test_a_code_that_an_operator_chose_is_written_so_that_it_loads() -> None:
    reward(code="奶茶 #1: {hot}", name="yes", description='"quoted"\\ \t # not a comment')
    before = catalogue()
    assert load(render(program_file())) == []
    assert catalogue() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MUG.replace("points: 120", "points: 0"), "rewards[0].points: should be at least 1"),
        (MUG.replace("points", "pionts"), "rewards[0].pionts: unknown field (did you mean points?"),
        (MUG.replace("physical", "goods"), "rewards[0].kind: should be one of voucher, physical"),
        (MUG.replace("first_stock: 25", "cash: 9.9"), "rewards[0].cash: should be an amount in"),
        (MUG.replace("physical", "voucher"), "rewards[0]: should have no first_stock"),
        (f"{MUG}, {MUG}", "rewards[1].code: is the code of rewards[0] already"),
        (MUG.replace("25", "25, level: hgih"), "rewards[0].level: There is no level hgih."),
        (MUG.replace("25", "25, segment: x"), "rewards[0].segment: There is no segment x."),
        (MUG.replace("25", "25, prices: {x: 1}"), "rewards[0].prices: There is no level x."),
        (MUG.replace("25", "25, is_instant: true"), "rewards[0].is_instant: What is handed out at"),
        (
            MUG.replace(
                "25",
                "25, visible_from_at: 2026-02-01T00:00:00Z, visible_until_at: 2026-01-01T00:00:00Z",
            ),
            "rewards[0].visible_until_at: This ends before it begins.",
        ),
    ],
)
def test_a_bad_reward_is_told_with_its_place_and_changes_nothing(text: str, said: str) -> None:
    assert said in refused(f"{LEVELS}rewards: [{text}]")
    assert catalogue() == []


def test_a_kind_stays_and_a_dry_run_says_so_too() -> None:
    load(FULL)
    before = catalogue()
    other = f"{LEVELS}rewards: [{MUG.replace('physical', 'service')}]"
    assert "rewards[0].kind: A reward keeps its kind" in refused(other)
    with pytest.raises(BadProgramFile):
        load(other, dry_run=True)
    assert catalogue() == before
