"""The tables of the points room."""

from points.models.adjustments import (
    Adjustment,
    AdjustmentState,
)
from points.models.brakes import (
    Brake,
    BrakeUsage,
    Counted,
)
from points.models.ledger import (
    Account,
    Allocation,
    Entry,
    EntryKind,
    Hold,
    HoldState,
    Lot,
)
from points.models.notices import (
    ExpiryNotice,
)
from points.models.pending import (
    BrakeCase,
    CaseState,
    PendingAward,
    PendingState,
)
from points.models.program import (
    Cap,
    Expiry,
    Level,
    OverCap,
    Overdraft,
    Program,
    Rule,
    RuleVersion,
    Segment,
)
from points.models.totals import (
    CapUsage,
    Standing,
)

__all__ = [
    "Account",
    "Adjustment",
    "AdjustmentState",
    "Allocation",
    "Brake",
    "BrakeCase",
    "BrakeUsage",
    "Cap",
    "CapUsage",
    "CaseState",
    "Counted",
    "Entry",
    "EntryKind",
    "Expiry",
    "ExpiryNotice",
    "Hold",
    "HoldState",
    "Level",
    "Lot",
    "OverCap",
    "Overdraft",
    "PendingAward",
    "PendingState",
    "Program",
    "Rule",
    "RuleVersion",
    "Segment",
    "Standing",
]
