"""I1, I4, I11: what changes can be rebuilt from what never does."""

import datetime as dt
import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kit.errors import DomainError
from points import selectors, services
from points.models import (
    Account,
    Allocation,
    CapUsage,
    Entry,
    Hold,
    Level,
    Lot,
    PendingAward,
    Standing,
)
from tests.points.support import (
    NOON,
    act,
    assert_reconciled,
    dice,
    do,
    earn,
    load,
    member,
    pass_days,
)

pytestmark = pytest.mark.django_db


SLOW: dict[str, Any] = {
    "code": "slow",
    "action": "slow",
    "points": {"field": "amount"},
    "release": {"days": 2},
}


def first_waiting(of: int) -> list[str]:
    waiting = PendingAward.objects.filter(member=of, state="waiting").order_by("id")
    return list(waiting.values_list("reference", flat=True)[:1])


def hold(of: int, points: int, name: str, chance: random.Random) -> None:
    do(services.hold, member=of, points=points, reference=name)
    if chance.random() < 0.8:
        capture = chance.random() < 0.5
        act(of, "fine", amount=chance.randint(1, 60))
        do(services.capture if capture else services.release, reference=name)


def a_busy_month(seed: int) -> None:
    """Have some members do all there is to do, by chance."""
    chance = dice(seed)
    people = [member() for _ in range(6)]
    for number in range(150):
        who = chance.choice(people)
        references = list(
            Entry.objects.filter(member=who).values_list("reference", flat=True).order_by("id")
        )
        some = chance.choice(references) if references else "nothing"
        name = f"{seed}-{number}"
        move = chance.choice(
            [
                *("gift", "gift", "vote", "fine", "spend", "hold", "adjust", "undo", "refund"),
                *("slow", "slow", "settle"),
            ]
        )
        points = chance.randint(1, 30)
        try:
            match move:
                case "gift" | "vote" | "fine" | "slow":
                    at = NOON + dt.timedelta(days=chance.randint(-40, 40))
                    act(who, move, id=name, at=at, amount=points)
                case "spend":
                    do(services.spend, member=who, points=points, reference=name)
                case "hold":
                    hold(who, points, name, chance)
                case "adjust":
                    signed = chance.choice([points, -points])
                    do(services.adjust, member=who, points=signed, reference=name, reason="")
                case "refund":
                    do(services.refund, spent=some, points=points, reference=name)
                case "undo":
                    do(services.reverse, references=[some, *first_waiting(who)])
                case "settle":
                    later = timezone.now() + dt.timedelta(days=3)
                    do(services.release_due, now=later, limit=chance.randint(1, 3))
        except DomainError:
            continue


@pytest.fixture(params=["debt", "floor"])
def a_history(request: pytest.FixtureRequest) -> None:
    load(
        rules=[
            {"code": "gift", "action": "gift", "points": {"field": "amount"}},
            {"code": "vote", "action": "vote", "points": {"field": "amount"}, "caps": ["weekly"]},
            SLOW | {"caps": ["weekly"]},
            {"code": "fine", "action": "fine", "points": {"field": "amount", "times": -1}},
        ],
        caps=[{"code": "weekly", "limit": 50, "period": "week", "over": "partial"}],
        levels=[
            {"code": "base", "threshold": 0},
            {"code": "silver", "threshold": 60, "multiplier": "1.25"},
            {"code": "gold", "threshold": 200},
        ],
        overdraft=request.param,
    )
    a_busy_month(1)


def what_waits(used: Counter[tuple[int, int, str]]) -> Counter[int]:
    """Return what each member waits for, and count it against the caps."""
    pending: Counter[int] = Counter()
    for award in PendingAward.objects.filter(state="waiting"):
        pending[award.member_id] += award.points
        for cap in award.explanation.get("caps", ()):
            used[award.member_id, cap["id"], cap["from"]] += award.points
    return pending


def rebuilt() -> dict[str, Any]:
    """Go through the entries, oldest first, and through what paid for them."""
    net: Counter[int] = Counter()
    debt: Counter[int] = Counter()
    score: Counter[int] = Counter()
    granted: Counter[int] = Counter()
    standings: Counter[tuple[int, str, dt.date]] = Counter()
    used: Counter[tuple[int, int, str]] = Counter()
    by_id = {entry.id: entry for entry in Entry.objects.all()}
    for _number, entry in sorted(by_id.items()):
        who = entry.member_id
        net[who] += entry.points
        assert entry.net_after == net[who]
        debt[who] += entry.debt_moved
        if entry.points > 0:
            granted[who] += entry.points + entry.debt_moved
        earned = entry if entry.kind == "earned" else by_id.get(entry.reverses_id or 0)
        if earned and earned.kind == "earned":
            day = earned.occurred_on
            score[who] += entry.points
            for period, start in {
                "week": day - dt.timedelta(days=day.weekday()),
                "month": day.replace(day=1),
                "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
                "year": day.replace(month=1, day=1),
            }.items():
                standings[who, period, start] += entry.points
            for cap in earned.explanation.get("caps", ()):
                used[who, cap["id"], cap["from"]] += entry.points
    pending = what_waits(used)
    paid: Counter[int] = Counter()
    held: Counter[int] = Counter()
    holds = {hold.id: hold for hold in Hold.objects.all()}
    for one in Allocation.objects.select_related("lot"):
        who = one.lot.member_id
        hold = holds.get(one.hold_id or 0)
        if one.entry_id:
            paid[who] += one.points
        elif hold and hold.state == "held":
            held[who] += one.points
        elif hold and hold.state == "released":
            paid[who] += one.points - one.returned
            debt[who] -= one.points - one.returned
    remaining = {who: granted[who] - paid[who] for who in net}
    return {
        "available": {who: remaining[who] - held[who] for who in net},
        "held": {who: held[who] for who in net},
        "debt": {who: debt[who] for who in net},
        "pending": {who: pending[who] for who in net},
        "lifetime": {who: score[who] for who in net},
        "level": {who: _level(score[who]) for who in net},
        "remaining": remaining,
        "standings": standings,
        "used": used,
    }


def _level(lifetime: int) -> str:
    return "gold" if lifetime >= 200 else "silver" if lifetime >= 60 else "base"


@pytest.mark.usefixtures("a_history")
def test_all_totals_can_be_rebuilt_from_the_entries() -> None:
    accounts = list(
        Account.objects.select_related("level").filter(member__in=Entry.objects.values("member"))
    )
    remaining: defaultdict[int, int] = defaultdict(int)
    for lot in Lot.objects.all():
        remaining[lot.member_id] += lot.remaining
    live = {
        "available": {one.member_id: one.available for one in accounts},
        "held": {one.member_id: one.held for one in accounts},
        "debt": {one.member_id: one.debt for one in accounts},
        "pending": {one.member_id: one.pending for one in accounts},
        "lifetime": {one.member_id: one.lifetime for one in accounts},
        "level": {one.member_id: one.level.code if one.level else "" for one in accounts},
        "remaining": dict(remaining),
        "standings": Counter(
            {(s.member_id, s.period, s.starts_on): s.points for s in Standing.objects.all()}
        ),
        "used": Counter(
            {
                (one.member_id, one.cap_id, one.starts_on.isoformat()): one.used
                for one in CapUsage.objects.all()
            }
        ),
    }
    assert live == rebuilt()
    assert {*PendingAward.objects.values_list("state", flat=True)} == {
        *("waiting", "released", "dropped")
    }
    assert_reconciled()


# --- The proof itself is proven: reconcile finds what is wrong -----------------------------------

WRONG = {
    "net points against the entries": "UPDATE points_account SET available = available + 1",
    "debt against the entries": "UPDATE points_account SET available = 0, debt = debt + 1",
    "lots against available and held points": (
        "UPDATE points_lot SET granted = granted + 1, remaining = remaining + 1"
    ),
    "held points against the lots": "UPDATE points_account SET held = held + 1",
    "held points against the open holds": (
        "UPDATE points_hold SET state = 'released', resolved_at = now()"
    ),
    "lifetime points against the entries": "UPDATE points_account SET lifetime = lifetime + 1",
    "levels against lifetime points and the ladder": "UPDATE points_account SET level_id = NULL",
    "standings against the entries": "UPDATE points_standing SET points = points + 1",
    "use of caps against the entries": "UPDATE points_capusage SET used = used - 1",
    "pending points against the waiting awards": "UPDATE points_account SET pending = pending - 1",
}


@pytest.fixture
def one_of_each() -> None:
    load(
        rules=[
            {"code": "gift", "action": "gift", "points": {"field": "amount"}, "caps": ["weekly"]},
            SLOW | {"caps": ["weekly"]},
            {"code": "fine", "action": "fine", "points": {"field": "amount", "times": -1}},
        ],
        caps=[{"code": "weekly", "limit": 500, "period": "week", "over": "partial"}],
        levels=[{"code": "base", "threshold": 0}],
    )
    who = member()
    earn(who, 50)
    act(who, "slow", amount=7)
    do(services.hold, member=who, points=20, reference="h")


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("check", list(WRONG))
def test_reconcile_finds_what_is_wrong(check: str) -> None:
    assert_reconciled()
    with connection.cursor() as cursor:
        cursor.execute(WRONG[check])
    found = selectors.reconcile()
    assert check in {one.check for one in found.differences}


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize(
    "table", ["points_account", "points_standing", "points_capusage", "points_lot"]
)
def test_reconcile_finds_what_is_missing(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM points_allocation")
        cursor.execute(f"DELETE FROM {table}")
    assert not selectors.reconcile().is_clean


def test_every_check_of_reconcile_is_proven() -> None:
    load()
    assert set(selectors.reconcile().checks) == set(WRONG)


@pytest.mark.usefixtures("one_of_each")
def test_reconcile_stays_clean_when_the_ladder_changes() -> None:
    load(levels=[{"code": "low", "threshold": 10}, {"code": "high", "threshold": 40}])
    assert Account.objects.get().level == Level.objects.get(code="high")
    assert_reconciled()


def test_lapsed_lots_are_part_of_what_is_reconciled() -> None:
    load(expiry={"days": 1})
    who = member()
    earn(who, 10)
    pass_days(3, of=who)
    assert_reconciled()
    act(who, "fine", amount=1)
    assert_reconciled()
