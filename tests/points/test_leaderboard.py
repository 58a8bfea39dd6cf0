import datetime as dt
import random

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from kit.clock import Period
from members.models import Member
from points import services
from points.selectors import OwnPlace, board, forget_boards, leaderboard
from points.services import Fact
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import do, earn, load, member

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)


def earned(who: int, points: int, at: dt.datetime) -> None:
    """Have the member earn points at an instant of its own."""
    fact = Fact(f"{who}-{points}-{at}".replace(" ", "T"), "gift", who, at, {"amount": points})
    do(services.award, facts=[fact])


def places(period: Period, day: dt.date = DAY, limit: int = 10) -> list[tuple[int, int, int]]:
    """Return rank, member and points."""
    forget_boards()
    now = dt.datetime.combine(day, dt.time(12), dt.UTC)
    found = leaderboard(period=period, limit=limit, now=now).standings
    return [(one.rank, one.member, one.points) for one in found]


@pytest.mark.parametrize("period", [Period.WEEK, Period.LIFETIME])
def test_equal_points_rank_by_who_reached_them_first_then_by_id(period: Period) -> None:
    load()
    late, early, twin, best = member(), member(), member(), member()
    earned(late, 10, NOON + dt.timedelta(minutes=1))
    earned(twin, 10, NOON)
    earned(early, 10, NOON)
    earned(best, 11, NOON + dt.timedelta(hours=1))
    assert places(period) == [(1, best, 11), (2, early, 10), (3, twin, 10), (4, late, 10)]
    assert places(period, limit=2) == [(1, best, 11), (2, early, 10)]


@pytest.mark.parametrize("period", [Period.MONTH, Period.LIFETIME])
@pytest.mark.parametrize(
    "change", [{"is_staff": True}, {"is_hidden": True}, {"erased_at": NOON}], ids=str
)
def test_some_members_do_not_show(period: Period, change: dict[str, object]) -> None:
    load()
    seen, unseen = member(), member()
    for who in (seen, unseen):
        earned(who, 10, NOON)
    Member.objects.filter(id=unseen).update(**change)
    assert places(period) == [(1, seen, 10)]


def test_points_count_in_the_period_in_which_they_were_earned() -> None:
    load(fiscal_year_starts=2)
    who = member()
    earned(who, 1, dt.datetime(2026, 10, 31, 23, 59, tzinfo=dt.UTC))
    earned(who, 2, dt.datetime(2026, 11, 1, 0, 0, tzinfo=dt.UTC))
    earned(who, 4, dt.datetime(2026, 11, 15, 23, 59, tzinfo=dt.UTC))
    earned(who, 8, dt.datetime(2026, 11, 16, 0, 0, tzinfo=dt.UTC))
    assert places(Period.WEEK) == [(1, who, 8)]
    assert places(Period.MONTH) == [(1, who, 14)]
    assert places(Period.QUARTER) == [(1, who, 14)]
    assert places(Period.QUARTER, day=dt.date(2026, 10, 1)) == [(1, who, 1)]
    assert places(Period.YEAR) == places(Period.LIFETIME) == [(1, who, 15)]


def test_a_member_whose_points_were_taken_back_does_not_show() -> None:
    load()
    granted = earn(member(), 5)
    day = granted.occurred_on
    assert places(Period.WEEK, day) == [(1, granted.member_id, 5)]
    do(services.reverse, references=[granted.reference])
    assert places(Period.WEEK, day) == places(Period.LIFETIME, day) == []


# --- One's own place ------------------------------------------------------------------------------


def crowd(size: int) -> list[int]:
    """Return members in rank order: many ties, some broken by the instant, some by the id."""
    chance = random.Random(size)  # noqa: S311 - an example, not a secret
    load()
    who = [member() for _ in range(size)]
    keys = []
    for one in who:
        points, at = chance.randrange(1, 9), NOON + dt.timedelta(minutes=chance.randrange(3))
        earned(one, points, at)
        keys.append((-points, at, one))
    return [one for *_key, one in sorted(keys)]


def own(who: int, limit: int = 1, period: Period = Period.MONTH) -> OwnPlace:
    """Return where the member stands."""
    found = leaderboard(period=period, limit=limit, now=NOON, member=who).me
    assert found
    return found


@pytest.mark.parametrize("period", [Period.MONTH, Period.LIFETIME])
def test_every_member_finds_the_own_place_and_who_stands_next(
    period: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "STEP", 7)
    ranked = crowd(60)
    for rank, who in enumerate(ranked, start=1):
        place = own(who, limit=rank % 5 + 1, period=period)
        first, last = max(rank - 2, 1), min(rank + 2, len(ranked))
        assert place.rank == rank
        assert [(one.rank, one.member) for one in place.neighbours] == [
            (near, ranked[near - 1]) for near in range(first, last + 1) if near != rank
        ]


def test_who_is_not_on_the_board_has_no_place() -> None:
    load()
    idle, unseen = member(), member()
    earned(unseen, 10, NOON)
    Member.objects.filter(id=unseen).update(is_hidden=True)
    assert own(idle) == own(unseen) == OwnPlace(rank=None, points=0, neighbours=())


def test_a_place_far_down_counts_from_steps_that_were_counted_a_moment_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "STEP", 5)
    ranked = crowd(20)
    monkeypatch.setattr(board, "RARELY", 10**9)
    assert (own(ranked[2]).rank, own(ranked[9]).rank) == (3, 10)
    newcomer = member()
    earned(newcomer, 100, NOON)
    assert own(newcomer).rank == 1
    assert own(ranked[2]).rank == 4  # counted from the top
    assert own(ranked[9]).rank == 10  # one newcomer ahead of the steps is not seen yet
    monkeypatch.setattr(board, "RARELY", 0)
    assert own(ranked[9]).rank == 11


def test_who_enters_the_first_places_sees_so_at_once_and_others_a_moment_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "FIRST", 5)
    monkeypatch.setattr(board, "RARELY", 10**9)
    ranked = crowd(12)

    def best(asker: int) -> int:
        found = leaderboard(period=Period.MONTH, limit=1, now=NOON, member=asker)
        return found.standings[0].member

    assert best(ranked[-1]) == ranked[0]
    earned(newcomer := member(), 100, NOON)
    assert best(ranked[-1]) == ranked[0]
    assert best(newcomer) == newcomer
    assert best(ranked[-1]) == newcomer  # read anew for one is read anew for all
    earned(another := member(), 200, NOON)
    monkeypatch.setattr(board, "RARELY", 0)
    assert best(ranked[-1]) == another


def test_statements_do_not_grow_with_the_board(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "FIRST", 5)
    monkeypatch.setattr(board, "RARELY", 10**9)
    ranked = crowd(12)
    with django_assert_num_queries(4):  # the own key, the first places, the steps, who is near
        own(ranked[-1])
    with django_assert_num_queries(2):
        own(ranked[-1])
    with django_assert_num_queries(3):  # the first places anew, for one of them
        own(ranked[0])


def test_a_clock_that_has_changed_is_seen_at_once() -> None:
    load()
    who = member()
    earned(who, 5, dt.datetime(2026, 10, 5, tzinfo=dt.UTC))
    assert places(Period.QUARTER) == [(1, who, 5)]
    load(fiscal_year_starts=2)
    assert places(Period.QUARTER) == []


# --- Over HTTP ------------------------------------------------------------------------------------


def test_a_member_sees_the_board_and_the_own_place() -> None:
    ranked = crowd(5)
    Member.objects.filter(id=ranked[0]).update(nickname="Ada", avatar_url="https://a.example/a.png")
    client = signed_in(Member.objects.get(id=ranked[-1]))
    body = client.get("/api/v1/leaderboards/month/?at=2026-11&limit=2").json()
    assert (body["period"], body["at"]) == ("month", "2026-11")
    assert [place["rank"] for place in body["standings"]] == [1, 2]
    assert body["standings"][0]["member"] == {
        "id": ranked[0],
        "nickname": "Ada",
        "avatar_url": "https://a.example/a.png",
    }
    assert body["me"]["rank"] == len(ranked)
    assert [place["rank"] for place in body["me"]["neighbours"]] == [3, 4]


def test_a_server_sees_the_board_without_a_place_of_its_own() -> None:
    crowd(2)
    key = ApiKeyFactory.create(scopes=["members:read"])
    client = Client(headers={"Authorization": f"Api-Key {key_of(key)}"})
    body = client.get("/api/v1/leaderboards/all/").json()
    assert body["me"] is None
    assert len(body["standings"]) == 2


@pytest.mark.parametrize(
    ("period", "at"),
    [
        ("week", "2026-W47"),
        ("week", "2026-W53"),
        ("month", "2026-02"),
        ("quarter", "2026-Q4"),
        ("year", "2026"),
        ("all", "all"),
    ],
)
def test_a_period_is_named_as_it_answers(period: str, at: str) -> None:
    client = signed_in(MemberFactory.create())
    answer = client.get(f"/api/v1/leaderboards/{period}/?at={at}")
    assert (answer.status_code, answer.json()["at"]) == (200, at)


@pytest.mark.parametrize(
    "query",
    [
        *("at=2026-W54", "at=2026-11", "at=W47", "at=2026-W4", "at=0001-W01", "at=%00"),
        *(
            "at=２０２６-W47",
            "limit=0",
            "limit=101",
            "limit=x",
            "page=2",
            "at=2026-W47&at=2026-W46",
        ),
    ],
)
def test_a_period_that_is_not_one_is_refused(query: str) -> None:
    client = signed_in(MemberFactory.create())
    assert client.get(f"/api/v1/leaderboards/week/?{query}").status_code == 400
    assert client.get("/api/v1/leaderboards/day/").status_code == 404
