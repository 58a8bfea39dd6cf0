"""Operators run an evening: who is there, the code on the wall, and a list afterwards."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from activities import services
from activities.models import Attendance, Booking, Event
from activities.services import EventDetails
from members.models import Member
from pointsvc.demo.events import load_events
from tests.browser.conftest import Visitor
from tests.browser.visit import DESKTOP, PHONE

SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(scope="module")
def evening(host: str) -> Event:
    """An event that is going on; some have booked, and some have come."""
    load_events(now=timezone.now(), seed=0)
    starts_at = timezone.now() - dt.timedelta(minutes=15)
    details = EventDetails(
        title="Lantern evening",
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=3),
        seats=8,
    )
    event = services.create_event(details=details)
    services.publish_event(event=event.id)
    members = list(Member.objects.order_by("id")[:12])
    before = starts_at - dt.timedelta(days=1)
    for member in members[:10]:
        services.book(event=event.id, member=member.id, moment=lambda: before)
    for number, member in enumerate(members[:5]):
        arrived_at = starts_at + dt.timedelta(minutes=3 * number)
        services.attend_by_scan(
            event=event.id,
            text=member.external_id,
            moment=lambda arrived_at=arrived_at: arrived_at,  # type: ignore[misc]  # a clock
        )
    return event


@pytest.mark.parametrize(
    ("language", "size"), [("zh-hans", "desktop"), ("en", "desktop"), ("zh-hans", "phone")]
)
def test_who_comes_is_seen_at_once(
    visitor: Visitor, names: set[str], evening: Event, language: str, size: str
) -> None:
    visit = visitor(language, size=SIZES[size])
    visit.open(f"/admin/activities/event/{evening.id}/change/")
    visit.read(names=names)
    visit.shoot(f"event-{size}")
    page = visit.open(f"/admin/activities/event/{evening.id}/attendance/")
    visit.read(names=names)
    before = int(page.locator("#attended").inner_text())
    absent = Member.objects.exclude(attendance__event=evening).exclude(state="left").first()
    assert absent
    services.attend_by_scan(event=evening.id, text=absent.external_id)
    page.wait_for_function(
        f"Number(document.getElementById('attended').textContent) === {before + 1}"
    )
    other = Member.objects.exclude(attendance__event=evening).exclude(state="left").first()
    assert other
    page.fill("[name=text]", other.external_id)
    page.keyboard.press("Enter")  # as a scanner does
    page.wait_for_function(
        f"Number(document.getElementById('attended').textContent) === {before + 2}"
    )
    visit.look()
    visit.read(names=names)
    visit.shoot(f"event-attendance-{size}")


# At once, for between two looks the code may be another.
SEEN = """() => {
  const code = document.querySelector("#code svg"), box = code?.getBoundingClientRect();
  return code && [box.width, box.height, code.innerHTML];
}"""


@pytest.mark.parametrize(
    ("language", "size"), [("zh-hans", "desktop"), ("en", "desktop"), ("zh-hans", "phone")]
)
def test_the_screen_shows_the_code_and_the_next_one(
    visitor: Visitor, names: set[str], evening: Event, language: str, size: str
) -> None:
    visit = visitor(language, size=SIZES[size])
    page = visit.open(f"/admin/activities/event/{evening.id}/screen/")
    page.locator("#code svg").wait_for()
    page.wait_for_timeout(300)
    visit.look()
    visit.read(names=names)
    visit.shoot(f"event-screen-{size}")
    if size == "phone":
        return
    width, height, first = page.wait_for_function(SEEN).json_value()
    assert min(width, height) > 400
    page.wait_for_function(
        "first => document.querySelector('#code svg')?.innerHTML !== first",
        arg=first,
        timeout=45_000,
    )


def test_the_screen_hides_the_code_without_a_connection(visitor: Visitor, evening: Event) -> None:
    visit = visitor("zh-hans")
    page = visit.open(f"/admin/activities/event/{evening.id}/screen/")
    page.locator("#code svg").wait_for()
    page.route("**/code/", lambda route: route.abort())
    page.locator("#code svg").wait_for(state="detached")
    assert "连接中断" in page.locator("#said").inner_text()
    page.unroute("**/code/")
    page.locator("#code svg").wait_for()
    visit.faults = [fault for fault in visit.faults if "ERR_FAILED" not in fault]


def test_a_list_is_checked_and_taken(visitor: Visitor, names: set[str], evening: Event) -> None:
    visit = visitor("zh-hans")
    page = visit.open(f"/admin/activities/event/{evening.id}/upload/")
    here = Attendance.objects.filter(event=evening).count()
    member = Member.objects.exclude(attendance__event=evening).exclude(state="left").first()
    assert member
    text = f"member,arrived_at,minutes\n{member.external_id},,\nnobody,soon,\n"
    sheet = {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()}
    for is_dry_run in (True, False):
        page.set_input_files("[name=file]", sheet)  # type: ignore[arg-type]  # a payload
        page.locator("[name=is_dry_run]").set_checked(is_dry_run, force=True)
        visit.follow(page.locator("#page-form button[type=submit]").click)
        visit.read(names=names)
        visit.shoot(f"event-list-{'checked' if is_dry_run else 'taken'}")
        assert Attendance.objects.filter(event=evening).count() == here + (not is_dry_run)
    assert re.search("nobody|错误行", page.content())


def test_the_line_is_shown(visitor: Visitor, evening: Event) -> None:
    live = Event.objects.get(kind="live_class")
    assert Booking.objects.filter(event=live, state="waiting").exists()
    visit = visitor("zh-hans")
    visit.open(f"/admin/activities/event/{live.id}/change/")
    visit.page.locator("text=预约").last.scroll_into_view_if_needed()
    visit.shoot("event-waitlist")
