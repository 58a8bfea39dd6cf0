"""Making and changing members and the keys that call for them."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from kit.transactions import durable
from members.errors import UnknownScope
from members.models import ApiKey, Community, Member, Scope
from members.rules import MemberIn, clean_nickname

KEY_PREFIX = "psk"
USE_NOTED_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MembersPut:
    """What became of the rows of one `put_members`."""

    created: int
    updated: int
    unchanged: int


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


def digest(*, key: str) -> bytes:
    """Return what is kept of a key: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).digest()


@durable
def put_member(
    *,
    external_id: str,
    now: dt.datetime,
    nickname: str | None = None,
    avatar_url: str | None = None,
    joined_at: dt.datetime | None = None,
    state: str | None = None,
) -> tuple[Member, bool]:
    """Make the member what the call says; None leaves a column as it is. True if it is new.

    A new member has joined at `now` unless the call says otherwise. Raises NicknameRefused.
    """
    told: dict[str, Any] = {
        "nickname": None if nickname is None else clean_nickname(nickname),
        "avatar_url": avatar_url,
        "joined_at": joined_at,
        "state": state,
    }
    said = {name: value for name, value in told.items() if value is not None}
    member, created = Member.objects.get_or_create(
        external_id=external_id, defaults={"joined_at": now} | said
    )
    changed = {name: value for name, value in said.items() if getattr(member, name) != value}
    for name, value in changed.items():
        setattr(member, name, value)
    if changed:
        member.save(update_fields=list(changed))
    return member, created


def put_members(*, rows: Sequence[MemberIn]) -> MembersPut:
    """Make these members what the rows say, in two statements. The last row of a name counts.

    Members are written in the order of their names, so that two imports cannot deadlock.
    """
    latest = {row.external_id: row for row in rows}
    with transaction.atomic(savepoint=False):
        known = {
            name: MemberIn(name, nickname, joined_at)
            for name, nickname, joined_at in Member.objects.filter(
                external_id__in=latest
            ).values_list("external_id", "nickname", "joined_at")
        }
        changed = [row for name, row in sorted(latest.items()) if row != known.get(name)]
        Member.objects.bulk_create(
            [
                Member(external_id=row.external_id, nickname=row.nickname, joined_at=row.joined_at)
                for row in changed
            ],
            update_conflicts=True,
            unique_fields=["external_id"],
            update_fields=["nickname", "joined_at"],
        )
    created = sum(row.external_id not in known for row in changed)
    return MembersPut(created, len(changed) - created, len(rows) - len(changed))


def ensure_members(*, rows: Sequence[MemberIn]) -> None:
    """Make the members whose names nobody has; those who exist stay as they are. One statement."""
    Member.objects.bulk_create(
        [
            Member(external_id=row.external_id, nickname=row.nickname, joined_at=row.joined_at)
            for row in sorted(rows, key=lambda row: row.external_id)
        ],
        ignore_conflicts=True,
    )


def set_community(
    *, name: str | None, time_zone: str | None, day_starts_at: dt.time, fiscal_year_starts: int
) -> None:
    """Set the community's name and clock. A name or zone of None stays as it is."""
    told = {
        "name": name,
        "time_zone": time_zone,
        "day_starts_at": day_starts_at,
        "fiscal_year_starts": fiscal_year_starts,
    }
    said = {field: value for field, value in told.items() if value is not None}
    with transaction.atomic(savepoint=False):
        Community.objects.filter(id=1).update(**said)
