"""Attendance from lists: what scanners kept while they were offline, or somebody wrote down."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

import members.selectors
from activities.errors import AttendanceNotOpen, EventCancelled
from activities.models import Attendance, AttendanceWay, Event, EventState
from activities.selectors.events import event as event_of
from activities.selectors.events import event_settings
from activities.services.attendances import Arrival, take
from activities.services.bookings import Moment
from kit.errors import FieldError
from kit.jobs import database_now
from kit.transactions import durable
from members.models import MemberState
from members.selectors import MemberRef


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list: an external id, when the member came (None: in time), and stayed for."""

    member: str
    arrived_at: dt.datetime | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ListedResult:
    """What became of a row: `taken`, `known` (the member had attended before), or `refused`."""

    status: str
    error: FieldError | None = None


@durable
def attend_by_list(
    *, event: int, rows: Sequence[Listed], moment: Moment = database_now
) -> list[ListedResult]:
    """Take the attendances that a list tells of, once per member; a bad row spoils no other.

    Returns one result a row, in their order. The event may be closed: a no-show who is on the list
    is none. Raises NoSuchEvent, EventCancelled and AttendanceNotOpen.
    """
    row = event_of(id=event)
    results, arrivals = _sort(row, rows, moment())
    if arrivals:
        take(row, arrivals, AttendanceWay.LIST)
    return results


def rehearse_list(*, event: int, rows: Sequence[Listed], now: dt.datetime) -> list[ListedResult]:
    """Return what `attend_by_list` would, and write nothing. Raises what it does."""
    results, _arrivals = _sort(event_of(id=event), rows, now)
    return results


def _sort(
    row: Event, rows: Sequence[Listed], now: dt.datetime
) -> tuple[list[ListedResult], list[Arrival]]:
    opens_at = row.starts_at - dt.timedelta(minutes=event_settings().opens_minutes)
    if row.state == EventState.CANCELLED:
        raise EventCancelled
    if row.state == EventState.DRAFT or now < row.starts_at:
        raise AttendanceNotOpen(next_at=row.starts_at.isoformat())
    names = {one.member for one in rows}
    who = members.selectors.members_by_external_id(external_ids=names)
    ids = [one.id for one in who.values()]
    known = Attendance.objects.filter(event=row, member__in=ids)
    seen = set(known.values_list("member", flat=True))
    results: list[ListedResult] = []
    arrivals: list[Arrival] = []
    for one in rows:
        error = _error(one, who, opens_at, min(now, row.ends_at))
        if error is not None:
            results.append(ListedResult("refused", error))
            continue
        member = who[one.member].id
        results.append(ListedResult("known" if member in seen else "taken"))
        if member not in seen:
            arrivals.append(Arrival(member, one.arrived_at or row.starts_at, one.minutes))
        seen.add(member)
    return results, arrivals


def _error(
    one: Listed, who: Mapping[str, MemberRef], opens_at: dt.datetime, closes_at: dt.datetime
) -> FieldError | None:
    member = who.get(one.member)
    if member is None:
        return FieldError("member", "unknown_member", _("There is no such member."))
    if member.state != MemberState.ACTIVE:
        detail = _("This member does not take part at present.")
        return FieldError("member", "member_not_active", detail)
    if one.arrived_at is not None and not opens_at <= one.arrived_at <= closes_at:
        return FieldError("arrived_at", "not_at_the_event", _("This is not while it took place."))
    return None
