"""Operators make events, run them on the evening, and call them off."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities import services
from activities.admin.event_pages import picture
from activities.models import Attendance, Event, EventSeries
from activities.selectors import event_codes
from members.models import Member
from tests.activities.gatherings import HOUR, MINUTE, attended, book, event, load_events, people
from tests.admin.conftest import limited
from tests.factories import MemberFactory
from tests.points.support import shown
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

EVENTS = "/admin/activities/event/"
SERIES = "/admin/activities/eventseries/"


@once_a_module
def _program() -> None:
    load_events(zone="UTC")


@pytest.fixture
def ada() -> Member:
    made: Member = MemberFactory.create(nickname="Ada", external_id="ada")
    return made


def page(of: Event, name: str = "change") -> str:
    return f"{EVENTS}{of.pk}/{name}/"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def split(name: str, instant: dt.datetime | None) -> dict[str, str]:
    return {
        f"{name}_0": f"{instant:%Y-%m-%d}" if instant else "",
        f"{name}_1": f"{instant:%H:%M:%S}" if instant else "",
    }


def form(**said: Any) -> dict[str, Any]:
    starts_at = (timezone.now() + dt.timedelta(days=2)).replace(microsecond=0)
    return {
        "title": "Lantern evening",
        "kind": "offline",
        "host": "",
        "description": "",
        "place": "Hall",
        "link": "",
        "seats": "2",
        "has_waitlist": "on",
        "claim_minutes": "30",
        "level_floor": "0",
        "member_days": "0",
        "takes_walk_ins": "on",
        "min_stay_minutes": "0",
        "late_after_minutes": "10",
        **split("starts_at", starts_at),
        **split("ends_at", starts_at + 2 * HOUR),
        **split("booking_opens_at", None),
        **split("cancel_until_at", starts_at - HOUR),
        **said,
    }


def test_an_event_is_drafted_published_and_changed(operator: Client, ada: Member) -> None:
    assert operator.post(f"{EVENTS}add/", form(host=ada.pk, level_floor="100")).status_code == 302
    made = Event.objects.get()
    assert (made.state, made.host, made.level_floor, made.seats) == ("draft", ada, 100, 2)
    assert operator.post(page(made, "publish")).status_code == 302
    who = people(3)
    Event.objects.update(level_floor=0)
    book(made, *who)
    seen = text_of(operator, page(made))
    assert "2 / 2" in seen
    assert str(who[2]) in seen
    assert operator.post(page(made), form(seats="3")).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.seats, made.booked, made.waiting) == ("published", 3, 3, 0)
    answer = operator.post(page(made), form(seats="2"))
    assert "More seats than that are booked or offered." in answer.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"seats": "0"},
        {"seats": "100001"},
        {"seats": "2.5"},
        {"kind": "party"},
        {"level_floor": "7"},
        {"link": "javascript:alert(1)"},
        {"host": "0"},
        split("ends_at", timezone.now().replace(year=2026, month=1)),
        split("ends_at", timezone.now().replace(year=2199)),
        split("cancel_until_at", timezone.now().replace(year=2199)),
        split("booking_opens_at", timezone.now().replace(year=2199)),
        {"starts_at_0": "soon"},
        {"claim_minutes": str(2**40)},
    ],
    ids="-".join,
)
def test_what_cannot_be_an_event_is_refused(operator: Client, wrong: dict[str, str]) -> None:
    assert operator.post(f"{EVENTS}add/", form(**wrong)).status_code == 200
    assert not Event.objects.exists()


def test_calling_off_asks_for_the_reason(operator: Client) -> None:
    made = event(seats=1)
    who = people(2)
    book(made, *who)
    assert operator.get(page(made, "call_off")).status_code == 200
    assert operator.post(page(made, "call_off"), {"reason": " "}).status_code == 200
    assert Event.objects.get().state == "published"
    assert operator.post(page(made, "call_off"), {"reason": "Snow"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.booked, made.waiting) == ("cancelled", 0, 0)
    assert "Snow" in text_of(operator, page(made))
    assert operator.post(page(made), form()).status_code == 403


def test_the_screen_shows_a_code_that_members_can_use(operator: Client, ada: Member) -> None:
    made = event(starts_in=-MINUTE)
    assert page(made, "code") in text_of(operator, page(made, "screen"))
    codes = [event_codes.code_of(event=made.id, now=timezone.now(), seconds=30)]
    told = operator.get(page(made, "code")).json()
    codes.append(event_codes.code_of(event=made.id, now=timezone.now(), seconds=30))
    assert told["svg"] in {picture(text=code.text) for code in codes}
    assert 0 < told["seconds"] <= 30
    assert re.match(r"<svg [^>]*viewBox", told["svg"])
    shown_now = event_codes.code_of(event=made.id, now=timezone.now(), seconds=30)
    services.attend(code=shown_now.text, member=ada.id)
    assert operator.get(page(made, "code")).json()["said"] == "1 are here"
    Event.objects.update(state="closed")
    assert operator.get(page(made, "code")).json()["svg"] == ""


def test_staff_scan_members_in_and_see_who_is_there(operator: Client, ada: Member) -> None:
    made = event(starts_in=-20 * MINUTE)
    assert "Nobody has come yet." in text_of(operator, page(made, "attendance"))
    Event.objects.update(starts_at=timezone.now() + HOUR / 2, ends_at=timezone.now() + HOUR)
    book(made, ada, *people(1))
    for text, said in (
        ("ada", "Ada is in."),
        (" ada ", "Ada was in before: counted."),
        ("nobody", "nobody: There is no member with this id."),
        ("P.1.1.1.AAAAAAAAAAAAAAAA", "This is not a code of an event."),
    ):
        answer = operator.post(page(made, "attendance"), {"text": text}, follow=True)
        assert said in answer.content.decode(), text
    assert attended(made, ada).way == "scan"
    html = operator.get(page(made, "live")).json()["html"]
    assert "Ada" in html
    assert "1 of the 2 who booked" in " ".join(html.split())


def test_names_are_no_markup_on_the_live_page(operator: Client) -> None:
    made = event(starts_in=-MINUTE)
    evil = MemberFactory.create(nickname="<b>x</b>", external_id="<i>")
    services.attend_by_scan(event=made.id, text=evil.external_id)
    html = operator.get(page(made, "live")).json()["html"]
    assert "<b>x" not in html
    assert "&lt;b&gt;x" in html


def upload(client: Client, of: Event, text: str, **said: Any) -> str:
    file = SimpleUploadedFile("list.csv", text.encode())
    answer = client.post(page(of, "upload"), {"file": file, **said})
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_list_is_checked_then_taken_and_its_bad_rows_are_named(
    operator: Client, ada: Member
) -> None:
    made = event(starts_in=-MINUTE)
    text = "member,arrived_at,minutes\nada,,\nnobody,,\n,soon,x\nada,,\n"
    seen = upload(operator, made, text, is_dry_run="on")
    assert "Checked; nothing was kept" in seen
    assert not Attendance.objects.exists()
    for _ in range(2):
        seen = upload(operator, made, text)
        assert "3 member unknown_member There is no such member." in seen
        assert "4 arrived_at invalid" in seen
        assert "4 minutes invalid Expected a whole number of minutes." in seen
    assert Attendance.objects.count() == 1
    assert shown(ada.id).available == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "The columns should be member,arrived_at,minutes"),
        ("PK\x03\x04", "This is a XLSX file."),
        ('member,arrived_at,minutes\n"ada,,\n', "opens a quote that is never closed"),
    ],
)
def test_what_is_no_list_is_refused(operator: Client, text: str, said: str) -> None:
    assert said in upload(operator, event(starts_in=-MINUTE), text)


def test_a_list_of_what_has_not_begun_is_refused(operator: Client) -> None:
    seen = upload(operator, event(), "member,arrived_at,minutes\nada,,\n")
    assert "Attendance is not taken yet." in seen


def test_an_attendance_is_declared_void(operator: Client, ada: Member) -> None:
    made = event(starts_in=-MINUTE)
    services.attend_by_scan(event=made.id, text="ada")
    found = attended(made, ada)
    address = f"/admin/activities/attendance/{found.pk}/void/"
    assert operator.post(address, {"reason": ""}).status_code == 200
    assert operator.post(address, {"reason": "a friend's"}).status_code == 302
    assert attended(made, ada).state == "void"
    assert shown(ada.id).available == 0


def series_form(**said: Any) -> dict[str, Any]:
    kept = {name: value for name, value in form().items() if not name.endswith(("_0", "_1"))}
    return {
        **kept,
        "frequency": "weekly",
        "step": "1",
        "weekday": "3",
        "nth": "1",
        "begins": "19:00",
        "minutes": "120",
        "from_on": "2026-11-01",
        "until_on": "",
        "opens_hours": "",
        "cancel_hours": "12",
        "is_active": "on",
        **said,
    }


def test_a_series_is_made_and_changed(operator: Client) -> None:
    assert operator.post(f"{SERIES}add/", series_form()).status_code == 302
    made = EventSeries.objects.get()
    assert (made.weekday, made.begins, made.cancel_hours) == (3, dt.time(19), 12)
    address = f"{SERIES}{made.pk}/change/"
    assert operator.post(address, series_form(title="Other")).status_code == 302
    assert EventSeries.objects.get().title == "Other"
    for wrong in ({"step": "0"}, {"weekday": "7"}, {"until_on": "2026-10-01"}, {"begins": "x"}):
        assert operator.post(f"{SERIES}add/", series_form(**wrong)).status_code == 200


@pytest.mark.parametrize(
    ("permissions", "seeing", "changing", "scanning", "lists", "screen"),
    [
        ((), 403, 403, 403, 403, 403),
        (("view_event",), 200, 403, 403, 403, 200),
        (("view_event", "change_event"), 200, 302, 403, 403, 200),
        (("view_event", "view_attendance", "add_attendance"), 200, 403, 302, 200, 200),
    ],
)
def test_each_may_do_what_is_permitted(
    permissions: tuple[str, ...],
    seeing: int,
    changing: int,
    scanning: int,
    lists: int,
    screen: int,
) -> None:
    made = event(starts_in=-MINUTE)
    client = limited(*(f"activities.{name}" for name in permissions))
    assert client.get(page(made)).status_code == seeing
    assert client.post(page(made, "attendance"), {"text": "x"}).status_code == scanning
    assert client.get(page(made, "live")).status_code == (200 if scanning == 302 else 403)
    assert client.get(page(made, "upload")).status_code == lists
    for name in ("screen", "code"):
        assert client.get(page(made, name)).status_code == screen
    assert client.post(page(made, "call_off"), {"reason": "x"}).status_code == changing


def test_nobody_sees_a_code_without_logging_in(client: Client) -> None:
    made = event(starts_in=-MINUTE)
    for name in ("code", "live", "screen", "attendance", "upload"):
        answer = client.get(page(made, name))
        assert answer.status_code == 302
        assert "/login/" in answer.headers["Location"]


def test_a_longer_list_asks_no_more_queries(operator: Client) -> None:
    counts = []
    for more in [3, 10]:
        for _ in range(more):
            made = event(starts_in=-MINUTE, host_id=MemberFactory.create().id)
            services.attend_by_scan(event=made.id, text=people(1)[0].external_id)
        with CaptureQueriesContext(connection) as queries:
            operator.get(EVENTS)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 10


@pytest.mark.parametrize("name", ["change", "attendance", "screen", "upload", "live", "code"])
def test_an_event_that_is_not_there_is_not_found(operator: Client, name: str) -> None:
    for key in ("0", "x", "99999"):
        assert operator.get(f"{EVENTS}{key}/{name}/").status_code in {302, 404}
