"""Runs of days, against the plainest model there is: a walk from day to day."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from activities.rules.streaks import (
    COUNTED,
    DAY,
    Goals,
    Kept,
    crossed,
    lacking,
    month_of,
    place_in_cycle,
    run_through,
    streak_on,
    to_freeze,
)

START = dt.date(2028, 2, 10)  # a leap day lies ahead
KINDS = st.sampled_from(["done", "done", "done", "makeup", "frozen", "skipped", None])
PASTS = st.lists(KINDS, min_size=1, max_size=60)
MARKS = [1, 3, 7, 30]


def on(number: int) -> dt.date:
    return START + number * DAY


def kept(past: list[str | None]) -> Kept:
    days = {on(n): kind for n, kind in enumerate(past)}
    return days.get


@given(past=PASTS, today=st.integers(0, 59))
def test_a_streak_is_what_a_walk_from_day_to_day_counts(past: list[str | None], today: int) -> None:
    today = min(today, len(past) - 1)
    length = 0
    for kind in past[: today + 1][:-1]:
        length = 0 if kind is None else length + (kind in COUNTED)
    last = past[today]
    length += last in COUNTED
    # Forward days of the same run lie ahead of today and do not count for it.
    past = past[: today + 1]
    assert streak_on(kept=kept(past), today=on(today)) == length


@given(past=PASTS, number=st.integers(0, 59))
def test_a_run_is_whole_and_ends_at_gaps(past: list[str | None], number: int) -> None:
    number = min(number, len(past) - 1)
    look = kept(past)
    run = run_through(kept=look, day=on(number))
    if past[number] is None:
        assert run is None
        return
    assert run
    assert run.holds(on(number))
    assert look(run.first - DAY) is None
    assert look(run.last + DAY) is None
    span = [run.first + n * DAY for n in range((run.last - run.first).days + 1)]
    assert all(look(day) for day in span)
    assert list(run.counted) == [day for day in span if look(day) in COUNTED]


@given(past=PASTS)
def test_each_mark_is_crossed_once_day_by_day(past: list[str | None]) -> None:
    """Whoever lives through the days gets each mark of each run once, on the day it lies on."""
    got = []
    for number, kind in enumerate(past):
        if kind not in COUNTED:
            continue
        run = run_through(kept=kept(past[: number + 1]), day=on(number))
        assert run
        found = crossed(run=run, day=on(number), marks=MARKS)
        assert set(found.values()) <= {on(number)}
        got += [(mark, day) for mark, day in found.items()]
    wanted, length = [], 0
    for number, kind in enumerate(past):
        length = 0 if kind is None else length + (kind in COUNTED)
        if kind in COUNTED and length in MARKS:
            wanted.append((length, on(number)))
    assert got == wanted


@given(past=PASTS, gap=st.integers(0, 59))
def test_a_makeup_pays_what_the_join_reaches_and_nothing_twice(
    past: list[str | None], gap: int
) -> None:
    """Paid before and paid by the makeup together: each mark up to the joined run's length."""
    gap = min(gap, len(past) - 1)
    past[gap] = None
    paid = []
    for number, kind in enumerate(past):
        if kind in COUNTED:
            run = run_through(kept=kept(past[: number + 1]), day=on(number))
            assert run
            paid += [
                ("streak", m, d) for m, d in crossed(run=run, day=on(number), marks=MARKS).items()
            ]
    past[gap] = "makeup"
    joined = run_through(kept=kept(past), day=on(gap))
    assert joined
    marks = Goals("endless", tuple(MARKS), 7).reached(kept=kept(past), run=joined, day=on(gap))
    new = [mark for mark in marks if not mark.is_among(paid)]
    inside = {mark for _kind, mark, day in paid if joined.holds(day)}
    assert not inside & {mark.days for mark in new}
    reachable = {mark for mark in MARKS if mark <= joined.length}
    assert reachable == {mark.days for mark in new} | (inside & reachable)


@given(
    past=PASTS,
    got=st.lists(st.integers(-3, 60), max_size=4).map(sorted),
    in_a_row=st.integers(1, 3),
)
def test_freezes_keep_whole_gaps_or_none(
    past: list[str | None], got: list[int], in_a_row: int
) -> None:
    today = on(len(past))
    look = kept(past)
    days = [on(n) for n, kind in enumerate(past) if kind is not None and kind != "skipped"]
    since = max(days, default=None)
    got_on = [on(n) for n in got]
    frozen = to_freeze(kept=look, since=since, today=today, got_on=got_on, in_a_row=in_a_row)
    if not frozen:
        return
    assert since
    gap = [since + n * DAY for n in range(1, (today - since).days)]
    assert [day for day, _place in frozen] == [day for day in gap if look(day) is None]
    assert [place for _day, place in frozen] == list(range(len(frozen)))
    assert all(got_on[place] < day for day, place in frozen)
    row = 0
    filled = {day: "frozen" for day, _place in frozen}
    for n in range(len(past)):
        kind = filled.get(on(n), past[n])
        row = row + 1 if kind == "frozen" else row if kind == "skipped" else 0
        assert on(n) not in filled or row <= in_a_row


@given(length=st.integers(1, 1_000), days=st.integers(2, 30))
def test_a_cycle_counts_from_one_to_its_length(length: int, days: int) -> None:
    place = place_in_cycle(length=length, days=days)
    assert 1 <= place <= days
    assert (length - place) % days == 0


def test_a_month_lacks_what_was_not_done() -> None:
    month = month_of(day=START)
    assert len(month) == 29
    days: dict[dt.date, str] = dict.fromkeys(month, "done")
    assert lacking(kept=days.get, days=month) == 0
    days |= {month[3]: "frozen", month[4]: "skipped", month[5]: "makeup"}
    assert lacking(kept=days.get, days=month) == 1
