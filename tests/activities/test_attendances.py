"""Members are at an event once, whatever the way it was taken, and it counts as the rules say."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from activities import services
from activities.errors import (
    AttendanceCodeExpired,
    AttendanceCodeInvalid,
    AttendanceNotOpen,
    AttendanceVoid,
    EventOver,
    MemberNotActive,
    NoSuchMember,
)
from activities.models import Activity, Attendance, Booking, Event
from activities.selectors import event_codes
from activities.services import Listed
from kit.errors import NotFound
from members.models import Member
from tests.activities.gatherings import (
    HOUR,
    MINUTE,
    at,
    attended,
    book,
    close,
    code,
    event,
    load_events,
    people,
)
from tests.factories import MemberFactory
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled, shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

ATTENDANCES = "/api/v1/attendances/"


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


def post(client: Client, text: object) -> Any:
    return client.post(ATTENDANCES, {"code": text}, content_type="application/json")


def on(**said: Any) -> Event:
    """An event that began a moment ago."""
    return event(**{"starts_in": -MINUTE, **said})


def listed(of: Event, *rows: Listed, **said: Any) -> list[str]:
    return [
        one.error.code if one.error else one.status
        for one in services.attend_by_list(event=of.id, rows=rows, **said)
    ]


# --- By the event's code --------------------------------------------------------------------------


def test_the_code_on_the_screen_counts_once(client: Client, ada: Member) -> None:
    made = on()
    answers = [post(client, code(made)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    body = answers[0].json()
    assert body["awards"] == [{"rule": "attended", "points": 10}]
    assert (body["state"], body["way"], body["note"]) == ("counted", "code", "")
    assert body["event"] == {"id": made.id, "title": "Evening"}
    assert [one["code"] for one in body["refusals"]] == ["condition_failed"]
    assert shown(ada.id).available == 10
    assert Activity.objects.get().id == f"~event.attended:{made.id}:{ada.id}"


def test_a_code_is_good_for_its_span_and_the_next(ada: Member) -> None:
    made = on()
    now = timezone.now()
    spans = [now - dt.timedelta(seconds=30 * count) for count in range(4)]
    for shown_at in spans[2:]:
        with pytest.raises(AttendanceCodeExpired):
            services.attend(code=code(made, now=shown_at), member=ada.id, moment=at(now))
    ahead = code(made, now=now + dt.timedelta(seconds=30))
    with pytest.raises(AttendanceCodeExpired):
        services.attend(code=ahead, member=ada.id, moment=at(now))
    for shown_at in spans[:2]:
        taken = services.attend(code=code(made, now=shown_at), member=ada.id, moment=at(now))
        assert taken.attendance.state == "counted"


def test_a_code_changes_every_thirty_seconds_and_says_when() -> None:
    start = dt.datetime(2026, 11, 25, 12, 0, 0, tzinfo=dt.UTC)
    shown_at = [
        event_codes.code_of(event=7, now=start + dt.timedelta(seconds=seconds), seconds=30)
        for seconds in (0, 29, 30)
    ]
    assert shown_at[0] == shown_at[1] != shown_at[2]
    assert shown_at[0].next_at == start + dt.timedelta(seconds=30)


def forged(made: Event, other: Event, client: Client) -> dict[str, object]:
    good = code(made)
    head, mac = good.rsplit(".", 1)
    pass_ = client.get(f"/api/v1/events/{made.id}/").json()["pass"]
    return {
        "another event": f"E.{other.id}.{head.split('.')[2]}.{mac}",
        "another span": f"E.{made.id}.{int(head.split('.')[2]) + 1}.{mac}",
        "a guess": f"{head}.{'A' * 16}",
        "no signature": head,
        "lower case": good.lower(),
        "a pass": pass_,
        "no event": "E.0.1.AAAAAAAAAAAAAAAA",
        "huge": "E.9999999999999999.999999999999.AAAAAAAAAAAAAAAA",
        "words": "let me in",
        "full width": good.replace("E", "Ｅ"),
        "a line more": f"{good}\n{good}",
    }


def test_what_we_have_not_made_is_no_code(client: Client) -> None:
    made, other = on(), on()
    bodies = set()
    for text in forged(made, other, client).values():
        answer = post(client, text)
        assert (answer.status_code, answer.json()["code"]) == (400, "attendance_code_invalid"), text
        body = answer.json()
        body.pop("request_id")
        bodies.add(str(body))
    assert len(bodies) == 1  # which of it was wrong is nobody's business
    assert not Attendance.objects.exists()


def test_an_old_code_says_so(client: Client) -> None:
    made = on()
    answer = post(client, code(made, now=timezone.now() - 2 * MINUTE))
    assert (answer.status_code, answer.json()["code"]) == (409, "attendance_code_expired")


@pytest.mark.parametrize(
    "body",
    ['{"code": 7}', '{"code": null}', '{"code": ""}', "{}", "[]", '{"code": "x", "member": 1}'],
)
def test_a_bad_body_is_refused(client: Client, body: str) -> None:
    assert client.post(ATTENDANCES, body, "application/json").status_code == 400
    long = post(client, "E" * 201)
    assert (long.status_code, long.json()["code"]) == (400, "invalid")


def test_a_code_of_a_secret_of_others_is_invalid(client: Client, settings: Any) -> None:
    made = on()
    settings.SECRET_KEY = "another secret, as another service has it"
    theirs = code(made)
    settings.SECRET_KEY = "the secret of this one"
    assert post(client, theirs).json()["code"] == "attendance_code_invalid"


def test_attendance_is_taken_from_an_hour_before_until_the_end(ada: Member) -> None:
    made = event()
    for instant, refusal in (
        (made.starts_at - 61 * MINUTE, AttendanceNotOpen),
        (made.ends_at + dt.timedelta.resolution, EventOver),
    ):
        with pytest.raises(refusal):
            services.attend(code=code(made, now=instant), member=ada.id, moment=at(instant))
    opens_at = made.starts_at - HOUR
    services.attend(code=code(made, now=opens_at), member=ada.id, moment=at(opens_at))
    assert attended(made, ada).late_minutes == 0


def test_a_cancelled_event_takes_nobody(client: Client) -> None:
    made = on()
    services.cancel_event(event=made.id, reason="Snow")
    assert post(client, code(made)).json()["code"] == "event_cancelled"


def test_an_event_may_take_only_those_who_booked(client: Client, ada: Member) -> None:
    made = event(seats=1, takes_walk_ins=False)
    [one] = people(1)
    book(made, one, ada)
    assert post(client, code(made)).json()["code"] == "attendance_not_open"
    Event.objects.filter(id=made.id).update(starts_at=timezone.now() - MINUTE)
    assert post(client, code(made)).json()["code"] == "booking_required"
    assert post(signed_in(one), code(made)).status_code == 201


def test_who_comes_late_is_late_and_a_program_may_tell(ada: Member) -> None:
    early, late = on(starts_in=-9 * MINUTE), on(starts_in=-11 * MINUTE)
    for made in (early, late):
        services.attend(code=code(made), member=ada.id)
    assert [attended(made, ada).late_minutes for made in (early, late)] == [0, 11]
    assert shown(ada.id).available == 10 + 8
    data = Activity.objects.get(id=f"~event.attended:{late.id}:{ada.id}").data
    assert data == {
        "event": late.id,
        "kind": "offline",
        "title": "Evening",
        "late": True,
        "late_minutes": 11,
    }


# --- By staff -------------------------------------------------------------------------------------


def test_staff_scan_a_pass_or_an_external_id(client: Client, ada: Member) -> None:
    made = on()
    pass_ = client.get(f"/api/v1/events/{made.id}/").json()["pass"]
    taken = services.attend_by_scan(event=made.id, text=pass_)
    assert (taken.attendance.member_id, taken.attendance.way, taken.is_new) == (
        *(ada.id, "scan", True),
    )
    again = services.attend_by_scan(event=made.id, text="ada")
    assert (again.attendance.id, again.is_new) == (taken.attendance.id, False)
    assert shown(ada.id).available == 10


def test_a_pass_is_its_members_for_its_event_and_span(client: Client, ada: Member) -> None:
    made, other = on(), on()
    [ben] = people(1)
    pass_ = client.get(f"/api/v1/events/{made.id}/").json()["pass"]
    _kind, number, member, span, mac = pass_.split(".")
    assert member == str(ada.id)
    with pytest.raises(AttendanceCodeInvalid):
        services.attend_by_scan(event=other.id, text=pass_)
    with pytest.raises(AttendanceCodeInvalid):
        services.attend_by_scan(event=made.id, text=f"P.{number}.{ben.id}.{span}.{mac}")
    later = timezone.now() + MINUTE
    with pytest.raises(AttendanceCodeExpired):
        services.attend_by_scan(event=made.id, text=pass_, moment=at(later))
    assert not Attendance.objects.exists()


def test_staff_scan_nobody_who_is_not_there(ada: Member) -> None:
    made = on()
    with pytest.raises(NoSuchMember):
        services.attend_by_scan(event=made.id, text="nobody")
    Member.objects.update(state="paused")
    with pytest.raises(MemberNotActive):
        services.attend_by_scan(event=made.id, text="ada")


# --- From a list ----------------------------------------------------------------------------------


def test_a_list_takes_each_once_and_names_what_is_wrong(ada: Member) -> None:
    made = on(starts_in=-3 * HOUR, lasts=2 * HOUR)
    MemberFactory.create(external_id="paused", state="paused")
    rows = [
        Listed("ada", made.starts_at + 20 * MINUTE),
        Listed("ada"),
        Listed("nobody"),
        Listed("paused"),
        Listed("ada", made.ends_at + MINUTE),
    ]
    assert listed(made, *rows) == [
        *("taken", "known", "unknown_member", "member_not_active", "not_at_the_event"),
    ]
    assert listed(made, rows[0]) == ["known"]
    found = attended(made, ada)
    assert (found.way, found.late_minutes, found.arrived_at) == ("list", 20, rows[0].arrived_at)
    assert shown(ada.id).available == 8


def test_a_list_of_what_is_to_come_is_refused() -> None:
    with pytest.raises(AttendanceNotOpen):
        listed(event(), Listed("ada"))


def test_a_rehearsal_says_the_same_and_writes_nothing(ada: Member) -> None:
    made = on()
    rows = [Listed("ada"), Listed("nobody")]
    told = services.rehearse_list(event=made.id, rows=rows, now=timezone.now())
    assert [one.status for one in told] == ["taken", "refused"]
    assert not Attendance.objects.exists()


# --- A stay, and the end --------------------------------------------------------------------------


def test_a_stay_counts_when_it_is_long_enough_and_scanned_again(ada: Member) -> None:
    made = event(min_stay_minutes=30)
    arrived = made.starts_at
    for minutes, state, points in ((0, "here", 0), (29, "here", 0), (30, "counted", 10)):
        now = arrived + minutes * MINUTE
        taken = services.attend(code=code(made, now=now), member=ada.id, moment=at(now))
        assert (taken.attendance.state, shown(ada.id).available) == (state, points)
    found = attended(made, ada)
    assert (found.minutes, found.left_at) == (30, arrived + 30 * MINUTE)
    assert Activity.objects.get().data["minutes"] == 30


def test_an_arrival_says_what_it_waits_for(client: Client) -> None:
    made = on(min_stay_minutes=30)
    body = post(client, code(made)).json()
    assert (body["state"], body["awards"]) == ("here", [])
    assert body["note"] == "It counts after 30 minutes: at the end, or when you scan again."


def test_at_the_end_who_is_there_still_has_stayed(ada: Member) -> None:
    made = event(min_stay_minutes=30)
    [late] = people(1)
    for who, minutes in ((ada, 5), (late, 31)):
        now = made.starts_at + minutes * MINUTE
        services.attend(code=code(made, now=now), member=who.id, moment=at(now))
    close(now=made.ends_at + HOUR)
    assert attended(made, ada).state == "here"  # two hours must have passed
    for _ in range(2):
        close(now=made.ends_at + 2 * HOUR)
    assert (attended(made, ada).state, attended(made, ada).minutes) == ("counted", 55)
    assert (attended(made, late).state, attended(made, late).minutes) == ("short", 29)
    assert shown(ada.id).available == 10
    assert shown(late.id).available == 0
    assert_reconciled()


def test_who_booked_and_did_not_come_has_missed_it(ada: Member) -> None:
    made = event(host_id=MemberFactory.create().id)
    came, ben, walked_in = people(3)
    book(made, ada, ben, came)
    for who in (came, walked_in):
        services.attend_by_scan(event=made.id, text=who.external_id, moment=at(made.starts_at))
    for _ in range(2):
        close(now=made.ends_at + 2 * HOUR, chunk=1)
    missed = Booking.objects.filter(missed_at=made.ends_at).values_list("member", flat=True)
    assert set(missed) == {ada.id, ben.id}
    assert (shown(ada.id).net, shown(came.id).net) == (-3, 10)
    made.refresh_from_db()
    assert made.state == "closed"
    assert made.host_id is not None
    assert shown(made.host_id).available == 2 * 5
    assert Activity.objects.filter(action="event.hosted").count() == 1
    assert_reconciled()


def test_where_nobodys_attendance_was_taken_nobody_has_missed_it(ada: Member) -> None:
    made = event(host_id=MemberFactory.create().id)
    book(made, ada)
    close(now=made.ends_at + 2 * HOUR)
    made.refresh_from_db()
    assert made.state == "closed"
    assert not Booking.objects.filter(missed_at__isnull=False).exists()
    assert not Activity.objects.exists()


def test_a_list_that_comes_late_clears_a_no_show(ada: Member) -> None:
    made = event(min_stay_minutes=30, host_id=MemberFactory.create().id)
    [came] = people(1)
    book(made, ada, came)
    services.attend_by_scan(event=made.id, text=came.external_id, moment=at(made.starts_at))
    later = made.ends_at + 2 * HOUR
    close(now=later)
    assert shown(ada.id).net == -3
    for status in ("taken", "known"):
        assert listed(made, Listed("ada"), moment=at(later)) == [status]
    assert shown(ada.id).net == 10
    assert (attended(made, ada).state, attended(made, ada).minutes) == ("counted", 60)
    assert not Booking.objects.filter(missed_at__isnull=False).exists()
    assert Activity.objects.filter(action="event.hosted").count() == 1
    assert_reconciled()


def test_the_first_list_after_the_end_thanks_the_host(ada: Member) -> None:
    made = event(host_id=MemberFactory.create().id)
    later = made.ends_at + 2 * HOUR
    close(now=later)
    others = people(2)
    listed(made, *(Listed(one.external_id) for one in [ada, *others]), moment=at(later))
    assert made.host_id is not None
    assert shown(made.host_id).available == 15


def test_a_list_tells_how_long_members_stayed(ada: Member) -> None:
    made = on(starts_in=-3 * HOUR, min_stay_minutes=30)
    [short] = people(1)
    listed(made, Listed("ada", minutes=30), Listed(short.external_id, minutes=29))
    assert [attended(made, who).state for who in (ada, short)] == ["counted", "short"]
    assert (shown(ada.id).available, shown(short.id).available) == (10, 0)


# --- Taking back ----------------------------------------------------------------------------------


def test_a_void_attendance_grants_nothing_and_stays_void(client: Client, ada: Member) -> None:
    made = on()
    post(client, code(made))
    for _ in range(2):
        found = attended(made, ada)
        services.void_attendance(attendance=found.id, reason="a friend's", now=timezone.now())
    assert shown(ada.id).available == 0
    assert (attended(made, ada).state, attended(made, ada).reason) == ("void", "a friend's")
    assert post(client, code(made)).json()["code"] == AttendanceVoid.code
    assert listed(made, Listed("ada")) == ["known"]
    assert shown(ada.id).available == 0
    assert_reconciled()
    with pytest.raises(NotFound):
        services.void_attendance(attendance=0, reason="x", now=timezone.now())


def test_the_reason_is_forgotten_with_the_member(client: Client, ada: Member) -> None:
    made = on()
    post(client, code(made))
    found = attended(made, ada)
    services.void_attendance(attendance=found.id, reason="Ada's friend", now=timezone.now())
    client.delete("/api/v1/me/")
    assert attended(made, ada).reason == ""


def test_one_attendance_a_member_and_event_says_the_database(ada: Member) -> None:
    made = on()
    services.attend_by_scan(event=made.id, text="ada")
    with pytest.raises(IntegrityError):
        Attendance.objects.create(
            event=made, member=ada, way="list", state="counted", arrived_at=timezone.now()
        )
