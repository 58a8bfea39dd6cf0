"""What the points room does: the only writers of the ledger."""

from points.decisions import (
    Decision,
    Fact,
    award_reference,
)
from points.services.adjustments import (
    approve,
    lapse_adjustments,
    reject,
    request_adjustment,
    request_adjustment_of,
)
from points.services.alone import (
    lock_accounts,
    pause_postings,
)
from points.services.award import (
    award,
)
from points.services.brakes import (
    purge_brake_counters,
)
from points.services.cases import (
    release_case,
    reverse_case,
)
from points.services.expiry import (
    Swept,
    Told,
    forget_notices,
    lapse_due,
    purge_notices,
    tell_what_lapses,
)
from points.services.hold import (
    Wish,
    capture,
    hold,
    hold_all,
    release,
    resolve_all,
)
from points.services.pending import (
    Released,
    drop_awards,
    release_awards,
    release_due,
)
from points.services.program import (
    load_program,
)
from points.services.reverse import (
    reverse,
)
from points.services.spend import (
    adjust,
    refund,
    spend,
)

__all__ = [
    "Decision",
    "Fact",
    "Released",
    "Swept",
    "Told",
    "Wish",
    "adjust",
    "approve",
    "award",
    "award_reference",
    "capture",
    "drop_awards",
    "forget_notices",
    "hold",
    "hold_all",
    "lapse_adjustments",
    "lapse_due",
    "load_program",
    "lock_accounts",
    "pause_postings",
    "purge_brake_counters",
    "purge_notices",
    "refund",
    "reject",
    "release",
    "release_awards",
    "release_case",
    "release_due",
    "request_adjustment",
    "request_adjustment_of",
    "resolve_all",
    "reverse",
    "reverse_case",
    "spend",
    "tell_what_lapses",
]
