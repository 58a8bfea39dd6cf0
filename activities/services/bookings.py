"""Seats: booked while there are any, waited for otherwise, and handed on when somebody leaves.

The event's row is locked before any of its bookings, so each of these is alone with the event.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from django.db import transaction
from django.db.models import F, Q, QuerySet

from activities import selectors
from activities.errors import CancelDeadlinePassed, EventFull, NoSuchEvent
from activities.models import ACTIVE, Booking, BookingState, Event, EventState
from activities.rules.events import not_for, not_open, why_not
from kit.jobs import database_now
from kit.transactions import durable

Moment: TypeAlias = Callable[[], dt.datetime]
"""A clock. Asked after the lock is held, so that nobody slips in who waited past the deadline."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking, and whether this call made it."""

    booking: Booking
    is_new: bool


@durable
def book(*, event: int, member: int, moment: Moment = database_now) -> Booked:
    """Give the member a seat or, where all are taken, the next place in line; once, however often.

    Within its deadline an offered seat is claimed. Raises NoSuchEvent, and what `why_not` returns:
    EventCancelled, EventStarted, BookingNotOpen, LevelTooLow, TooNew, TooManyNoShows, EventFull.
    """
    found = Event.objects.exclude(state=EventState.DRAFT).filter(id=event).first()
    if found is None:
        raise NoSuchEvent
    own = _own(event, member)
    if own is not None and own.state in {BookingState.BOOKED, BookingState.WAITING}:
        return Booked(own, is_new=False)
    section = selectors.event_settings()
    limit = selectors.no_show_limit(section=section)
    now = moment()
    who = selectors.candidate(member=member, limit=limit, now=now)
    # Whoever is refused anyway is refused without waiting in line for the row.
    claims = own is not None and own.state == BookingState.OFFERED
    ask = not_for if claims else why_not
    refusal = ask(found, who, limit=limit, now=now)
    if refusal is not None:
        raise refusal
    return _book(event, member, moment)


def _book(event: int, member: int, moment: Moment) -> Booked:
    row = lock_event(event=event)
    own, now = _own(event, member), moment()
    if (refusal := not_open(row, now=now)) is not None:
        raise refusal
    if own is not None and own.state in {BookingState.BOOKED, BookingState.WAITING}:
        return Booked(own, is_new=False)
    if own is not None and _is_good(own, now):
        return Booked(_put(own, BookingState.BOOKED, now), is_new=False)
    if row.seats is not None and row.booked >= row.seats:
        settle(row, now)  # an offer that has lapsed is the next one's, this member's own too
        save_counts(row)
    booking = own or Booking(event=row, member_id=member, created_at=now)
    return Booked(_seat_or_place(row, booking, now), is_new=True)


def _is_good(own: Booking, now: dt.datetime) -> bool:
    return own.offer_expires_at is not None and now < own.offer_expires_at


def _seat_or_place(row: Event, booking: Booking, now: dt.datetime) -> Booking:
    """Take a seat by a conditional update; where none is left, the next place in line."""
    this = Event.objects.filter(id=row.id)
    has_seat = Q(seats=None) | Q(booked__lt=F("seats"))
    if this.filter(has_seat).update(booked=F("booked") + 1):
        return _put(booking, BookingState.BOOKED, now)
    if not row.has_waitlist:
        raise EventFull
    this.update(waiting=F("waiting") + 1, places=F("places") + 1)
    booking.position = row.places + 1
    return _put(booking, BookingState.WAITING, now)


def _put(booking: Booking, state: BookingState, now: dt.datetime) -> Booking:
    booking.state, booking.changed_at = state, now
    booking.offer_expires_at = None
    if state != BookingState.WAITING:
        booking.position = None
    booking.save()
    return booking


@durable
def cancel_booking(*, event: int, member: int, moment: Moment = database_now) -> None:
    """Give the member's seat, offer or place in line back; the first in line is offered the seat.

    Does nothing where there is none. Raises NoSuchEvent, and CancelDeadlinePassed for a seat that
    may not be given back any more.
    """
    found = Event.objects.exclude(state=EventState.DRAFT).filter(id=event)
    if not found.exists():
        raise NoSuchEvent
    row = lock_event(event=event)
    own, now = _own(event, member), moment()
    if own is None or not own.is_active:
        return
    until = row.cancel_until_at or row.starts_at
    if own.state == BookingState.BOOKED and now > until:
        raise CancelDeadlinePassed(until=until.isoformat())
    _leave(row, own, now)


def _leave(row: Event, own: Booking, now: dt.datetime) -> None:
    if own.state == BookingState.WAITING:
        row.waiting -= 1
    else:
        row.booked -= 1
    _put(own, BookingState.CANCELLED, now)
    settle(row, now)
    save_counts(row)


@transaction.atomic(savepoint=False)
def leave_events(*, member: int, moment: Moment = database_now) -> int:
    """Give back all that the member holds in events that have not begun; return how much it was."""
    theirs = Booking.objects.filter(member=member, state__in=ACTIVE)
    left = 0
    for event in list(theirs.order_by("event").values_list("event", flat=True)):
        row = lock_event(event=event)
        own, now = _own(event, member), moment()
        if own is not None and own.is_active and row.starts_at > now:
            _leave(row, own, now)
            left += 1
    return left


@transaction.atomic(savepoint=False)
def move_offers(*, now: dt.datetime, most: int = 50) -> int:
    """Hand on the offers that have lapsed, and end the lines for what has begun.

    At most for so many events; returns for how many.
    """
    lapsed = Booking.objects.filter(state=BookingState.OFFERED, offer_expires_at__lte=now)
    begun = Event.objects.filter(waiting__gt=0, starts_at__lte=now)
    due = sorted(
        {*lapsed.values_list("event", flat=True)[:most], *begun.values_list("id", flat=True)[:most]}
    )
    for event in due[:most]:
        row = lock_event(event=event)
        settle(row, now)
        save_counts(row)
    return len(due[:most])


def settle(row: Event, now: dt.datetime) -> None:
    """Lapse the offers whose time is over, and offer the free seats to those first in line.

    When the event has begun the line ends. The caller holds the event's lock and saves its row,
    whose counts this changes: all at once, for members wait only while it is full.
    """
    lapsed = row.bookings.filter(state=BookingState.OFFERED, offer_expires_at__lte=now)
    row.booked -= _end(lapsed, now)
    line = row.bookings.filter(state=BookingState.WAITING)
    if row.state != EventState.PUBLISHED or row.starts_at <= now:
        row.waiting -= _end(line, now)
        return
    if not row.waiting:
        return
    free = row.waiting if row.seats is None else max(row.seats - row.booked, 0)
    first = list(line.order_by("position").values_list("id", flat=True)[:free])
    until = min(now + dt.timedelta(minutes=row.claim_minutes), row.starts_at)
    offered = Booking.objects.filter(id__in=first).update(
        state=BookingState.OFFERED, offer_expires_at=until, changed_at=now
    )
    row.booked += offered
    row.waiting -= offered


def _end(bookings: QuerySet[Booking], now: dt.datetime) -> int:
    return bookings.update(
        state=BookingState.EXPIRED, position=None, offer_expires_at=None, changed_at=now
    )


def lock_event(*, event: int) -> Event:
    """Return the event's row, locked; after it none but the event's own rows are."""
    return Event.objects.select_for_update(no_key=True).get(id=event)


def save_counts(row: Event) -> None:
    """Write the counts that `settle` has changed."""
    row.save(update_fields=["booked", "waiting"])


def _own(event: int, member: int) -> Booking | None:
    return Booking.objects.filter(event=event, member=member).first()
