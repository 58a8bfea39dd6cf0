"""The one door to the ledger: lock and read, then write, each once for a batch of any size.

Lock order (ledger.md): accounts by member id. Everything else here belongs to one member and is
reached only with that member's account locked, so lots, caps and standings need no locks of
their own.
"""

from points.ledger.reading import ProgramChanged, lock, open_book
from points.ledger.standings import count_fiscal_standings
from points.ledger.writing import Posting, ReferenceTaken, post

__all__ = [
    "Posting",
    "ProgramChanged",
    "ReferenceTaken",
    "count_fiscal_standings",
    "lock",
    "open_book",
    "post",
]
