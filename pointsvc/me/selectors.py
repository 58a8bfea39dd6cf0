"""What the service knows of one member, from every room."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import activities.selectors
import members.selectors
import rewards.selectors
import voting.selectors
from kit import idempotency
from kit.errors import NotFound
from members.models import Member
from members.selectors import Kept
from points.selectors import AccountView, account_view
from points.selectors.kept import kept_of


@dataclass(frozen=True, slots=True)
class Me:
    """A member, with what they have reached."""

    member: Member
    account: AccountView
    streak: int = 0
    badges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """All that is kept of a member. The tables are read row by row, when they are written out."""

    member: Member
    account: AccountView
    tables: Kept

    @property
    def profile(self) -> Mapping[str, Any]:
        """The member's own row."""
        names = ("id", "external_id", "nickname", "avatar_url", "joined_at", "state", "is_staff")
        return {name: getattr(self.member, name) for name in (*names, "is_hidden")}


def me(*, member_id: int, now: dt.datetime) -> Me:
    """Return the member with that id and what they have at `now`. Raises NotFound."""
    return Me(
        _member(member_id),
        account_view(member=member_id, now=now),
        streak=activities.selectors.streak(member=member_id, now=now),
        badges=(
            *voting.selectors.titles_of(member=member_id),
            *rewards.selectors.badges_of(member=member_id),
        ),
    )


def export(*, caller: str, member_id: int, now: dt.datetime) -> Export:
    """Return all that is kept of the member with that id. Raises NotFound.

    `caller` is the member's name among callers.
    """
    tables = {
        **members.selectors.kept_of(member_id=member_id),
        **kept_of(member=member_id),
        **activities.selectors.kept_of(member=member_id),
        **activities.selectors.kept_posts_of(member=member_id),
        **activities.selectors.kept_check_ins_of(member=member_id),
        **rewards.selectors.kept_of(member=member_id),
        **voting.selectors.kept_of(member=member_id),
        "answers": idempotency.kept_of(caller=caller),
    }
    return Export(_member(member_id), account_view(member=member_id, now=now), tables)


def _member(member_id: int) -> Member:
    member = members.selectors.member_by_id(member_id=member_id)
    if member is None:
        raise NotFound
    return member
