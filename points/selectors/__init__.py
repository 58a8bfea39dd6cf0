"""What the points room tells."""

from points.selectors.accounts import (
    AccountShown,
    AccountView,
    Expiring,
    NextLevel,
    Releasing,
    account,
    account_view,
    account_view_of,
    account_views,
    accounts,
)
from points.selectors.board import (
    Ranked,
    forget_boards,
)
from points.selectors.decided import (
    CapMet,
    Decided,
    decided,
)
from points.selectors.earned import (
    Earned,
    earned_by_action,
    earned_by_actions,
    threshold_of,
    who_did_one_thing,
    who_earned_in,
    who_has_earned,
)
from points.selectors.earning import (
    RuleTold,
    Step,
    WayToEarn,
    ladder,
    rule_told,
    ways_to_earn,
)
from points.selectors.entries import (
    NEWEST_FIRST,
    entries,
    entries_of,
    explained_entry,
)
from points.selectors.expiry import (
    NoticeDue,
    Notices,
    NoticesDue,
    Place,
    lapsed_lots,
    lapsing_by_date,
    notices,
    notices_due,
)
from points.selectors.explanation import (
    CapPassed,
    Explanation,
    LotShare,
    explanation,
)
from points.selectors.leaderboard import (
    Leaderboard,
    OwnPlace,
    leaderboard,
)
from points.selectors.lookups import (
    AccountPage,
    RuleState,
    account_page,
    find_entries,
    latest_activities,
    live_points,
    rule_state,
    rule_versions,
)
from points.selectors.pending import (
    CasePage,
    Fired,
    as_it_stands,
    case_page,
    points_waiting,
    waiting_of,
    with_what_is_held,
)
from points.selectors.program import (
    forget_program,
    program,
    section,
)
from points.selectors.program_file import (
    program_file,
)
from points.selectors.reasons import (
    condition_in_words,
    pending_in_words,
    reason,
)
from points.selectors.reconcile import (
    Difference,
    Reconciliation,
    reconcile,
)
from points.selectors.trial import (
    Totals,
    Trial,
    trial,
)

__all__ = [
    "NEWEST_FIRST",
    "AccountPage",
    "AccountShown",
    "AccountView",
    "CapMet",
    "CapPassed",
    "CasePage",
    "Decided",
    "Difference",
    "Earned",
    "Expiring",
    "Explanation",
    "Fired",
    "Leaderboard",
    "LotShare",
    "NextLevel",
    "NoticeDue",
    "Notices",
    "NoticesDue",
    "OwnPlace",
    "Place",
    "Ranked",
    "Reconciliation",
    "Releasing",
    "RuleState",
    "RuleTold",
    "Step",
    "Totals",
    "Trial",
    "WayToEarn",
    "account",
    "account_page",
    "account_view",
    "account_view_of",
    "account_views",
    "accounts",
    "as_it_stands",
    "case_page",
    "condition_in_words",
    "decided",
    "earned_by_action",
    "earned_by_actions",
    "entries",
    "entries_of",
    "explained_entry",
    "explanation",
    "find_entries",
    "forget_boards",
    "forget_program",
    "ladder",
    "lapsed_lots",
    "lapsing_by_date",
    "latest_activities",
    "leaderboard",
    "live_points",
    "notices",
    "notices_due",
    "pending_in_words",
    "points_waiting",
    "program",
    "program_file",
    "reason",
    "reconcile",
    "rule_state",
    "rule_told",
    "rule_versions",
    "section",
    "threshold_of",
    "trial",
    "waiting_of",
    "ways_to_earn",
    "who_did_one_thing",
    "who_earned_in",
    "who_has_earned",
    "with_what_is_held",
]
