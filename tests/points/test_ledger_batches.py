"""One door: a batch gives what its activities give one by one, in as many statements as one."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.services import ActivityIn, intake
from members.models import Member
from points import ledger, selectors, services
from points.book import Source
from points.models import CapUsage, Entry, Lot, Standing
from points.services import Fact
from tests.depth import examples
from tests.points.support import NOON, assert_reconciled, do, load, member, pass_days, shown

pytestmark = pytest.mark.django_db

PROGRAM: dict[str, Any] = {
    "rules": [
        {"code": "gift", "action": "gift", "points": {"field": "amount"}},
        {"code": "bonus", "action": "gift", "points": 2, "caps": ["daily"]},
        {"code": "vote", "action": "vote", "points": {"field": "amount"}, "caps": ["daily"]},
        {
            "code": "talk",
            "action": "talk",
            "points": {"field": "amount"},
            "caps": ["daily", "weekly"],
        },
        {"code": "fine", "action": "fine", "points": {"field": "amount", "times": -1}},
    ],
    "caps": [
        {"code": "daily", "limit": 25, "period": "day", "over": "partial"},
        {"code": "weekly", "limit": 40, "period": "week", "over": "none"},
    ],
    "levels": [
        {"code": "base", "threshold": 0},
        {"code": "silver", "threshold": 50, "multiplier": "1.5"},
        {"code": "gold", "threshold": 120, "multiplier": "2.25"},
    ],
}

activities = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["gift", "vote", "talk", "fine", "fine"]),
        st.integers(0, 40),
        st.integers(0, 2),
    ),
    max_size=25,
)


def life_of(of: int, tag: str) -> dict[str, Any]:
    """Return everything that is kept of a member, without what numbers the rows."""
    entries = Entry.objects.filter(member=of).order_by("id")
    return {
        "account": dataclasses.replace(shown(of), member=0, external_id=""),
        "entries": [
            (
                entry.kind,
                entry.points,
                entry.net_after,
                entry.debt_moved,
                entry.expires_at,
                entry.reference.replace(tag, "").split(":" if entry.kind == "expired" else "#")[0],
                entry.explanation,
                sorted(entry.allocation_set.values_list("lot__expires_at", "points")),
            )
            for entry in entries
        ],
        "lots": set(
            Lot.objects.filter(member=of).values_list("expires_at", "granted", "remaining")
        ),
        "standings": set(
            Standing.objects.filter(member=of).values_list(
                "period", "starts_on", "points", "reached_at"
            )
        ),
        "caps": set(
            CapUsage.objects.filter(member=of).values_list("cap__code", "starts_on", "used")
        ),
    }


@given(batch=activities, floor=st.booleans(), lapsed=st.booleans())
@settings(
    max_examples=examples(30),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_a_batch_gives_what_its_activities_one_by_one_give(
    batch: list[tuple[int, str, int, int]], floor: bool, lapsed: bool
) -> None:
    load(**PROGRAM, expiry={"days": 5}, overdraft="floor" if floor else "debt")
    now = timezone.now()
    lives: list[Any] = []
    for _way in ("together", "alone"):
        people = [member() for _ in range(3)]
        tag = f"{people[0]}-"
        for number, who in enumerate(people):
            name = f"{tag}{number}"
            do(services.adjust, member=who, points=30, reference=name, reason="", now=now)
            if lapsed:
                pass_days(6, of=who)
        facts = [
            Fact(
                f"{tag}{number}",
                action,
                people[which],
                NOON + dt.timedelta(days=days),
                {"amount": amount},
            )
            for number, (which, action, amount, days) in enumerate(batch)
        ]
        batches = [[fact] for fact in facts] if lives else [facts]
        told = [
            [(one.rule, one.points, one.story) for one in decisions]
            for some in batches
            for decisions in do(services.award, facts=some, now=now)
        ]
        lives.append((told, [life_of(who, tag) for who in people]))
    assert lives[0] == lives[1]
    assert_reconciled()


# --- A constant number of statements ------------------------------------------------------------


def statements(what: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        what()
    return len([one for one in asked if "SAVEPOINT" not in one["sql"]])


def newcomers(size: int) -> list[Member]:
    return Member.objects.bulk_create(
        Member(external_id=f"{size}-{number}", joined_at=NOON) for number in range(size)
    )


def facts_of(people: list[Member], name: str) -> list[Fact]:
    return [
        Fact(f"{name}-{one.external_id}-{action}", action, one.id, NOON, {"amount": 30})
        for one in people
        for action in ("gift", "vote", "talk", "fine")
    ]


@pytest.mark.parametrize("known", [False, True], ids=["new members", "members with accounts"])
def test_an_award_takes_as_many_statements_for_a_thousand_as_for_one(known: bool) -> None:
    load(**PROGRAM)
    selectors.program()  # remembered from here on
    counts = []
    for size in (1, 1000):
        people = newcomers(size)
        if known:
            do(services.award, facts=facts_of(people, "before"))
        facts = facts_of(people, "now")
        counts.append(statements(functools.partial(do, services.award, facts=facts)))
        assert shown(people[-1].id).lifetime
    assert counts[0] == counts[1] <= (4 if known else 6)
    assert_reconciled()


def test_an_intake_takes_as_many_statements_for_a_thousand_as_for_one() -> None:
    load(**PROGRAM)
    selectors.program()  # remembered from here on
    counts = []
    for size in (1, 1000):
        items = [
            ActivityIn(one.external_id, "vote", one.external_id, NOON, {"amount": 7})
            for one in newcomers(size)
        ]
        taking = functools.partial(intake, items=items, now=timezone.now())
        counts.append((statements(taking), statements(taking)))
    assert counts[0] == counts[1]
    assert_reconciled()


# --- Levels (I11) -------------------------------------------------------------------------------


def test_a_jump_over_two_levels_in_one_batch_reaches_both() -> None:
    load(**PROGRAM)
    who = member()

    def post(points: list[int], name: str) -> list[str]:
        program = selectors.program(posting=True)
        book = ledger.open_book(program=program, members=[who])
        for number, some in enumerate(points):
            source = Source(f"{name}{number}", NOON, NOON.date())
            book.earn(book.accounts[who], some, source=source, expires_at=None)
        posting = ledger.post(book, program=program)
        return [level.code for level in posting.levels_reached.get(who, [])]

    assert post([49], "first") == []
    assert post([1, 100], "second") == ["silver", "gold"]
    assert post([1000], "third") == []
    assert shown(who).level == "gold"
    assert_reconciled()


def test_the_multiplier_rises_in_the_middle_of_a_batch() -> None:
    load(**PROGRAM)
    who = member()
    facts = [
        Fact(f"{number}", "gift", who, NOON, {"amount": amount})
        for number, amount in enumerate([40, 10, 40, 10])
    ]
    told = do(services.award, facts=facts)
    # 40 + 2, 10 + 2, then silver: 60 + 3, of 117 in all; then silver still: 15, and gold: 4.
    assert [[one.points for one in decisions] for decisions in told] == [
        [40, 2],
        [10, 3],
        [60, 3],
        [15, 4],
    ]
    assert shown(who).level == "gold"
