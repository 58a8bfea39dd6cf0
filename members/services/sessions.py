"""Sessions: opaque tokens in pairs, each of them good for one next pair.

All instants are the database's, and every write happens under the member's lock, so signing in,
refreshing, logging out, pausing and erasing take turns.
"""

import base64
import datetime as dt
import math
import secrets
import uuid
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from kit.errors import FieldError
from kit.transactions import durable, take_turns
from members.errors import MemberLeft, MemberPaused, UnknownMember
from members.models import Identity, Member, MemberState, Session
from members.rules import ACCESS_PREFIX, REFRESH_PREFIX, Identified, digest, is_token
from members.selectors import SessionRef

ACCESS_FOR = dt.timedelta(minutes=15)
REFRESH_FOR = dt.timedelta(days=30)
GRACE = dt.timedelta(seconds=30)
"""How long a refreshed token answers with the pair it became."""
KEPT = dt.timedelta(days=30)
"""How long a dead session stays."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two tokens of a session, told this once. The access token lives `expires_in` seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A member, and the session that was opened for them."""

    member: Member
    pair: Pair


@durable
def sign_in(*, person: Identified, now: dt.datetime) -> SignedIn:
    """Open a session for the person whom a provider has identified.

    Somebody new becomes a member who joined at `now`, once however many logins come at once. A
    login through another app of the same owner (the same union id) finds the same member. Raises
    MemberPaused or MemberLeft.
    """
    return _open(_known(person) or _introduce(person, now))


@durable
def open_session(*, member_id: int) -> Pair:
    """Open a session of the member. Raises MemberPaused, MemberLeft or UnknownMember."""
    return _open(Member.objects.locked().filter(id=member_id).first()).pair


@durable
def open_session_for(*, external_id: str) -> SignedIn:
    """Open a session of the member whom another system names, on its word.

    Raises MemberPaused, MemberLeft or UnknownMember.
    """
    return _open(Member.objects.locked().filter(external_id=external_id).first())


@durable
def refresh_session(*, refresh: str) -> Pair | None:
    """Return the next pair of a session, the same one for every call within the 30 s of grace.

    None where the token is not one, is over, or its member may not come in. One that comes again
    after the grace is in two hands: its whole family ends, and that stands.
    """
    if not is_token(refresh, prefix=REFRESH_PREFIX):
        return None
    mark = digest(key=refresh)
    member = Member.objects.locked().filter(sessions__refresh_digest=mark).first()
    if member is None or not member.may_sign_in:
        return None
    session = Session.objects.refreshable().filter(refresh_digest=mark).first()
    if session is None:
        return None
    if session.rotated_at is None:
        session.salt, session.rotated_at = secrets.token_bytes(32), Now()
        session.save(update_fields=["salt", "rotated_at"])
        return _keep(*_next_tokens(refresh, session.salt), member=member, family=session.family)
    age: dt.timedelta = Session.objects.values_list(Now() - F("rotated_at"), flat=True).get(
        id=session.id
    )
    if age > GRACE:
        _end(member=member.id, family=session.family)
        return None
    access, again = _next_tokens(refresh, bytes(session.salt or b""))
    return Pair(access, again, math.ceil((ACCESS_FOR - age).total_seconds()))


@durable
def end_session(*, session: SessionRef, everywhere: bool) -> None:
    """Log the member out of this session or of all of them: the next request is refused."""
    Member.objects.locked().get(id=session.member_id)
    _end(member=session.member_id, family=None if everywhere else session.family)


def purge_sessions(*, now: dt.datetime) -> int:
    """Delete the sessions that have been dead for thirty days. Returns how many there were."""
    gone, _by_model = Session.objects.dead(since=now - KEPT).delete()
    return gone


def _known(person: Identified) -> Member | None:
    """Return the member who has logged in like this before, locked."""
    login = {"provider": person.provider, "app_id": person.app_id, "subject": person.subject}
    if person.union_id:
        Identity.objects.filter(**login, union_id="").update(union_id=person.union_id)
    return (
        Member.objects.locked()
        .filter(**{f"identities__{name}": value for name, value in login.items()})
        .first()
    )


def _introduce(person: Identified, now: dt.datetime) -> Member:
    """Give somebody who was nobody a moment ago their member: theirs already, or a new one.

    There is no row to lock yet; logins that may be of one person take turns by name.
    """
    take_turns(name=f"login {person.provider} {person.app_id} {person.subject}")
    if person.union_id:
        take_turns(name=f"union {person.provider} {person.union_id}")
    member = _known(person) or _namesake(person)
    if member is None:
        name = person.external_id or uuid.uuid4().hex
        member = Member.objects.create(external_id=name, joined_at=now)
    Identity.objects.get_or_create(
        provider=person.provider,
        app_id=person.app_id,
        subject=person.subject,
        defaults={"member": member, "union_id": person.union_id or ""},
    )
    return member


def _namesake(person: Identified) -> Member | None:
    """Return the member whom another login, or another system, knows as the same person."""
    members = Member.objects.locked()
    if person.external_id:
        return members.filter(external_id=person.external_id).first()
    if person.union_id:
        same = {"provider": person.provider, "union_id": person.union_id}
        first = Identity.objects.filter(**same).order_by("id").first()
        return members.filter(id=first.member_id).first() if first else None
    return None


def _open(member: Member | None) -> SignedIn:
    """Open a session of a member whose lock is held."""
    if member is None:
        wrong = FieldError("member", UnknownMember.code, UnknownMember.title)
        raise UnknownMember(errors=[wrong])
    if member.state == MemberState.PAUSED:
        raise MemberPaused
    if not member.may_sign_in:
        raise MemberLeft
    access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    pair = _keep(
        f"{ACCESS_PREFIX}{access}",
        f"{REFRESH_PREFIX}{refresh}",
        member=member,
        family=uuid.uuid4(),
    )
    return SignedIn(member, pair)


def _keep(access: str, refresh: str, *, member: Member, family: uuid.UUID) -> Pair:
    Session.objects.create(
        member=member,
        family=family,
        access_digest=digest(key=access),
        refresh_digest=digest(key=refresh),
        access_expires_at=Now() + ACCESS_FOR,
        refresh_expires_at=Now() + REFRESH_FOR,
    )
    return Pair(access, refresh, int(ACCESS_FOR.total_seconds()))


def _next_tokens(refresh: str, salt: bytes) -> tuple[str, str]:
    """Derive the pair that a refresh token becomes.

    It takes the token, which only its holder has, the salt, which only the row has, and the secret
    key: so the pair can be told again, and is kept nowhere (docs/decisions/0008).
    """

    def derive(prefix: str) -> str:
        made = salted_hmac(f"members.session {prefix}", refresh.encode() + salt, algorithm="sha256")
        return prefix + base64.urlsafe_b64encode(made.digest()).decode().rstrip("=")

    return derive(ACCESS_PREFIX), derive(REFRESH_PREFIX)


def _end(*, member: int, family: uuid.UUID | None) -> None:
    """End a family of sessions, or without one all of the member's, whose lock is held."""
    sessions = Session.objects.filter(member=member, ended_at=None)
    if family is not None:
        sessions = sessions.filter(family=family)
    sessions.update(ended_at=Now())
