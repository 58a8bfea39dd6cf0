"""Who there is, for those who ask."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import QuerySet

from kit import bulk
from kit.together import Together
from members.models import ApiKey, Community, Identity, Member, MemberState, Session

Kept: TypeAlias = Mapping[str, QuerySet[Any, Mapping[str, object]]]
"""What a room keeps of one member: the rows of each table, by the table's name."""

OWN = frozenset({"me"})
"""The scope of members' own routes."""


@dataclass(frozen=True, slots=True)
class MemberRef:
    """As much of a member as a write needs."""

    id: int
    external_id: str
    state: str


@dataclass(frozen=True, slots=True)
class KeyRef:
    """A live API key: who calls, and what it may do."""

    id: int
    scopes: frozenset[str]
    last_used_at: dt.datetime | None

    @property
    def caller(self) -> str:
        """The key's name among callers."""
        return f"key:{self.id}"


@dataclass(frozen=True, slots=True)
class SessionRef:
    """A live session: the member who calls, for nothing but their own."""

    id: int
    family: uuid.UUID
    member_id: int
    external_id: str

    @property
    def caller(self) -> str:
        """The member's name among callers, the same in every session."""
        return caller_of(member_id=self.member_id)

    @property
    def scopes(self) -> frozenset[str]:
        """What a member may do: all that is their own. No key can hold it."""
        return OWN


def caller_of(*, member_id: int) -> str:
    """Return the member's name among callers."""
    return f"member:{member_id}"


def community() -> Community:
    """Return the community."""
    return Community.objects.get(id=1)


def member(*, external_id: str) -> Member | None:
    """Return the member that other systems know by this name."""
    return Member.objects.filter(external_id=external_id).first()


def member_by_id(*, member_id: int) -> Member | None:
    """Return the member with that id."""
    return Member.objects.filter(id=member_id).first()


def erased_since(*, instant: dt.datetime) -> list[int]:
    """Return the ids of the members who were erased since then."""
    return list(Member.objects.filter(erased_at__gte=instant).values_list("id", flat=True))


def kept_of(*, member_id: int) -> Kept:
    """Return the logins and sessions that are kept of a member, without what opens a door."""
    return {
        "identities": Identity.objects.filter(member=member_id)
        .order_by("id")
        .values("provider", "app_id", "subject", "union_id", "created_at"),
        "sessions": Session.objects.filter(member=member_id)
        .order_by("id")
        .values("family", "created_at", "refresh_expires_at", "rotated_at", "ended_at"),
    }


def members_by_external_id(*, external_ids: Collection[str]) -> dict[str, MemberRef]:
    """Return the members of these names by name, those that exist, in one statement.

    The names travel as one text (kit.bulk): the ORM's `IN` spends as long on a thousand
    parameters as PostgreSQL on the rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_id, id, state FROM {Member._meta.db_table} "  # noqa: S608 - a constant
            f"WHERE external_id = ANY({bulk.split('text')})",
            [bulk.column(list(external_ids))],
        )
        return {name: MemberRef(id_, name, state) for name, id_, state in cursor.fetchall()}


def live_key(*, digest: bytes, now: dt.datetime) -> KeyRef | None:
    """Return the key with this digest if it opens the door at `now`.

    Every request asks, and those that come at once ask together. What is asked for one is found
    after it came, so an end counts at once.
    """
    key, expires_at = _keys_together(digest) or (None, None)
    return None if expires_at is not None and expires_at <= now else key


def _keys_that_stand(
    digests: Sequence[bytes],
) -> list[tuple[KeyRef, dt.datetime | None] | None]:
    """Return for each digest its key, unless that is revoked, and when it expires.

    The statement alone takes a tenth of what the ORM takes to write it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest, id, scopes, last_used_at, expires_at "  # noqa: S608 - a constant
            f"FROM {ApiKey._meta.db_table} WHERE digest = ANY(%s) AND revoked_at IS NULL",
            [list(set(digests))],
        )
        found = {
            bytes(digest): (KeyRef(id_, frozenset(scopes), last_used_at), expires_at)
            for digest, id_, scopes, last_used_at, expires_at in cursor.fetchall()
        }
    return [found.get(digest) for digest in digests]


_keys_together = Together(_keys_that_stand, most=100)


def live_session(*, digest: bytes) -> SessionRef | None:
    """Return the session whose access token has this digest, while it and its member are live.

    Every request of a member asks, once, and those that come at once ask together: after each has
    come, by the database's clock, and with the member's state, so that an end, a pause and an
    erasure count at once.
    """
    return _sessions_together(digest)


def _sessions_that_stand(digests: Sequence[bytes]) -> list[SessionRef | None]:
    """Return for each digest its session, if that and its member are live."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.access_digest, s.id, s.family, s.member_id, m.external_id "  # noqa: S608 - constants
            f"FROM {Session._meta.db_table} AS s "
            f"JOIN {Member._meta.db_table} AS m ON m.id = s.member_id "
            "WHERE s.access_digest = ANY(%s) AND s.ended_at IS NULL "
            "AND s.access_expires_at > statement_timestamp() "
            "AND m.state = %s AND m.erased_at IS NULL",
            [list(set(digests)), MemberState.ACTIVE.value],
        )
        found = {bytes(digest): SessionRef(*row) for digest, *row in cursor.fetchall()}
    return [found.get(digest) for digest in digests]


_sessions_together = Together(_sessions_that_stand, most=100)


def member_of_operator(*, user: int) -> int | None:
    """Return the id of the member that an operator (a user's id) is, if they are one."""
    return Member.objects.filter(operator=user).values_list("id", flat=True).first()
