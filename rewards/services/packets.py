"""Red packets: shares that add up, each taken once, and what nobody took goes back."""

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

import points.services
from kit.errors import Invalid
from kit.fields import POINTS_LIMIT
from kit.jobs import database_now
from kit.transactions import RetryTransaction, durable, go_together, take_turns
from points.selectors import AccountView, section
from rewards.errors import MayNotSend, PacketEmpty, PacketEnded
from rewards.models import Packet, PacketShare
from rewards.program_file import RedPacketsSection
from rewards.program_file.draws import MOST_SHARES
from rewards.rules import parted
from rewards.selectors import next_to_end, packet, shopper


class ShareOnItsWay(RetryTransaction):
    """Others hold the last shares, and may put them back."""


@dataclass(frozen=True, slots=True)
class PacketSaid:
    """A red packet as it is asked for."""

    points: int
    shares: int
    greeting: str = ""


@dataclass(frozen=True, slots=True)
class PacketSent:
    """A red packet, and what the account of its sender holds after it."""

    packet: Packet
    account: AccountView


@dataclass(frozen=True, slots=True)
class ShareTaken:
    """A share, and what the account of who took it holds after it."""

    share: PacketShare
    account: AccountView


@transaction.atomic(savepoint=False)
def send_packet(*, said: PacketSaid, member: int, now: dt.datetime) -> PacketSent:
    """Make a red packet of a member's own points.

    Raises MayNotSend where the program does not let members, Invalid, and InsufficientPoints.
    """
    rules = section(shape=RedPacketsSection)
    if not rules.members_send:
        raise MayNotSend
    _check(said, most_points=rules.most_points, most_shares=rules.most_shares)
    made = _packet(said, sender_id=member)
    reason = made.greeting or _("Red packet")
    points.services.spend(
        member=member, points=made.points, reference=made.reference, reason=reason, now=now
    )
    account = shopper(rewards=[], member=member, now=now).account
    return PacketSent(_make(made, hours=rules.hours), account)


@durable
def give_packet(*, said: PacketSaid, hours: int, by: int) -> Packet:
    """Make a red packet of the community's, which costs nobody. Raises Invalid."""
    _check(said, most_points=POINTS_LIMIT, most_shares=MOST_SHARES)
    return _make(_packet(said, by_id=by), hours=hours)


def _check(said: PacketSaid, *, most_points: int, most_shares: int) -> None:
    if not 1 <= said.shares <= most_shares:
        raise Invalid(_("A red packet has from 1 to %(most)d shares.") % {"most": most_shares})
    if not said.shares <= said.points <= most_points:
        told = _("A red packet has a point a share at least, and %(most)d points at most.")
        raise Invalid(told % {"most": most_points})


def _packet(said: PacketSaid, **giver: int) -> Packet:
    return Packet(
        token=uuid.uuid4(),
        points=said.points,
        shares=said.shares,
        greeting=said.greeting,
        **giver,
    )


def _make(made: Packet, *, hours: int) -> Packet:
    made.created_at = database_now()
    made.ends_at = made.created_at + dt.timedelta(hours=hours)
    made.save(force_insert=True)
    drawn = parted(points=made.points, shares=made.shares, draw=secrets.randbelow)
    PacketShare.objects.bulk_create(
        PacketShare(packet=made, number=number, points=share)
        for number, share in enumerate(drawn, start=1)
    )
    return made


def _turn_of(found: Packet) -> str:
    """Return the name that those who take go together at, and its end takes alone."""
    return f"packet:{found.pk}"


@transaction.atomic(savepoint=False)
def take_share(*, id: int, member: int, now: dt.datetime) -> ShareTaken:  # noqa: A002 - its name
    """Take a share, once: who has one gets told of it again.

    Lock order: the account, then the packet's turn, then the share. The packet is seen to run by
    the database's clock. Raises NoSuchPacket, PacketEnded and PacketEmpty.
    """
    found = packet(id=id)
    points.services.lock_accounts(members=[member])
    own = PacketShare.objects.filter(packet=found, member=member).first()
    if own is None:
        go_together(name=_turn_of(found))
        if packet(id=id).ended_at is not None or found.ends_at <= database_now():
            raise PacketEnded
        own = _next_share(found)
        own.member_id, own.taken_at = member, database_now()
        own.save(update_fields=["member", "taken_at"])
        points.services.adjust(
            member=member,
            points=own.points,
            reference=f"{found.reference}:{own.number}",
            reason=found.greeting or _("Red packet"),
            now=now,
        )
    return ShareTaken(own, shopper(rewards=[], member=member, now=now).account)


def _next_share(found: Packet) -> PacketShare:
    free = PacketShare.objects.filter(packet=found, member=None)
    locked = free.select_for_update(skip_locked=True, no_key=True).order_by("number")
    share = locked.first()
    if share is None:
        raise ShareOnItsWay if free.exists() else PacketEmpty
    return share


@transaction.atomic(savepoint=False)
def end_next_packet(*, now: dt.datetime) -> tuple[int, int] | None:
    """End a red packet whose time is over; its sender has back what nobody took.

    Returns its id and those points; None if there is none.
    """
    found = next_to_end(now=now)
    if found is None:
        return None
    if found.sender_id is not None:
        points.services.lock_accounts(members=[found.sender_id])
    take_turns(name=_turn_of(found))
    found.refresh_from_db()
    if found.ended_at is not None:
        return found.pk, 0
    left = PacketShare.objects.filter(packet=found, member=None)
    found.returned = left.aggregate(sum=Sum("points"))["sum"] or 0
    found.ended_at = database_now()
    found.save(update_fields=["returned", "ended_at"])
    if found.returned and found.sender_id is not None:
        said: dict[str, Any] = {"points": found.returned, "reason": _("Nobody took it"), "now": now}
        reference = f"returned:{found.reference}"
        points.services.refund(spent=found.reference, reference=reference, **said)
    return found.pk, found.returned
