"""Members book seats, wait in line for them, and give them back."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities import services
from activities.errors import (
    BookingNotOpen,
    CancelDeadlinePassed,
    EventCancelled,
    EventFull,
    EventOver,
    EventStarted,
    EventTookPlace,
    LevelTooLow,
    NoSuchEvent,
    SeatsBelowBookings,
    TooManyNoShows,
    TooNew,
)
from activities.models import Booking, Event
from activities.services import EventDetails
from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member
from tests.activities.gatherings import HOUR, MINUTE, at, book, event, load_events, people, states
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import NOON, earn
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/events/"


@once_a_module
def _program() -> None:
    load_events()


@pytest.fixture
def ada() -> Member:
    made: Member = MemberFactory.create(external_id="ada")
    return made


@pytest.fixture
def client(ada: Member) -> Client:
    return signed_in(ada)


def booking(of: Event | int, tail: str = "booking/") -> str:
    return f"{EVENTS}{of if isinstance(of, int) else of.id}/{tail}"


def put(client: Client, of: Event | int, body: str = "{}") -> Any:
    return client.put(booking(of), body, content_type="application/json")


def counts(of: Event) -> tuple[int, int, int]:
    of.refresh_from_db()
    return of.booked, of.waiting, of.places


def sweep(now: dt.datetime) -> int:
    return durable(services.move_offers)(now=now)


def details(of: Event, **changed: Any) -> EventDetails:
    names = EventDetails.__dataclass_fields__
    return EventDetails(**{name: getattr(of, name) for name in names} | changed)


# --- Booking --------------------------------------------------------------------------------------


def test_a_seat_is_booked_once_however_often(client: Client) -> None:
    made = event(seats=2)
    answers = [put(client, made) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    body = answers[0].json()
    assert (body["state"], body["place"], body["offer_expires_at"]) == ("booked", None, None)
    assert counts(made) == (1, 0, 0)


def test_an_event_without_a_limit_takes_everybody() -> None:
    made = event()
    assert set(book(made, *people(5))) == {"booked"}
    assert counts(made) == (5, 0, 0)


def test_who_finds_all_seats_taken_waits_in_line(client: Client) -> None:
    made = event(seats=1)
    book(made, *people(3))
    answer = put(client, made)
    assert (answer.status_code, answer.json()["state"], answer.json()["place"]) == (
        *(201, "waiting", 3),
    )
    assert put(client, made).json() == answer.json()
    assert counts(made) == (1, 3, 3)


def test_without_a_waitlist_a_full_event_is_full(client: Client) -> None:
    made = event(seats=1, has_waitlist=False)
    book(made, *people(1))
    answer = put(client, made)
    assert (answer.status_code, answer.json()["code"]) == (409, "event_full")
    assert not Booking.objects.filter(event=made, state="waiting").exists()


def test_a_seat_that_is_given_back_is_offered_to_the_first_in_line() -> None:
    made = event(seats=1, claim_minutes=30)
    first, second, third = people(3)
    book(made, first, second, third)
    services.cancel_booking(event=made.id, member=first.id)
    assert states(made, first, second, third) == ["cancelled", "offered", "waiting"]
    assert counts(made) == (1, 1, 2)
    assert book(made, third) == ["waiting"]
    assert book(made, second) == ["booked"]
    assert counts(made) == (1, 1, 2)


def test_an_offer_that_lapses_goes_to_the_next_and_its_member_to_the_end() -> None:
    made = event(seats=1, claim_minutes=30)
    first, second, third = people(3)
    book(made, first, second, third)
    services.cancel_booking(event=made.id, member=first.id)
    later = timezone.now() + 31 * MINUTE
    assert sweep(later) == 1
    assert states(made, second, third) == ["expired", "offered"]
    assert sweep(later) == 0
    assert book(made, second, moment=at(later)) == ["waiting"]
    assert Booking.objects.get(event=made, member=second).position == 3
    assert counts(made) == (1, 1, 3)


def test_a_lapsed_offer_is_no_seat_even_before_the_sweep() -> None:
    made = event(seats=1, claim_minutes=30)
    first, second, third = people(3)
    book(made, first, second, third)
    services.cancel_booking(event=made.id, member=first.id)
    later = timezone.now() + 31 * MINUTE
    assert book(made, second, moment=at(later)) == ["waiting"]
    assert states(made, second, third) == ["waiting", "offered"]


def test_a_lapsed_offer_that_nobody_waits_for_is_free_at_once() -> None:
    made = event(seats=1, claim_minutes=30)
    first, second, third = people(3)
    book(made, first, second)
    services.cancel_booking(event=made.id, member=first.id)
    assert book(made, third, moment=at(timezone.now() + 31 * MINUTE)) == ["booked"]
    assert states(made, second) == ["expired"]


def test_an_offer_ends_when_the_event_begins() -> None:
    made = event(seats=1, claim_minutes=600)
    first, second, third = people(3)
    book(made, first, second, third)
    services.cancel_booking(event=made.id, member=first.id)
    offered = Booking.objects.get(event=made, member=second)
    assert offered.offer_expires_at == made.starts_at
    assert sweep(made.starts_at) == 1
    assert states(made, second, third) == ["expired", "expired"]
    assert counts(made) == (0, 0, 2)


def test_a_declined_offer_goes_on_and_places_move_up(client: Client, ada: Member) -> None:
    made = event(seats=1)
    first, second, third = people(3)
    book(made, first, second, third, ada)
    assert client.get(booking(made, "")).json()["booking"]["place"] == 3
    services.cancel_booking(event=made.id, member=second.id)
    assert client.get(booking(made, "")).json()["booking"]["place"] == 2
    services.cancel_booking(event=made.id, member=first.id)
    services.cancel_booking(event=made.id, member=third.id)
    assert client.get(booking(made, "")).json()["booking"]["state"] == "offered"
    assert put(client, made).json()["state"] == "booked"


def test_a_booking_is_cancelled_until_its_deadline(client: Client, ada: Member) -> None:
    made = event(cancel_until_at=timezone.now() + HOUR)
    book(made, ada)
    assert client.delete(booking(made)).status_code == 204
    assert client.delete(booking(made)).status_code == 204
    assert counts(made) == (0, 0, 0)
    assert put(client, made).status_code == 201
    Event.objects.update(cancel_until_at=timezone.now() - MINUTE)
    answer = client.delete(booking(made))
    assert (answer.status_code, answer.json()["code"]) == (409, "cancel_deadline_passed")
    assert states(made, ada) == ["booked"]


def test_the_deadline_is_tested_after_the_lock() -> None:
    made = event(cancel_until_at=timezone.now() + HOUR)
    [one] = people(1)
    book(made, one)
    assert made.cancel_until_at
    with pytest.raises(CancelDeadlinePassed):
        services.cancel_booking(
            event=made.id, member=one.id, moment=at(made.cancel_until_at + dt.timedelta.resolution)
        )
    services.cancel_booking(event=made.id, member=one.id, moment=at(made.cancel_until_at))


def test_who_waits_may_leave_the_line_after_the_deadline() -> None:
    made = event(seats=1, cancel_until_at=timezone.now() - HOUR)
    one, other = people(2)
    book(made, one, other)
    services.cancel_booking(event=made.id, member=other.id)
    assert states(made, one, other) == ["booked", "cancelled"]
    assert counts(made) == (1, 0, 1)


# --- Who may --------------------------------------------------------------------------------------


def refused(of: Event, who: Member, kind: type[DomainError], **extra: Any) -> None:
    """The list, the event and the booking all say so, and nothing is written."""
    client = signed_in(who)
    [seen] = [one for one in client.get(EVENTS).json()["results"] if one["id"] == of.id]
    assert (seen["bookable"], seen["why_not"]["code"]) == (False, kind.code)
    assert client.get(booking(of, "")).json()["why_not"] == seen["why_not"]
    answer = put(client, of)
    assert (answer.status_code, answer.json()["code"]) == (409, kind.code)
    assert answer.json()["detail"] == seen["why_not"]["reason"]
    for name, value in extra.items():
        assert seen["why_not"][name] == answer.json()[name] == value
    assert not Booking.objects.filter(event=of, member=who).exists()


def test_a_level_may_be_asked_for(ada: Member) -> None:
    made = event(level_floor=100)
    refused(made, ada, LevelTooLow)
    assert signed_in(ada).get(booking(made, "")).json()["level"]["name"] == "Known"
    earn(ada.id, 100)
    assert put(signed_in(ada), made).status_code == 201


def test_membership_may_be_asked_for() -> None:
    new: Member = MemberFactory.create(joined_at=timezone.now() - dt.timedelta(days=3))
    made = event(member_days=7)
    next_at = (new.joined_at + dt.timedelta(days=7)).isoformat()
    refused(made, new, TooNew, next_at=next_at)
    assert book(event(member_days=3), new) == ["booked"]


def test_booking_may_open_later(ada: Member) -> None:
    opens_at = timezone.now() + HOUR
    made = event(booking_opens_at=opens_at)
    refused(made, ada, BookingNotOpen, next_at=opens_at.isoformat())
    assert book(made, ada, moment=at(opens_at)) == ["booked"]


def test_an_event_that_has_begun_takes_no_bookings(ada: Member) -> None:
    made = event(starts_in=-MINUTE)
    refused(made, ada, EventStarted)


def test_whether_it_has_begun_is_tested_after_the_lock() -> None:
    made = event()
    [one] = people(1)
    instants = iter([made.starts_at - MINUTE, made.starts_at])
    with pytest.raises(EventStarted):
        services.book(event=made.id, member=one.id, moment=lambda: next(instants))
    assert counts(made) == (0, 0, 0)


def test_who_missed_too_many_waits_until_the_strikes_are_old(ada: Member) -> None:
    load_events(no_show={"strikes_in_days": 30, "most": 2})
    made = event()
    ago = [timezone.now() - dt.timedelta(days=days) for days in (40, 20, 10)]
    for missed_at in ago[:2]:
        past = event(starts_in=-dt.timedelta(days=50))
        Booking.objects.create(event=past, member=ada, state="booked", missed_at=missed_at)
    assert book(event(), ada) == ["booked"]
    past = event(starts_in=-dt.timedelta(days=50))
    Booking.objects.create(event=past, member=ada, state="booked", missed_at=ago[2])
    refused(made, ada, TooManyNoShows, next_at=(ago[1] + dt.timedelta(days=30)).isoformat())
    load_events()
    assert book(made, ada) == ["booked"]


def test_reasons_come_in_the_members_language(ada: Member) -> None:
    made = event(level_floor=100)
    answer = signed_in(ada).get(booking(made, ""), headers={"Accept-Language": "zh_CN"})
    assert answer.json()["why_not"]["reason"] == "活动仅限更高等级的成员参加，还差 100 积分。"


# --- What operators do ----------------------------------------------------------------------------


def test_a_draft_is_no_event_for_members(client: Client) -> None:
    starts_at = timezone.now() + HOUR
    said = EventDetails(title="x", starts_at=starts_at, ends_at=starts_at + HOUR)
    made = services.create_event(details=said)
    assert client.get(EVENTS).json()["results"] == []
    for answer in (put(client, made), client.get(booking(made, "")), client.delete(booking(made))):
        assert answer.status_code == 404
    services.publish_event(event=made.id)
    assert put(client, made).status_code == 201


def test_added_seats_are_offered_in_order() -> None:
    made = event(seats=1)
    who = people(4)
    book(made, *who)
    made.refresh_from_db()
    services.change_event(event=made.id, details=details(made, seats=3))
    assert states(made, *who) == ["booked", "offered", "offered", "waiting"]
    assert counts(made) == (3, 1, 3)
    made.refresh_from_db()
    services.change_event(event=made.id, details=details(made, seats=None))
    assert states(made, *who) == ["booked", "offered", "offered", "offered"]


def test_who_has_a_seat_keeps_it() -> None:
    made = event(seats=3)
    book(made, *people(3))
    with pytest.raises(SeatsBelowBookings):
        services.change_event(event=made.id, details=details(made, seats=2))


def test_a_cancelled_event_gives_all_bookings_back(client: Client, ada: Member) -> None:
    made = event(seats=1)
    one, other = people(2)
    book(made, one, other)
    for _ in range(2):
        services.cancel_event(event=made.id, reason="Snow")
    assert states(made, one, other) == ["cancelled", "cancelled"]
    assert counts(made)[:2] == (0, 0)
    assert put(client, made).json()["code"] == EventCancelled.code
    seen = client.get(booking(made, "")).json()
    assert (seen["state"], seen["cancellation"]) == ("cancelled", "Snow")
    with pytest.raises(EventOver):
        services.change_event(event=made.id, details=details(made))


def test_an_event_that_was_attended_is_not_cancelled() -> None:
    made = event(starts_in=-MINUTE)
    [one] = people(1)
    services.attend_by_scan(event=made.id, text=one.external_id)
    with pytest.raises(EventTookPlace):
        services.cancel_event(event=made.id, reason="Snow")


@pytest.mark.parametrize(
    "change",
    [
        {"booked": 3},
        {"waiting": 1},
        {"waiting": 1, "places": 1},
        {"seats": 0},
        {"ends_at": F("starts_at")},
        {"ends_at": F("starts_at") + dt.timedelta(days=15)},
        {"cancel_until_at": F("starts_at") + MINUTE},
        {"booking_opens_at": F("starts_at")},
        {"state": "over"},
        {"kind": "party"},
    ],
    ids=str,
)
def test_what_an_event_cannot_be_the_database_refuses(change: dict[str, Any]) -> None:
    made = event(seats=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(id=made.id).update(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "waiting"},
        {"state": "offered", "position": 7},
        {"offer_expires_at": NOON},
        {"state": "cancelled", "missed_at": NOON},
        {"state": "gone"},
    ],
    ids=str,
)
def test_what_a_booking_cannot_be_the_database_refuses(change: dict[str, Any]) -> None:
    [one] = people(1)
    book(event(), one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.update(**change)


# --- The list -------------------------------------------------------------------------------------


def listed(client: Client, **query: str) -> list[str]:
    answer = client.get(EVENTS, query)
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["results"]]


def test_events_are_listed_soonest_first_until_they_are_over(client: Client) -> None:
    event(title="later", starts_in=5 * HOUR, kind="online")
    event(title="sooner", starts_in=2 * HOUR)
    event(title="on", starts_in=-HOUR / 2)
    event(title="over", starts_in=-2 * HOUR)
    assert listed(client) == ["on", "sooner", "later"]
    assert listed(client, kind="online") == ["later"]
    now = timezone.now()
    assert listed(client, to=(now + 3 * HOUR).isoformat()) == ["on", "sooner"]
    past = {"from": (now - 3 * HOUR).isoformat()}
    assert listed(client, **past) == ["over", "on", "sooner", "later"]
    first = client.get(EVENTS, {"limit": 2}).json()
    assert listed(client, limit="2", cursor=first["next_cursor"]) == ["later"]


def test_the_list_tells_what_is_left_and_what_is_ones_own(client: Client, ada: Member) -> None:
    made = event(seats=2, link="https://meet.example/7")
    [seen] = client.get(EVENTS).json()["results"]
    assert (seen["seats_left"], seen["booking"], seen["bookable"]) == (2, None, True)
    assert seen["link"] == ""
    book(made, *people(1), ada)
    [seen] = client.get(EVENTS).json()["results"]
    assert (seen["seats_left"], seen["booking"]["state"]) == (0, "booked")
    assert seen["link"] == "https://meet.example/7"
    [others] = signed_in(MemberFactory.create()).get(EVENTS).json()["results"]
    assert (others["booking"], others["link"], others["bookable"]) == (None, "", True)


def test_a_longer_list_asks_no_more_queries(client: Client, ada: Member) -> None:
    load_events(no_show={"most": 3})
    counted = []
    for more in [2, 10]:
        for _ in range(more):
            made = event(seats=1, host_id=MemberFactory.create().id)
            book(made, *people(2), ada)
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(client)) >= more
        counted.append(len(queries))
    assert counted[0] == counted[1] == 8


def test_a_booking_is_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    made = event(seats=3)
    put(client, event())
    with django_assert_max_num_queries(15):
        assert put(client, made).status_code == 201


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "party"},
        {"kind": ""},
        {"from": "yesterday"},
        {"from": "2026-11-22T10:00:00"},
        {"to": "2026-11-22"},
        {"limit": "0"},
        {"limit": "101"},
        {"cursor": "x"},
        {"state": "draft"},
        {"from": "\0"},
    ],
    ids=str,
)
def test_a_bad_query_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get(EVENTS, query).status_code == 400


@pytest.mark.parametrize("body", ['{"member": 1}', "[]", "null", '"x"', "{"])
def test_a_booking_says_nothing_more(client: Client, body: str) -> None:
    made = event()
    assert put(client, made, body).status_code == 400
    assert not Booking.objects.exists()


@pytest.mark.parametrize("id", ["0", "9007199254740992", "99999", "x", "1e3", "%00"])
def test_an_event_that_is_not_there_is_not_found(client: Client, id: str) -> None:  # noqa: A002
    for tail in ("", "booking/"):
        assert client.get(f"{EVENTS}{id}/{tail}").status_code in {404, 405}
    assert client.put(f"{EVENTS}{id}/booking/", "{}", "application/json").status_code == 404


def test_an_absent_event_raises_its_name() -> None:
    for service in (services.book, services.cancel_booking):
        with pytest.raises(NoSuchEvent):
            service(event=7, member=1)
    assert EventFull.code == "event_full"


def test_the_seats_of_who_leaves_go_to_others(ada: Member) -> None:
    coming, past = event(seats=1), event(starts_in=-MINUTE)
    [other] = people(1)
    book(coming, ada, other)
    Booking.objects.create(event=past, member=ada, state="booked")
    Event.objects.filter(id=past.id).update(booked=1)
    assert signed_in(ada).delete("/api/v1/me/").status_code == 204
    assert states(coming, ada, other) == ["cancelled", "offered"]
    assert states(past, ada) == ["booked"]
