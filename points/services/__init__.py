"""What the points room does: the only writers of the ledger."""

from points.decisions import Decision, Fact, award_reference
from points.services.adjustments import (
    approve,
    lapse_adjustments,
    reject,
    request_adjustment,
    request_adjustment_of,
)
from points.services.alone import lock_accounts, pause_postings
from points.services.award import award
from points.services.hold import capture, hold, release
from points.services.program import load_program
from points.services.reverse import reverse
from points.services.spend import adjust, refund, spend

__all__ = [
    "Decision",
    "Fact",
    "adjust",
    "approve",
    "award",
    "award_reference",
    "capture",
    "hold",
    "lapse_adjustments",
    "load_program",
    "lock_accounts",
    "pause_postings",
    "refund",
    "reject",
    "release",
    "request_adjustment",
    "request_adjustment_of",
    "reverse",
    "spend",
]
