"""The keys that other systems call with."""

import datetime as dt
import secrets
from collections.abc import Sequence

from django.db.models import Q

from kit.transactions import durable
from members.errors import UnknownScope
from members.models import ApiKey, Scope
from members.rules import digest

KEY_PREFIX = "psk"
USE_NOTED_EVERY = dt.timedelta(minutes=1)


@durable
def create_api_key(
    *, name: str, scopes: Sequence[str], expires_at: dt.datetime | None, now: dt.datetime
) -> tuple[ApiKey, str]:
    """Make a key of 256 random bits. The text beside the row is the key, never to be seen again.

    Raises UnknownScope.
    """
    unknown = sorted(set(scopes).difference(Scope.values))
    if unknown or not scopes:
        raise UnknownScope(scopes=unknown)
    prefix = secrets.token_hex(4)
    key = f"{KEY_PREFIX}_{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        digest=digest(key=key),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    return row, key


@durable
def revoke_api_key(*, key_id: int, now: dt.datetime) -> bool:
    """End the key at once. Returns False where it has ended before."""
    return bool(ApiKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=now))


def note_use(*, key_id: int, now: dt.datetime) -> None:
    """Remember when the key was used last, to the minute, so that few calls write."""
    due = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    ApiKey.objects.filter(due, id=key_id).update(last_used_at=now)
