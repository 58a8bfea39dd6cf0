"""What the points room tells."""

from points.selectors.accounts import AccountShown, account, accounts
from points.selectors.program import forget_program, program
from points.selectors.program_file import program_file
from points.selectors.reconcile import Difference, Reconciliation, reconcile

__all__ = [
    "AccountShown",
    "Difference",
    "Reconciliation",
    "account",
    "accounts",
    "forget_program",
    "program",
    "program_file",
    "reconcile",
]
