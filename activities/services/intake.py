"""Taking activities in."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import points.selectors
import points.services
from activities.models import Activity, ActivityState, Reversal
from activities.selectors import (
    Award,
    KnownActivity,
    Seen,
    awards_of,
    seen,
)
from kit import bulk
from kit.errors import FieldError
from kit.transactions import RetryTransaction, durable
from members.models import MemberState
from points.services import Decision, Fact

FUTURE = dt.timedelta(minutes=5)
"""How far ahead of the server's clock an activity may lie: clocks differ."""


@final
@dataclass(frozen=True, slots=True)
class ActivityIn:
    """An activity as another system reports it. `member` is the member's external id."""

    id: str
    action: str
    member: str
    occurred_at: dt.datetime
    data: Mapping[str, Any]


@final
@dataclass(frozen=True, slots=True)
class Refused:
    """An item that cannot be taken in, and why."""

    code: str
    detail: str | Promise
    id: str | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item: `accepted`, `duplicate` or `rejected`."""

    id: str | None
    status: str
    awards: Sequence[Award | Decision] = ()
    problem: Refused | None = None


# We share the program's lock since the accounts were locked: whoever parks a reversal either waits
# for us and then finds the activity, or has committed and is seen here.
JUST_REVERSED = (
    "EXISTS (SELECT FROM activities_reversal AS r "
    "WHERE r.activity = new.id AND r.applied_at IS NULL)"
)


class ActivityTaken(RetryTransaction):
    """One of the activities was taken in or reversed meanwhile: start over and find it."""


@durable
def intake(
    *, items: Sequence[ActivityIn | Refused], now: dt.datetime, any_age: bool = False
) -> list[ItemResult]:
    """Take activities in and grant what the rules give, once per activity id.

    Returns one result an item, in their order; a bad item (or one refused beforehand) never
    spoils the others. An id that was taken in before is a duplicate if its content is the same,
    else rejected. `any_age` is for a history that is brought in: it lifts the program's limit on
    lateness, and brakes do not look at it.
    """
    program = points.selectors.program(posting=True)
    late = program.accept_late_hours
    wanted = [item for item in items if type(item) is ActivityIn]
    before = seen(wanted=[(one.id, one.member) for one in wanted])
    sorter = _Sorter(
        before=before,
        earliest=None if any_age or late is None else now - dt.timedelta(hours=late),
        latest=now + FUTURE,
    )
    sorted_items = [sorter.sort(item) for item in items]
    facts = [fact for fact in sorter.new.values() if fact.id not in before.parked]
    told = points.services.award(facts=facts, now=now, program=program, is_past=any_age)
    decisions = {fact.id: made for fact, made in zip(facts, told, strict=True)}
    _keep(sorter.new, decisions, now)
    return [
        ItemResult(
            name, status, () if problem else _awards(name, before.activities, decisions), problem
        )
        for name, status, problem in sorted_items
    ]


def _keep(
    new: Mapping[str, Fact], decisions: Mapping[str, Sequence[Decision]], now: dt.datetime
) -> None:
    """Keep the new activities, with what the rules made of those that no reversal forestalled."""
    forestalled = new.keys() - decisions.keys()
    rows = [
        (
            fact.id,
            fact.member,
            fact.action,
            fact.occurred_at,
            fact.data,
            (ActivityState.REVERSED if fact.id in forestalled else ActivityState.TAKEN).value,
            [told.story for told in decisions.get(fact.id, ())],
        )
        for fact in new.values()
    ]
    fields = ("id", "member", "action", "occurred_at", "data", "state", "outcome")
    if forestalled:
        Reversal.objects.filter(activity__in=forestalled).update(applied_at=now)
    try:
        kept = bulk.insert(Activity, fields=fields, rows=rows, unless=JUST_REVERSED)
    except IntegrityError as error:
        raise ActivityTaken from error
    if kept != len(rows):
        raise ActivityTaken


def _awards(
    id: str | None,  # noqa: A002 - the item's name for itself
    known: Mapping[str, KnownActivity],
    decisions: Mapping[str, Sequence[Decision]],
) -> Sequence[Award | Decision]:
    if id is None:
        return ()
    if id in known:
        return awards_of(outcome=known[id].outcome)
    return [made for made in decisions.get(id, ()) if made.points]


class _Sorter:
    """Tells new activities from duplicates and from those that cannot be taken in."""

    def __init__(
        self,
        *,
        before: Seen,
        earliest: dt.datetime | None,
        latest: dt.datetime,
    ) -> None:
        self.who = before.members
        self.known = before.activities
        self.earliest = earliest
        self.latest = latest
        self.new: dict[str, Fact] = {}

    def sort(self, item: ActivityIn | Refused) -> tuple[str | None, str, Refused | None]:
        """Return the item's id, status and problem; a new one is added to `new`."""
        if type(item) is Refused:
            return item.id, "rejected", item
        member = self.who.get(item.member)
        if member is None:
            return self._reject(item, "unknown_member", _("There is no member with this id."))
        before = self.known.get(item.id) or self.new.get(item.id)
        if before is not None:
            if _same(before, item, member.id):
                return item.id, "duplicate", None
            return self._reject(
                item, "activity_id_reused", _("This id was used for another activity.")
            )
        if member.state != MemberState.ACTIVE:
            return self._reject(
                item, "member_not_active", _("This member does not take part at present.")
            )
        if item.occurred_at > self.latest:
            return self._reject(item, "occurs_in_future", _("This has not happened yet."))
        if self.earliest is not None and item.occurred_at < self.earliest:
            return self._reject(item, "too_late", _("This happened too long ago."))
        self.new[item.id] = Fact(item.id, item.action, member.id, item.occurred_at, item.data)
        return item.id, "accepted", None

    @staticmethod
    def _reject(item: ActivityIn, code: str, detail: Promise) -> tuple[str, str, Refused]:
        return item.id, "rejected", Refused(code, detail, item.id)


def _same(before: KnownActivity | Fact, item: ActivityIn, member: int) -> bool:
    return (
        before.member == member
        and before.action == item.action
        and before.occurred_at == item.occurred_at
        and before.data == item.data
    )
