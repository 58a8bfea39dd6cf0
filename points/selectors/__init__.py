"""What the points room tells."""

from points.selectors.accounts import AccountShown, account, accounts
from points.selectors.leaderboard import Ranked, leaderboard
from points.selectors.program import forget_program, program
from points.selectors.program_file import program_file
from points.selectors.reconcile import Difference, Reconciliation, reconcile

__all__ = [
    "AccountShown",
    "Difference",
    "Ranked",
    "Reconciliation",
    "account",
    "accounts",
    "forget_program",
    "leaderboard",
    "program",
    "program_file",
    "reconcile",
]
