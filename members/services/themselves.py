"""What members change about themselves, down to leaving without a trace."""

import datetime as dt
import uuid

from django.db import transaction

from kit.transactions import durable
from members.errors import MemberLeft
from members.models import Member, MemberState
from members.rules import clean_nickname


@durable
def change_profile(*, member_id: int, nickname: str | None, avatar_url: str | None) -> None:
    """Change what the member shows of themselves; None leaves it as it is.

    Raises NicknameRefused, and MemberLeft where the member was erased meanwhile.
    """
    member = Member.objects.locked().filter(id=member_id, erased_at=None).first()
    if member is None:
        raise MemberLeft
    if nickname is not None:
        member.nickname = clean_nickname(nickname)
    if avatar_url is not None:
        member.avatar_url = avatar_url
    member.save(update_fields=["nickname", "avatar_url"])


@transaction.atomic(savepoint=False)
def erase_member(*, member_id: int, now: dt.datetime) -> str:
    """Drop who the member was: name, avatar, logins, sessions, external id. Returns the last.

    What is left is a row under a random name that the ledger can point at. Waits for the writes
    under way that point at the member, and lets the next ones wait. Raises MemberLeft where it
    was done before.
    """
    member = Member.objects.select_for_update().filter(id=member_id, erased_at=None).first()
    if member is None:
        raise MemberLeft
    was, member.external_id = member.external_id, uuid.uuid4().hex
    member.nickname, member.avatar_url = "", ""
    member.state, member.erased_at = MemberState.LEFT, now
    member.operator = None
    changed = ("external_id", "nickname", "avatar_url", "state", "erased_at", "operator")
    member.save(update_fields=changed)
    member.identities.all().delete()
    member.sessions.all().delete()
    return was
