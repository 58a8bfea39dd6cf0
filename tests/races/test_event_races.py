"""Seats and attendance, with everybody at once."""

import datetime as dt
import functools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from activities import services
from activities.errors import EventFull, SeatsBelowBookings
from activities.models import Activity, Attendance, Booking, Event
from activities.services import EventDetails, Listed
from kit.transactions import durable
from members.models import Member
from tests.activities.gatherings import MINUTE, at, book, code, event, load_events, people, states
from tests.depth import examples
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, at_once, earn, shown
from tests.waiting import until

call = functools.partial
ROUNDS = examples(10)


@pytest.fixture(autouse=True)
def _events(_program: None) -> None:
    load_events()


def rows(of: Event) -> dict[str, list[int | None]]:
    """Return the places of each state's bookings, in their order."""
    found: dict[str, list[int | None]] = {}
    for state, position in (
        Booking.objects.filter(event=of).order_by("position").values_list("state", "position")
    ):
        found.setdefault(state, []).append(position)
    return found


def assert_counted(of: Event) -> None:
    """The event's own counts are what its bookings say."""
    of.refresh_from_db()
    count = Counter(Booking.objects.filter(event=of).values_list("state", flat=True))
    assert (of.booked, of.waiting) == (count["booked"] + count["offered"], count["waiting"])
    assert of.seats is None or of.booked <= of.seats


def crowd(count: int) -> list[Member]:
    joined_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return Member.objects.bulk_create(
        Member(external_id=f"rival-{number}", joined_at=joined_at) for number in range(count)
    )


def test_five_hundred_rivals_for_fifty_seats() -> None:
    made = event(seats=50)
    clients = [signed_in(one) for one in crowd(500)]
    path = f"/api/v1/events/{made.id}/booking/"
    answers = at_once([call(one.put, path, "{}", "application/json") for one in clients])
    assert Counter(answer.status_code for answer in answers) == {201: 500}
    told = Counter(answer.json()["state"] for answer in answers)
    assert told == {"booked": 50, "waiting": 450}
    found = rows(made)
    assert {state: len(places) for state, places in found.items()} == told
    assert found["waiting"] == list(range(1, 451))
    assert_counted(made)


def test_rivals_over_http_hear_of_a_seat_or_a_place() -> None:
    made = event(seats=5)
    clients = [signed_in(one) for one in crowd(60)]
    path = f"/api/v1/events/{made.id}/booking/"
    answers = at_once([call(one.put, path, "{}", "application/json") for one in clients * 2])
    assert Counter(answer.status_code for answer in answers) == {201: 60, 200: 60}
    new = [answer.json() for answer in answers if answer.status_code == 201]
    assert Counter(one["state"] for one in new) == {"booked": 5, "waiting": 55}
    assert rows(made)["waiting"] == list(range(1, 56))
    assert_counted(made)


def test_without_a_waitlist_the_others_are_refused_cleanly() -> None:
    made = event(seats=5, has_waitlist=False)
    clients = [signed_in(one) for one in crowd(60)]
    path = f"/api/v1/events/{made.id}/booking/"
    answers = at_once([call(one.put, path, "{}", "application/json") for one in clients])
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 55}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {
        "event_full"
    }
    assert_counted(made)


def test_who_finds_all_seats_taken_and_no_line_does_not_queue_for_the_row() -> None:
    made = event(seats=1, has_waitlist=False)
    first, late = people(2)
    services.book(event=made.id, member=first.id)
    with transaction.atomic():
        Event.objects.select_for_update(no_key=True).get(id=made.id)
        [refusal] = at_once([call(services.book, event=made.id, member=late.id)])
    assert isinstance(refusal, EventFull)


def test_one_member_many_times_at_once_has_one_booking() -> None:
    for _round in range(ROUNDS):
        made = event(seats=2)
        [one] = people(1)
        results = at_once([call(services.book, event=made.id, member=one.id)] * 16)
        assert sum(made_.is_new for made_ in results) == 1
        assert rows(made) == {"booked": [None]}
        assert_counted(made)


def test_a_seat_given_back_while_others_come_is_nobodys_twice() -> None:
    for _round in range(ROUNDS):
        made = event(seats=3)
        seated, coming = people(3), people(6)
        book(made, *seated)
        results = at_once(
            [call(services.cancel_booking, event=made.id, member=one.id) for one in seated]
            + [call(services.book, event=made.id, member=one.id) for one in coming]
        )
        assert not [one for one in results if isinstance(one, Exception)]
        assert_counted(made)
        made.refresh_from_db()
        assert made.booked == 3
        taken = [state for state in states(made, *coming) if state in {"booked", "offered"}]
        assert len(taken) == 3


def test_a_claim_a_lapse_and_leaving_at_one_instant_are_in_some_order() -> None:
    for _round in range(ROUNDS):
        made = event(seats=1, claim_minutes=30)
        first, second, third = people(3)
        book(made, first, second, third)
        services.cancel_booking(event=made.id, member=first.id)
        ends = Booking.objects.get(event=made, member=second).offer_expires_at
        assert ends
        just_before = at(ends - dt.timedelta.resolution)
        results = at_once(
            [
                call(services.book, event=made.id, member=second.id, moment=just_before),
                call(durable(services.move_offers), now=ends),
                call(services.cancel_booking, event=made.id, member=third.id),
            ]
        )
        assert not [one for one in results if isinstance(one, Exception)]
        claimed, _moved, _left = results
        state, other = states(made, second, third)
        assert other == "cancelled"
        # After the lapse the member stands in line again, and is booked where nobody else does.
        assert state in {claimed.booking.state, "offered"}
        assert state in {"booked", "waiting", "offered"}
        assert_counted(made)
        assert made.booked == 1


def test_seats_that_change_while_members_book_are_kept() -> None:
    for _round in range(ROUNDS):
        made = event(seats=4)
        coming = people(8)
        names = EventDetails.__dataclass_fields__

        def change(seats: int, of: Event = made, names: Any = names) -> None:
            said = {name: getattr(of, name) for name in names} | {"seats": seats}
            services.change_event(event=of.id, details=EventDetails(**said))

        results = at_once(
            [call(services.book, event=made.id, member=one.id) for one in coming[:4]]
            + [call(change, 6), call(change, 2)]
            + [call(services.book, event=made.id, member=one.id) for one in coming[4:]]
        )
        errors = [one for one in results if isinstance(one, Exception)]
        assert all(isinstance(one, SeatsBelowBookings) for one in errors), errors
        assert_counted(made)
        line = rows(made).get("waiting", [])
        assert len(set(line)) == len(line)


def test_one_attendance_whatever_the_way_it_comes() -> None:
    for _round in range(ROUNDS):
        made = event(starts_in=-MINUTE)
        [one] = people(1)
        now = timezone.now()
        by_list = call(
            services.attend_by_list, event=made.id, rows=[Listed(one.external_id)], moment=at(now)
        )
        by_code = call(services.attend, code=code(made, now=now), member=one.id, moment=at(now))
        by_scan = call(services.attend_by_scan, event=made.id, text=one.external_id, moment=at(now))
        results = at_once([by_code, by_scan, by_list] * 3)
        assert not [one for one in results if isinstance(one, Exception)], results
        assert Attendance.objects.filter(event=made).count() == 1
        assert Activity.objects.filter(action="event.attended", member=one).count() == 1
        assert shown(one.id).available == 10
    assert_reconciled()


def test_two_lists_at_once_take_each_once() -> None:
    made = event(starts_in=-MINUTE)
    who = people(40)
    lists = [[Listed(one.external_id) for one in part] for part in (who, who[::-1], who[10:30])]
    results = at_once([call(services.attend_by_list, event=made.id, rows=part) for part in lists])
    assert not [one for one in results if isinstance(one, Exception)], results
    assert sum(one.status == "taken" for told in results for one in told) == 40
    assert Attendance.objects.filter(event=made).count() == 40
    assert {shown(one.id).available for one in who} == {10}
    assert_reconciled()


def close_all(now: dt.datetime) -> None:
    while not durable(services.close_events)(now=now, chunk=2).is_over:
        pass


def test_an_event_is_closed_once_by_any_number_of_workers() -> None:
    for _round in range(ROUNDS):
        made = event(min_stay_minutes=30, host_id=people(1)[0].id)
        here, missing = people(5), people(5)
        book(made, *missing)
        for one in here:
            services.attend_by_scan(event=made.id, text=one.external_id, moment=at(made.starts_at))
        later = made.ends_at + dt.timedelta(hours=2)
        late = call(
            services.attend_by_list,
            event=made.id,
            rows=[Listed(missing[0].external_id, minutes=60)],
            moment=at(later),
        )
        results = at_once([call(close_all, later)] * 3 + [late])
        assert not [one for one in results if isinstance(one, Exception)], results
        assert {shown(one.id).net for one in here} == {10}
        assert [shown(one.id).net for one in missing] == [10, -3, -3, -3, -3]
        assert Booking.objects.filter(event=made, missed_at__isnull=False).count() == 4
        assert Activity.objects.filter(action="event.hosted", member=made.host_id).count() == 1
        made.refresh_from_db()
        assert made.state == "closed"
    assert_reconciled()


def test_a_void_and_the_end_at_once_leave_nothing_granted() -> None:
    for _round in range(ROUNDS):
        made = event(min_stay_minutes=30)
        [one] = people(1)
        services.attend_by_scan(event=made.id, text=one.external_id, moment=at(made.starts_at))
        found = Attendance.objects.get(event=made)
        later = made.ends_at + dt.timedelta(hours=2)
        void = call(services.void_attendance, attendance=found.id, reason="x", now=later)
        results = at_once([void, call(close_all, later), void])
        assert not [one for one in results if isinstance(one, Exception)], results
        found.refresh_from_db()
        assert found.state == "void"
        assert shown(one.id).available == 0
    assert_reconciled()


# --- One of two is first in the queue for an account ----------------------------------------------


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        count: int = cursor.fetchone()[0]
    return count


def in_turn(who: Member, calls: list[Callable[[], object]]) -> list[object]:
    """Have the calls read at once, and lock the member's account one after the other."""
    results: list[object] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            results[number] = calls[number]()
        except Exception as error:  # noqa: BLE001 - the test judges it
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(calls))]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM points_account WHERE member_id = %s FOR NO KEY UPDATE", [who.id]
            )
        begun: list[threading.Thread] = []
        for thread in threads:
            thread.start()
            begun.append(thread)
            until(lambda: waiting_for_locks() >= len(begun))
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("first", ["list", "close"])
def test_a_list_and_the_count_of_no_shows_see_each_other(first: str) -> None:
    made = event()
    came, who = people(2)
    earn(who.id, 100)
    book(made, who)
    services.attend_by_scan(event=made.id, text=came.external_id, moment=at(made.starts_at))
    later = made.ends_at + dt.timedelta(hours=2)
    listed = call(
        services.attend_by_list,
        event=made.id,
        rows=[Listed(who.external_id)],
        moment=at(later),
    )
    calls: list[Callable[[], object]] = [listed, call(close_all, later)]
    results = in_turn(who, calls if first == "list" else calls[::-1])
    assert not [one for one in results if isinstance(one, Exception)], results
    assert Attendance.objects.get(event=made, member=who).state == "counted"
    assert Booking.objects.get(event=made, member=who).missed_at is None
    assert shown(who.id).net == 110
    made.refresh_from_db()
    assert made.state == "closed"
    assert_reconciled()


@pytest.mark.parametrize("first", ["scan", "close"])
def test_seeing_out_and_the_end_see_each_other(first: str) -> None:
    made = event(min_stay_minutes=30)
    [who] = people(1)
    earn(who.id, 100)
    services.attend_by_scan(event=made.id, text=who.external_id, moment=at(made.starts_at))
    now = made.starts_at + 40 * MINUTE
    out = call(services.attend, code=code(made, now=now), member=who.id, moment=at(now))
    later = made.ends_at + dt.timedelta(hours=2)
    calls: list[Callable[[], object]] = [out, call(close_all, later)]
    results = in_turn(who, calls if first == "scan" else calls[::-1])
    assert not [one for one in results if isinstance(one, Exception)], results
    assert Activity.objects.filter(action="event.attended", member=who).count() == 1
    found = Attendance.objects.get(event=made)
    assert (found.state, shown(who.id).available) == ("counted", 110)
    assert Activity.objects.get(action="event.attended").data["minutes"] == found.minutes
    assert_reconciled()
