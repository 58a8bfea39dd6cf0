import csv
import datetime as dt
import io
import tracemalloc
import zoneinfo
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from activities.history import History, HistoryActivity, Tally
from activities.management.commands.make_history import write

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
FILES = ("program.yaml", "members.csv", "activities.csv", "expected.csv")


def make(folder: Path, *options: object) -> dict[str, bytes]:
    size = ("--members", 40, "--days", 10)
    call_command(
        "make_history", *map(str, (*size, *options, "--out", folder)), stdout=io.StringIO()
    )
    return {name: (folder / name).read_bytes() for name in FILES}


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    first = make(tmp_path / "a", "--seed", 5)
    assert make(tmp_path / "b", "--seed", 5) == first
    other = make(tmp_path / "c", "--seed", 6)
    assert [name for name in FILES if other[name] == first[name]] == ["program.yaml"]


def test_histories_of_different_seeds_share_no_id() -> None:
    histories = [History(members=20, days=5, seed=seed) for seed in (1, 2)]
    ids = [{activity.id for activity in history.activities()} for history in histories]
    names = [{member.external_id for member in history.all_members()} for history in histories]
    assert ids[0].isdisjoint(ids[1])
    assert names[0].isdisjoint(names[1])


def test_a_history_looks_like_a_community() -> None:
    history = History(members=500, days=28, starts_on=dt.date(2026, 3, 2))
    members = {member.external_id: member for member in history.all_members()}
    activities = list(history.activities())
    tally = Tally(history)
    for activity in activities:
        tally.add(activity)
        assert members[activity.member].joined_at <= activity.occurred_at
    counts = sorted((sum(a.member == name for a in activities) for name in members), reverse=True)
    assert sum(counts[:50]) > len(activities) * 0.3
    weekend = sum(a.occurred_at.weekday() >= 5 for a in activities)
    assert weekend / 2 > (len(activities) - weekend) / 5
    assert tally.given_up > 0
    assert min(points for _name, points in tally.rows()) < 0
    assert len(members) == 500


def test_activities_come_in_the_order_of_time_through_days_of_23_and_25_hours() -> None:
    for starts_on, hours in ((dt.date(2026, 3, 8), 23), (dt.date(2026, 11, 1), 25)):
        history = History(members=200, days=1, starts_on=starts_on, zone=NEW_YORK)
        instants = [activity.occurred_at for activity in history.activities()]
        assert all(before <= after for before, after in pairwise(instants))
        start = dt.datetime.combine(starts_on, dt.time(), NEW_YORK)
        end = start.astimezone(dt.UTC) + dt.timedelta(hours=hours)
        assert start <= instants[0]
        assert end - dt.timedelta(hours=2) < instants[-1] < end


def test_the_expected_points_are_those_of_a_calculation_by_hand() -> None:
    history = History(members=2, days=9, zone=NEW_YORK, day_starts_at=dt.time(4))
    tally = Tally(history)
    done = [
        # Monday by the wall, Sunday by a day that starts at four: one day, and the week before.
        *[("2026-03-09T07:59:00+00:00", "post.liked", {})] * 2,
        *[("2026-03-09T07:59:30+00:00", "comment.posted", {})] * 3,  # 10 and 2: the cap
        *[("2026-03-09T07:59:40+00:00", "post.published", {"words": 200})] * 5,  # 60, not 75
        ("2026-03-09T08:00:00+00:00", "comment.posted", {}),  # 2: a new day
        ("2026-03-09T08:00:00+00:00", "post.published", {"words": 199}),  # 10: a new week
        ("2026-03-09T08:00:00+00:00", "answer.accepted", {}),  # 15
        ("2026-03-09T08:00:00+00:00", "event.attended", {"hours": 3}),  # 30
        ("2026-03-09T08:00:00+00:00", "bounty.won", {"amount": 70}),
        ("2026-03-09T08:00:00+00:00", "bounty.offered", {"amount": 300}),
        ("2026-03-09T08:00:00+00:00", "post.removed", {}),  # -5
        ("2026-03-09T08:00:00+00:00", "profile.viewed", {}),
    ]
    for instant, action, data in done:
        at = dt.datetime.fromisoformat(instant)
        tally.add(HistoryActivity("id", action, history.external_id(1), at, data))
    by_hand = 12 + 60 + 2 + 10 + 15 + 30 + 70 - 300 - 5
    assert dict(tally.rows()) == {"m1-0000001": 0, "m1-0000002": by_hand}
    assert tally.given_up == 4 + 15


def test_memory_does_not_grow_with_the_history(tmp_path: Path) -> None:
    def peak(days: int) -> int:
        tracemalloc.start()
        write(History(members=100, days=days), tmp_path)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(2)
    assert peak(60) < 1.5 * peak(15)


def test_the_smallest_history_is_one(tmp_path: Path) -> None:
    write(History(members=1, days=1), tmp_path)
    with (tmp_path / "expected.csv").open(encoding="utf-8") as file:
        assert [row[0] for row in csv.reader(file)] == ["member", "m1-0000001"]


@pytest.mark.parametrize(
    "option", [("--members", 0), ("--days", "x"), ("--zone", "Mars"), ("--starts-on", "soon")]
)
def test_a_history_that_cannot_be_is_refused(tmp_path: Path, option: tuple[str, object]) -> None:
    with pytest.raises(CommandError):
        make(tmp_path, *option)
