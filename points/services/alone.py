"""Keeping postings out for a moment."""

from collections.abc import Collection

from django.db import connection, transaction

from points import ledger
from points.selectors.program import PROGRAM_LOCK


def pause_postings() -> None:
    """Wait for postings under way and keep new ones waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PROGRAM_LOCK])


@transaction.atomic(savepoint=False)
def lock_accounts(*, members: Collection[int]) -> None:
    """Have nobody else post to these members until the caller's transaction ends.

    For those who must read something of the members before they award or spend: what they read
    afterwards stays as it is.
    """
    ledger.lock(members=members)
