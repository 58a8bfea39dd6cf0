"""The demo community's events: a month of them, and what comes next."""

import datetime as dt
import random

import points.selectors
from activities import selectors, services
from activities.selectors import event_codes
from activities.services import EventDetails, Listed, SeriesDetails
from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member, MemberState

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
MONTH = 28 * DAY
THURSDAY = 3
SHARE_WHO_COME = 0.85


def load_events(*, now: dt.datetime, seed: int) -> None:
    """Give the demo's members a month of events that ends at `now`, and some to look forward to.

    A weekly walk, a meetup that is over, one that is coming, and a live class that more would like
    to attend than it has seats. Everything goes in through the services, as of when it would have
    been. Does nothing where there are events already.
    """
    people = list(Member.objects.filter(state=MemberState.ACTIVE).order_by("id"))
    if selectors.has_events() or not people:
        return
    _Month(now, people, random.Random(f"events {seed}")).play()  # noqa: S311 - seeded, not secret


class _Month:
    """The month that ends at `now`."""

    def __init__(self, now: dt.datetime, people: list[Member], chance: random.Random) -> None:
        self.now, self.people, self.chance = now, people, chance
        self.clock = points.selectors.program().clock
        self.seconds = selectors.event_settings().code_seconds

    def play(self) -> None:
        """Make the events, have members book them, and let those that are over take place."""
        self._make()
        found = selectors.events(member=0, since=self.now - MONTH, until=None, kind="")
        for event in found.order_by("starts_at", "id"):
            self._book(event.id, event.starts_at, 17 if event.kind == "live_class" else 9)
            if event.ends_at < self.now:
                self._attend(event.id, event.starts_at)
                self._close(min(event.ends_at + 3 * HOUR, self.now))

    def _make(self) -> None:
        begun = self.now - MONTH
        services.save_series(
            details=SeriesDetails(
                title="Lantern walk",
                description="绕湖一圈后喝茶。",
                place="North gate",
                host_id=self.people[0].id,
                seats=14,
                weekday=THURSDAY,
                begins=dt.time(19, 30),
                minutes=90,
                from_on=self.clock.local_date(begun),
                cancel_hours=12,
            )
        )
        for instant in (begun, self.now):
            durable(services.make_ahead)(now=instant)
        self._event("Autumn meetup", -11, place="Tea house", host_id=self.people[1].id)
        self._event("Winter meetup", 12, place="Tea house", seats=30, host_id=self.people[1].id)
        self._event(
            "Herb gardening",
            5,
            kind="live_class",
            link="https://live.example/herbs",
            host_id=self.people[2].id,
            seats=12,
            min_stay_minutes=40,
        )

    def _event(self, title: str, days: int, **said: object) -> None:
        """Make an event at seven in the evening, so many days from today."""
        day = self.clock.local_date(self.now) + days * DAY
        starts_at = dt.datetime.combine(day, dt.time(19), self.clock.zone).astimezone(dt.UTC)
        plain = {"title": title, "starts_at": starts_at, "ends_at": starts_at + 2 * HOUR}
        details = EventDetails(**plain | said)  # type: ignore[arg-type]  # of several types
        services.publish_event(event=services.create_event(details=details).id)

    def _book(self, event: int, starts_at: dt.datetime, count: int) -> None:
        """Have some book in the days before, and one or two think better of it."""
        last = min(self.now, starts_at - 13 * HOUR)
        present = [one for one in self.people[3:] if one.joined_at < last - 2 * DAY]
        keen = self.chance.sample(present, min(count, len(present)))
        for number, member in enumerate(keen):
            booked_at = last - (len(keen) - number) * self.chance.uniform(1, 3) * HOUR
            self._try(services.book, event, member, booked_at)
        for member in keen[2:3]:
            self._try(services.cancel_booking, event, member, last)

    def _try(self, service: object, event: int, member: Member, instant: dt.datetime) -> None:
        try:
            service(event=event, member=member.id, moment=lambda: instant)  # type: ignore[operator]
        except DomainError:
            return  # has missed too many, as members do

    def _attend(self, event: int, starts_at: dt.datetime) -> None:
        """Have most of those who booked come, some of them late; who came unbooked is listed."""
        booked = [one.member for one in selectors.event_bookings(event=event)]
        for member in booked:
            if self.chance.random() < SHARE_WHO_COME:
                self._scan(event, member, starts_at + self.chance.randint(-15, 25) * MINUTE)
        others = [one for one in self.people[3:] if one.joined_at < starts_at]
        walked_in = [Listed(one.external_id) for one in self.chance.sample(others, 2)]
        services.attend_by_list(event=event, rows=walked_in, moment=lambda: starts_at + HOUR)

    def _scan(self, event: int, member: Member, instant: dt.datetime) -> None:
        code = event_codes.code_of(event=event, now=instant, seconds=self.seconds).text
        services.attend(code=code, member=member.id, moment=lambda: instant)

    def _close(self, instant: dt.datetime) -> None:
        while not durable(services.close_events)(now=instant).is_over:
            pass
