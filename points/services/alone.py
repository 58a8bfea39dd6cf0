"""Keeping postings out for a moment."""

from django.db import connection

from points.selectors.program import PROGRAM_LOCK


def pause_postings() -> None:
    """Wait for postings under way and keep new ones waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PROGRAM_LOCK])
