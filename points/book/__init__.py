"""A batch in memory: locked accounts move here, in plain arithmetic, before anything is written.

`points.ledger` opens a book (it locks and reads) and posts it (it writes). Between the two the
services below move points in the order in which they are told to, so a batch of a thousand gives
what a thousand batches of one would.
"""

from points.book.book import EARNED, AccountState, Book
from points.book.lines import (
    BrakeKey,
    BrakeState,
    CapKey,
    CapState,
    Line,
    Source,
    Waiting,
)
from points.book.lots import NEVER, LotState, Share

__all__ = [
    "EARNED",
    "NEVER",
    "AccountState",
    "Book",
    "BrakeKey",
    "BrakeState",
    "CapKey",
    "CapState",
    "Line",
    "LotState",
    "Share",
    "Source",
    "Waiting",
]
