"""Points added or taken by hand: at once up to a limit, above it with a second person's word."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

import members.selectors
from kit.bulk import sendable
from kit.errors import Invalid
from kit.transactions import durable
from points.errors import (
    AdjustmentDecided,
    AdjustmentLapsed,
    NoSuchAdjustment,
    NoSuchMember,
    ReferenceReused,
    SecondPersonNeeded,
)
from points.models import Adjustment, AdjustmentState, Program
from points.services.spend import adjust, check

LONGEST_REFERENCE = 128
LONGEST_REASON = 500
WAITS = dt.timedelta(hours=48)
"""How long a request waits for a second person."""


@durable
def request_adjustment(
    *, member: int, points: int, reason: str, reference: str, by: int, now: dt.datetime
) -> Adjustment:
    """Have the operator `by` (a user's id) adjust the points of the member with that id.

    Once per `reference`: the same request again returns the same adjustment. Up to the program's
    limit it is posted at once, above it waits for `approve`. Raises what `adjust` raises,
    ReferenceReused if the reference names another adjustment, Invalid without a reason.
    """
    asked = Adjustment(
        member_id=member, points=points, reason=reason, reference=reference, requested_by_id=by
    )
    return _take(asked, now)


@transaction.atomic(savepoint=False)
def request_adjustment_of(
    *, external_id: str, points: int, reason: str, reference: str, key: str, now: dt.datetime
) -> Adjustment:
    """Do what `request_adjustment` does, for the server whose key has that caller's name.

    Raises NoSuchMember if no member has this external id.
    """
    found = members.selectors.member(external_id=external_id)
    if found is None:
        raise NoSuchMember
    asked = Adjustment(
        member=found, points=points, reason=reason, reference=reference, requested_by_key=key
    )
    return _take(asked, now)


@durable
def approve(*, adjustment: int, by: int, now: dt.datetime) -> Adjustment:
    """Post the waiting adjustment, on the word of the operator `by`, who did not ask for it.

    Raises NoSuchAdjustment, SecondPersonNeeded, AdjustmentDecided, AdjustmentLapsed and what
    `adjust` raises; after the last two the adjustment still waits.
    """
    found = _lock(adjustment, now)
    if found.requested_by_id == by:
        raise SecondPersonNeeded
    return _post(found, by, now)


@durable
def reject(*, adjustment: int, by: int, reason: str, now: dt.datetime) -> Adjustment:
    """Decide that the waiting adjustment is not made. Who asked for it may take it back so.

    Raises NoSuchAdjustment, AdjustmentDecided, AdjustmentLapsed.
    """
    found = _lock(adjustment, now)
    found.rejection = reason
    return _decide(found, AdjustmentState.REJECTED, by, now)


@transaction.atomic(savepoint=False)
def lapse_adjustments(*, now: dt.datetime, limit: int = 1_000) -> int:
    """Close the adjustments that nobody has decided in time, `limit` at most; return how many.

    One that is being decided meanwhile is left to its decision.
    """
    overdue = Adjustment.objects.overdue(now=now).order_by("expires_at")
    found = overdue.select_for_update(skip_locked=True, no_key=True)[:limit]
    ids = [adjustment.id for adjustment in found]
    return Adjustment.objects.filter(id__in=ids).update(
        state=AdjustmentState.LAPSED, decided_at=now
    )


def _take(asked: Adjustment, now: dt.datetime) -> Adjustment:
    """Make the request, or find it made; post it if one person may."""
    check(points=asked.points, reference=asked.reference, either_way=True)
    asked.reason = sendable(asked.reason).strip()
    if not 1 <= len(asked.reason) <= LONGEST_REASON:
        raise Invalid(_("An adjustment needs a reason, of at most 500 characters."))
    if len(asked.reference) > LONGEST_REFERENCE:
        raise Invalid(_("A reference is printable, and not too long."))
    asked.limit = Program.objects.values_list("adjustment_limit", flat=True).get()
    asked.expires_at = now + WAITS
    kept, is_new = _once(asked)
    if is_new and abs(kept.points) <= kept.limit:
        return _post(kept, None, now)
    return kept


def _once(asked: Adjustment) -> tuple[Adjustment, bool]:
    """Insert the request, waiting for another with its reference; True if there was none."""
    content = {name: getattr(asked, name) for name in ("member_id", "points", "reason")}
    more = ("limit", "requested_by_id", "requested_by_key", "expires_at")
    kept, is_new = Adjustment.objects.get_or_create(
        reference=asked.reference,
        defaults=content | {name: getattr(asked, name) for name in more},
    )
    if any(getattr(kept, name) != value for name, value in content.items()):
        raise ReferenceReused
    return kept, is_new


def _lock(adjustment: int, now: dt.datetime) -> Adjustment:
    """Lock the row, so that one decision of several at once sees it waiting."""
    rows = Adjustment.objects.select_for_update(no_key=True)
    found = rows.filter(id=adjustment).first()
    if found is None:
        raise NoSuchAdjustment
    if found.state == AdjustmentState.WAITING and found.expires_at <= now:
        raise AdjustmentLapsed
    if found.state != AdjustmentState.WAITING:
        raise AdjustmentDecided(state=found.state)
    return found


def _post(found: Adjustment, by: int | None, now: dt.datetime) -> Adjustment:
    found.entry = adjust(
        member=found.member_id,
        points=found.points,
        reference=f"adjustment:{found.reference}",
        reason=found.reason,
        now=now,
    )
    return _decide(found, AdjustmentState.POSTED, by, now)


def _decide(
    found: Adjustment, state: AdjustmentState, by: int | None, now: dt.datetime
) -> Adjustment:
    found.state = state
    found.decided_by_id = by
    found.decided_at = now
    found.save(update_fields=["state", "decided_by", "decided_at", "rejection", "entry"])
    return found
