"""What the points room does: the only writers of the ledger."""

from points.decisions import Decision, Fact, award_reference
from points.services.adjustments import (
    approve,
    lapse_adjustments,
    reject,
    request_adjustment,
    request_adjustment_of,
)
from points.services.alone import pause_postings
from points.services.award import award
from points.services.expiry import (
    Swept,
    Told,
    forget_notices,
    lapse_due,
    purge_notices,
    tell_what_lapses,
)
from points.services.hold import capture, hold, release
from points.services.program import load_program
from points.services.reverse import reverse
from points.services.spend import adjust, refund, spend

__all__ = [
    "Decision",
    "Fact",
    "Swept",
    "Told",
    "adjust",
    "approve",
    "award",
    "award_reference",
    "capture",
    "forget_notices",
    "hold",
    "lapse_adjustments",
    "lapse_due",
    "load_program",
    "pause_postings",
    "purge_notices",
    "refund",
    "reject",
    "release",
    "request_adjustment",
    "request_adjustment_of",
    "reverse",
    "spend",
    "tell_what_lapses",
]
