"""What the points room tells."""

from points.selectors.accounts import AccountShown, account, accounts
from points.selectors.leaderboard import Ranked, leaderboard
from points.selectors.program import forget_program, program
from points.selectors.program_file import program_file
from points.selectors.reasons import condition_in_words, reason
from points.selectors.reconcile import Difference, Reconciliation, reconcile
from points.selectors.trial import CapTried, RuleTried, Totals, Trial, trial

__all__ = [
    "AccountShown",
    "CapTried",
    "Difference",
    "Ranked",
    "Reconciliation",
    "RuleTried",
    "Totals",
    "Trial",
    "account",
    "accounts",
    "condition_in_words",
    "forget_program",
    "leaderboard",
    "program",
    "program_file",
    "reason",
    "reconcile",
    "trial",
]
