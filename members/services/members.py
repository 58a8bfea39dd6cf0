"""Making and changing members, and the community they are in."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kit.clock import Clock
from kit.errors import NotFound
from kit.jobs import database_now
from kit.transactions import durable, take_turns
from members.errors import OperatorTaken
from members.models import Community, Member
from members.rules import MemberIn, clean_nickname

NOTICE = dt.timedelta(hours=1)
"""How long before it is in force another clock is known at least: to those who are writing, too."""


@dataclass(frozen=True, slots=True)
class MembersPut:
    """What became of the rows of one `put_members`."""

    created: int
    updated: int
    unchanged: int


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
    # Under the member's lock: a call that is overtaken by an erasure must not write to the erased.
    member, created = Member.objects.locked().get_or_create(
        external_id=external_id, defaults={"joined_at": now} | said
    )
    changed = {name: value for name, value in said.items() if getattr(member, name) != value}
    for name, value in changed.items():
        setattr(member, name, value)
    if changed:
        member.save(update_fields=list(changed))
    return member, created


@durable
def edit_member(
    *,
    member_id: int,
    nickname: str,
    state: str,
    is_staff: bool,
    is_hidden: bool,
    operator: int | None = None,
) -> Member:
    """Make a member's profile and part in the community what an operator says.

    `operator` is the user that the member works in the admin as. Raises NicknameRefused,
    OperatorTaken, and NotFound for a member who has been erased.
    """
    told = {
        "nickname": clean_nickname(nickname),
        "state": state,
        "is_staff": is_staff,
        "is_hidden": is_hidden,
        "operator_id": operator,
    }
    if operator is not None:
        take_turns(name="operators who are members")
        if Member.objects.filter(operator=operator).exclude(id=member_id).exists():
            raise OperatorTaken
    row = Member.objects.select_for_update(no_key=True).filter(id=member_id, erased_at=None).first()
    if row is None:
        raise NotFound
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=list(told))
    return row


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
    *,
    name: str | None,
    time_zone: str | None,
    day_starts_at: dt.time,
    fiscal_year_starts: int,
    moment: Callable[[], dt.datetime] = database_now,
) -> None:
    """Set the community's name and clock. A name or zone of None stays as it is.

    Another time zone or day start is in force from the start of the next local day, or, within an
    hour of it, of the one after. What happened before keeps its date, and no date comes back. While
    nobody is a member, it is in force at once, and as if it always had been.
    """
    with transaction.atomic(savepoint=False):
        community = Community.objects.select_for_update(no_key=True).get(id=1)
        community.name = community.name if name is None else name
        community.fiscal_year_starts = fiscal_year_starts
        zone = community.time_zone if time_zone is None else time_zone
        if (zone, day_starts_at) != (community.time_zone, community.day_starts_at):
            _change_clock(community, zone, day_starts_at, moment())
        community.save()


def _change_clock(
    community: Community, time_zone: str, day_starts_at: dt.time, now: dt.datetime
) -> None:
    """Put the new clock after the one in force at `now`; one that still waits is forgotten."""
    if not Member.objects.exists():
        community.earlier_clocks = []
    else:
        present = community.clock.at(now)
        past = [one for one in community.earlier_clocks if _instant(one["until"]) <= now]
        earlier = {
            "time_zone": present.zone.key,
            "day_starts_at": present.day_starts_at.isoformat(),
            "until": _next_day(present, now).isoformat(),
        }
        is_new = (time_zone, day_starts_at) != (present.zone.key, present.day_starts_at)
        community.earlier_clocks = [*past, earlier] if is_new else past
    community.time_zone, community.day_starts_at = time_zone, day_starts_at


def _next_day(clock: Clock, now: dt.datetime) -> dt.datetime:
    """Return the start of a day that has not begun for anybody who is writing just now."""
    day = clock.local_date(now + NOTICE) + dt.timedelta(days=1)
    return clock.start_of(day)


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
