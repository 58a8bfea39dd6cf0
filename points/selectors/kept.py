"""What the points room keeps of a member, whole."""

from typing import Any

from django.db.models import F, QuerySet

from members.selectors import Kept
from points.models import (
    Adjustment,
    Allocation,
    CapUsage,
    Entry,
    ExpiryNotice,
    Hold,
    Lot,
    PendingAward,
    Standing,
)


def kept_of(*, member: int) -> Kept:
    """Return what is kept of the member with that id, but for the account itself.

    Which brakes have held something, and why a case was reversed, is for operators alone.
    """
    return {
        "entries": Entry.objects.filter(member=member)
        .order_by("id")
        .values(
            *("id", "kind", "points", "net_after", "debt_moved", "reference", "expires_at"),
            *("activity", "occurred_at", "posted_at", "reverses_id", "reason", "explanation"),
            rule=F("rule_version__rule__code"),
            version=F("rule_version__number"),
        ),
        "lots": Lot.objects.filter(member=member)
        .order_by("id")
        .values("id", "expires_at", "granted", "remaining", "held"),
        "holds": Hold.objects.filter(member=member)
        .order_by("id")
        .values("id", "points", "reference", "state", "created_at", "resolved_at"),
        "allocations": Allocation.objects.filter(lot__member=member)
        .order_by("id")
        .values("id", "lot_id", "entry_id", "hold_id", "points", "returned"),
        "pending_awards": _pending(member),
        "standings": Standing.objects.filter(member=member)
        .order_by("starts_on", "period")
        .values("period", "starts_on", "points", "reached_at"),
        "caps": CapUsage.objects.filter(member=member)
        .order_by("starts_on", "cap")
        .values("starts_on", "used", "limit", code=F("cap__code")),
        "adjustments": Adjustment.objects.filter(member=member)
        .order_by("id")
        .values(
            *("id", "points", "reason", "reference", "state", "created_at", "expires_at"),
            *("decided_at", "rejection", "entry_id"),
        ),
        "notices": ExpiryNotice.objects.filter(member=member)
        .order_by("id")
        .values("id", "expires_on", "step_days", "created_at", "sent_at"),
    }


def _pending(member: int) -> "QuerySet[PendingAward, dict[str, Any]]":
    rows = PendingAward.objects.filter(member=member).order_by("id")
    found: QuerySet[PendingAward, dict[str, Any]] = rows.values(
        *("id", "points", "reference", "activity", "occurred_at", "explanation", "release_at"),
        *("state", "created_at", "decided_at", "reason", "entry_id"),
        rule=F("rule_version__rule__code"),
        version=F("rule_version__number"),
    )
    return found
