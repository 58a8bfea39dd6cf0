import datetime as dt

import pytest

from kit.clock import Period
from members.models import Member
from points import services
from points.selectors import leaderboard
from points.services import Fact
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
    found = leaderboard(period=period, day=day, limit=limit)
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
    assert len(leaderboard(period=Period.WEEK, day=day, limit=9)) == 1
    do(services.reverse, references=[granted.reference])
    assert leaderboard(period=Period.WEEK, day=day, limit=9) == []
    assert leaderboard(period=Period.LIFETIME, day=day, limit=9) == []
