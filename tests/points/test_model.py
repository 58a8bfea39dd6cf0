"""I1, I3, I4, I5, I6, I7, I9, I11: the services against a plain model of a member's points.

The model is written from what the services promise and shares no code with them: a member is a
list of lots and a few numbers.
"""

import datetime as dt
import itertools
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from points import services
from points.errors import HoldResolved, InsufficientPoints, RefundTooLarge
from points.models import CapUsage, Lot, PendingAward, Standing
from tests.depth import examples
from tests.points.support import act, assert_reconciled, do, load, member, pass_days, shown

Day = dt.date
DAY = dt.timedelta(days=1)
EXPIRY_DAYS = 5
REVIVE_DAYS = 3
LADDER = [("base", 0, Fraction(1)), ("silver", 60, Fraction("1.5")), ("gold", 150, Fraction(2))]
CAPS = {"daily": (25, "partial"), "weekly": (60, "none")}
DAYS = [dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC) for day in (29, 30, 31)] + [
    dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
]
RULES: list[dict[str, Any]] = [
    {"code": "gift", "action": "gift", "points": {"field": "amount"}},
    {"code": "vote", "action": "vote", "points": {"field": "amount"}, "caps": ["daily"]},
    {"code": "talk", "action": "talk", "points": {"field": "amount"}, "caps": ["daily", "weekly"]},
    {"code": "fine", "action": "fine", "points": {"field": "amount", "times": -1}},
    *(
        {
            "code": code,
            "action": code,
            "points": {"field": "amount"},
            "caps": ["daily"],
            "release": release,
        }
        for code, release in [("slow", {"days": 2}), ("jury", "decision")]
    ),
]
numbers = itertools.count(1)


@dataclass(eq=False)
class PlainLot:
    lapses_on: Day | None
    remaining: int = 0
    held: int = 0


@dataclass(eq=False)
class Paid:
    lot: PlainLot
    points: int
    back: int = 0


@dataclass(eq=False)
class Movement:
    """What can still be taken back: its sign, its payments, and what else moved with it."""

    reference: str
    kind: str
    points: int
    paid: list[Paid] = field(default_factory=list)
    lapses_on: Day | None = None
    day: Day = Day.min
    caps: tuple[str, ...] = ()
    back: int = 0
    reversed: bool = False


@dataclass
class Plain:
    """A member, in a few lines of arithmetic."""

    today: Day
    expires: bool
    revives: bool
    floor: bool
    held: int = 0
    debt: int = 0
    lifetime: int = 0
    lots: list[PlainLot] = field(default_factory=list)
    standings: Counter[tuple[str, Day]] = field(default_factory=Counter)
    used: Counter[tuple[str, Day]] = field(default_factory=Counter)
    waiting: dict[str, tuple[int, Day]] = field(default_factory=dict)

    def is_live(self, lot: PlainLot) -> bool:
        return lot.lapses_on is None or lot.lapses_on > self.today

    @property
    def live(self) -> list[PlainLot]:
        return sorted(filter(self.is_live, self.lots), key=lambda lot: lot.lapses_on or Day.max)

    def lapsed_of(self, points: int, lots: list[PlainLot]) -> int:
        """Return how much of a grant into these lots has lapsed, and forget that much."""
        gone = 0
        for lot in lots:
            if not self.is_live(lot):
                gone = min(points, lot.remaining - lot.held)
                lot.remaining -= gone
        return gone

    @property
    def available(self) -> int:
        return sum(lot.remaining - lot.held for lot in self.live)

    @property
    def level(self) -> tuple[str, Fraction]:
        return [(code, times) for code, least, times in LADDER if self.lifetime >= least][-1]

    @property
    def next_lapse(self) -> Day | None:
        return self.today + (EXPIRY_DAYS + 1) * DAY if self.expires else None

    def lot(self, lapses_on: Day | None) -> PlainLot:
        for lot in self.lots:
            if lot.lapses_on == lapses_on:
                return lot
        self.lots.append(PlainLot(lapses_on))
        return self.lots[-1]

    def add(self, points: int, backs: list[tuple[PlainLot, int]] = []) -> None:  # noqa: B006 - read only
        repaid = min(points, self.debt)
        self.debt -= repaid
        rest = points - repaid
        for lot, owed in backs:
            part = min(rest, owed)
            rest -= part
            if self.is_live(lot) or not self.revives:
                lot.remaining += part
            elif part:
                self.lot(self.today + (REVIVE_DAYS + 1) * DAY).remaining += part
        if rest:
            self.lot(self.next_lapse).remaining += rest

    def take(self, points: int, first: list[PlainLot] = []) -> list[Paid]:  # noqa: B006 - read only
        paid = []
        for lot in [lot for lot in first if self.is_live(lot)] + self.live:
            part = min(points, lot.remaining - lot.held)
            if part:
                lot.remaining -= part
                points -= part
                paid.append(Paid(lot, part))
        self.debt += points
        return paid

    def count(self, points: int, day: Day, caps: tuple[str, ...]) -> None:
        self.lifetime += points
        starts = {
            "week": day - day.weekday() * DAY,
            "month": day.replace(day=1),
            "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
            "year": day.replace(month=1, day=1),
        }
        for period, start in starts.items():
            self.standings[period, start] += points
        self.use(points, day, caps)

    def use(self, points: int, day: Day, caps: tuple[str, ...]) -> None:
        for cap in caps:
            self.used[cap, self.cap_start(cap, day)] += points

    @staticmethod
    def cap_start(cap: str, day: Day) -> Day:
        return day if cap == "daily" else day - day.weekday() * DAY

    def granted(self, amount: int, day: Day, caps: tuple[str, ...]) -> int:
        points = int(amount * self.level[1])
        for cap in caps:
            limit, over = CAPS[cap]
            room = limit - self.used[cap, self.cap_start(cap, day)]
            if points > room:
                points = room if over == "partial" else 0
        return points


amounts = st.integers(1, 40)
few = st.integers(0, 100)


class AMember(RuleBasedStateMachine):
    """One member's life in points."""

    steps: ClassVar[int] = 0

    @initialize(expires=st.booleans(), revives=st.booleans(), floor=st.booleans())
    def begin(self, expires: bool, revives: bool, floor: bool) -> None:
        expiry: dict[str, Any] = {"days": EXPIRY_DAYS} if expires else {"policy": "never"}
        load(
            rules=RULES,
            caps=[
                {"code": code, "limit": limit, "period": period, "over": over}
                for (code, (limit, over)), period in zip(CAPS.items(), ("day", "week"), strict=True)
            ],
            levels=[
                {"code": code, "threshold": least, "multiplier": str(float(times))}
                for code, least, times in LADDER
            ],
            expiry=expiry | {"revive_days": REVIVE_DAYS if revives else 0},
            overdraft="floor" if floor else "debt",
        )
        self.who = member()
        self.operator = User.objects.create(username=self.name()).pk
        # Stands still: what passes is the age of the lots.
        self.now = timezone.now()
        self.plain = Plain(self.now.date(), expires, revives, floor)
        self.moved: list[Movement] = []
        self.holds: dict[str, list[Paid]] = {}
        self.resolved: dict[str, str] = {}

    def name(self) -> str:
        return f"reference-{next(numbers)}"

    def do(self, service: Any, **said: Any) -> Any:
        return do(service, now=self.now, **said)

    @rule(
        action=st.sampled_from(["gift", "vote", "vote", "talk"]),
        amount=amounts,
        at=st.sampled_from(DAYS),
    )
    def earns(self, action: str, amount: int, at: dt.datetime) -> None:
        caps = {"vote": ("daily",), "talk": ("daily", "weekly")}.get(action, ())
        activity = self.name()
        (decision,) = act(self.who, action, id=activity, at=at, amount=amount)
        points = self.plain.granted(amount, at.date(), caps)
        assert decision.points == points
        if points:
            self.plain.add(points)
            self.plain.count(points, at.date(), caps)
            self.moved.append(
                Movement(
                    f"award:{action}:{activity}",
                    "earned",
                    points,
                    lapses_on=self.plain.next_lapse,
                    day=at.date(),
                    caps=caps,
                )
            )

    @rule(action=st.sampled_from(["slow", "jury"]), amount=amounts, at=st.sampled_from(DAYS))
    def waits(self, action: str, amount: int, at: dt.datetime) -> None:
        activity = self.name()
        (decision,) = act(self.who, action, id=activity, at=at, amount=amount)
        points = self.plain.granted(amount, at.date(), ("daily",))
        assert decision.points == points
        if points:
            self.plain.use(points, at.date(), ("daily",))
            self.plain.waiting[f"award:{action}:{activity}"] = (points, at.date())

    @precondition(lambda self: self.plain.waiting)
    @rule(which=few, settle=st.sampled_from(["release", "drop", "reverse"]))
    def is_settled(self, which: int, settle: str) -> None:
        name = list(self.plain.waiting)[which % len(self.plain.waiting)]
        award = PendingAward.objects.get(reference=name)
        said: dict[str, Any] = {"awards": [award.id], "by": self.operator}
        if settle == "release":
            assert services.release_awards(now=self.now, **said) == 1
            self.is_released(name)
            return
        points, day = self.plain.waiting.pop(name)
        self.plain.use(-points, day, ("daily",))
        if settle == "drop":
            assert services.drop_awards(reason="no", now=self.now, **said) == 1
        else:
            assert self.do(services.reverse, references=[name]) == []

    def is_released(self, name: str) -> None:
        """They come as points that are earned now, for the day on which they were granted."""
        points, day = self.plain.waiting.pop(name)
        self.plain.add(points)
        self.plain.count(points, day, ())
        lapses_on = self.plain.next_lapse
        self.moved.append(
            Movement(name, "earned", points, lapses_on=lapses_on, day=day, caps=("daily",))
        )

    @precondition(lambda self: any(name.startswith("award:slow") for name in self.plain.waiting))
    @rule()
    def is_swept(self) -> None:
        dated = [name for name in self.plain.waiting if name.startswith("award:slow")]
        own = PendingAward.objects.filter(member=self.who, state="waiting")
        own.filter(release_at__gt=self.now).update(release_at=self.now)
        assert self.do(services.release_due).released == len(dated)
        for name in dated:
            self.is_released(name)

    @rule(amount=amounts)
    def is_fined(self, amount: int) -> None:
        activity = self.name()
        (decision,) = act(self.who, "fine", id=activity, amount=amount)
        taken = min(amount, self.plain.available) if self.plain.floor else amount
        assert decision.points == -taken
        if taken:
            paid = self.plain.take(taken)
            self.moved.append(Movement(f"award:fine:{activity}", "deducted", -taken, paid))

    @rule(points=amounts)
    def spends(self, points: int) -> None:
        name = self.name()
        if points > self.plain.available:
            with pytest.raises(InsufficientPoints):
                self.do(services.spend, member=self.who, points=points, reference=name)
            return
        entry = self.do(services.spend, member=self.who, points=points, reference=name)
        assert entry.points == -points
        self.moved.append(Movement(name, "spent", -points, self.plain.take(points)))

    @rule(points=st.integers(-40, 40).filter(bool))
    def is_adjusted(self, points: int) -> None:
        name = self.name()
        said = {"member": self.who, "points": points, "reference": name, "reason": "by hand"}
        if points > 0:
            self.do(services.adjust, **said)
            self.plain.add(points)
            self.moved.append(Movement(name, "adjusted", points, lapses_on=self.plain.next_lapse))
            return
        taken = min(-points, self.plain.available) if self.plain.floor else -points
        if not taken:
            with pytest.raises(InsufficientPoints):
                self.do(services.adjust, **said)
            return
        assert self.do(services.adjust, **said).points == -taken
        self.moved.append(Movement(name, "adjusted", -taken, self.plain.take(taken)))

    @rule(points=amounts)
    def sets_aside(self, points: int) -> None:
        name = self.name()
        if points > self.plain.available:
            with pytest.raises(InsufficientPoints):
                self.do(services.hold, member=self.who, points=points, reference=name)
            return
        self.do(services.hold, member=self.who, points=points, reference=name)
        paid = []
        for lot in self.plain.live:
            part = min(points, lot.remaining - lot.held)
            if part:
                lot.held += part
                points -= part
                paid.append(Paid(lot, part))
        self.holds[name] = paid
        self.plain.held += sum(one.points for one in paid)

    @precondition(lambda self: self.holds)
    @rule(which=few, capture=st.booleans())
    def resolves(self, which: int, capture: bool) -> None:
        name = list(self.holds)[which % len(self.holds)]
        paid = self.holds.pop(name)
        points = sum(one.points for one in paid)
        for one in paid:
            one.lot.held -= one.points
            one.lot.remaining -= one.points
        self.plain.held -= points
        self.resolved[name] = "captured" if capture else "released"
        if capture:
            assert self.do(services.capture, reference=name).points == -points
            self.moved.append(Movement(f"hold:{name}", "spent", -points, paid))
        else:
            self.do(services.release, reference=name)
            self.plain.add(points, [(one.lot, one.points) for one in reversed(paid)])

    @precondition(lambda self: self.resolved)
    @rule(which=few, capture=st.booleans())
    def resolves_again(self, which: int, capture: bool) -> None:
        name = list(self.resolved)[which % len(self.resolved)]
        service = services.capture if capture else services.release
        if (self.resolved[name] == "captured") is capture:
            self.do(service, reference=name)
        else:
            with pytest.raises(HoldResolved):
                self.do(service, reference=name)

    @precondition(lambda self: any(one.kind == "spent" for one in self.moved))
    @rule(which=few, points=amounts)
    def is_refunded(self, which: int, points: int) -> None:
        spent = [one for one in self.moved if one.kind == "spent"]
        one = spent[which % len(spent)]
        name = self.name()
        said = {"spent": one.reference, "points": points, "reference": name}
        if points > -one.points - one.back:
            with pytest.raises(RefundTooLarge):
                self.do(services.refund, **said)
            return
        assert self.do(services.refund, **said).points == points
        self.comes_back(one, points)

    def comes_back(self, one: Movement, points: int) -> None:
        """Newest payment first; what nobody paid is granted anew."""
        backs = []
        left = points
        for paid in reversed(one.paid):
            part = min(left, paid.points - paid.back)
            paid.back += part
            left -= part
            backs.append((paid.lot, part))
        one.back += points
        self.plain.add(points, backs)

    @precondition(lambda self: self.moved)
    @rule(which=few)
    def is_reversed(self, which: int) -> None:
        one = self.moved[which % len(self.moved)]
        made = self.do(services.reverse, references=[one.reference])
        if one.reversed:
            assert len(made) == 1
            return
        if one.points < 0:
            rest = -one.points - one.back
            assert [entry.points for entry in made] == [rest][: bool(rest)]
            one.reversed = bool(rest)
            self.comes_back(one, rest)
            return
        one.reversed = True
        own = [lot for lot in self.plain.lots if lot.lapses_on == one.lapses_on]
        debt = self.plain.debt
        lapsed = self.plain.lapsed_of(one.points, own)
        self.plain.take(one.points - lapsed, own)
        if self.plain.floor:
            self.plain.debt = debt
        if one.kind == "earned":
            self.plain.count(-one.points, one.day, one.caps)

    @precondition(lambda self: self.plain.expires)
    @rule(days=st.integers(1, 4))
    def time_passes(self, days: int) -> None:
        pass_days(days, of=self.who)
        everything: list[PlainLot | Movement] = [*self.plain.lots, *self.moved]
        for dated in everything:
            if dated.lapses_on:
                dated.lapses_on -= days * DAY

    @invariant()
    def tells_what_the_model_tells(self) -> None:
        AMember.steps += 1
        plain, account = self.plain, shown(self.who)
        assert (account.available, account.held, account.debt, account.lifetime) == (
            plain.available,
            plain.held,
            plain.debt,
            plain.lifetime,
        )
        assert account.pending == sum(points for points, _day in plain.waiting.values())
        if account.lifetime or account.net:
            assert account.level == plain.level[0]

    @invariant()
    def keeps_what_the_model_keeps(self) -> None:
        plain = self.plain
        lots = {
            lot.expires_at and lot.expires_at.date(): (lot.remaining, lot.held)
            for lot in Lot.objects.filter(member=self.who)
            if lot.expires_at is None or lot.expires_at > self.now
        }
        assert {day: both for day, both in lots.items() if any(both)} == {
            lot.lapses_on: (lot.remaining, lot.held) for lot in plain.live if lot.remaining
        }
        standings = Standing.objects.filter(member=self.who)
        assert {(one.period, one.starts_on): one.points for one in standings} == plain.standings
        used = CapUsage.objects.filter(member=self.who).select_related("cap")
        assert {(one.cap.code, one.starts_on): one.used for one in used if one.used} == {
            key: points for key, points in plain.used.items() if points
        }

    def teardown(self) -> None:
        assert_reconciled()


@pytest.mark.django_db
def test_the_services_do_what_the_model_says() -> None:
    AMember.steps = 0
    run_state_machine_as_test(
        AMember,
        settings=settings(
            max_examples=examples(30),
            stateful_step_count=40,
            deadline=None,
            derandomize=True,  # the same steps in every run
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert AMember.steps >= examples(1_000)
