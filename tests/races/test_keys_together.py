"""Keys that are asked for at once: each call learns of its own."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from members import selectors, services
from tests.points.support import at_once

NOW = timezone.now()


def made(name: str, *, expires_at: dt.datetime | None = None) -> tuple[int, bytes]:
    """Make a key; return its id and its digest."""
    row, key = services.create_api_key(
        name=name,
        scopes=["activities:write"],
        expires_at=expires_at,
        now=NOW - dt.timedelta(days=1),
    )
    return row.id, services.digest(key=key)


def ask(digest: bytes) -> Callable[[], int | None]:
    """A call with this key, from a thread of its own."""

    def call() -> int | None:
        try:
            known = selectors.live_key(digest=digest, now=NOW)
        finally:
            connection.close()
        return None if known is None else known.id

    return call


@pytest.mark.django_db(transaction=True)
def test_each_call_learns_of_its_own_key() -> None:
    live, revoked, expired = made("live"), made("revoked"), made("expired", expires_at=NOW)
    services.revoke_api_key(key_id=revoked[0], now=NOW)
    digests = [live[1], revoked[1], expired[1], b"unknown"] * 2
    found = at_once([ask(digest) for digest in digests], threads=8)
    assert found == [live[0], None, None, None] * 2
