"""What members and operators see of red packets."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from rewards.errors import NoSuchPacket
from rewards.models import Packet, PacketShare


@dataclass(frozen=True, slots=True)
class PacketShown:
    """A red packet before a member, with what has been taken of it."""

    packet: Packet
    taken: int
    points_taken: int
    own: PacketShare | None


def packets() -> QuerySet[Packet]:
    """Return all red packets."""
    return Packet.objects.all()


def packet(*, id: int) -> Packet:  # noqa: A002 - its name
    """Return a red packet. Raises NoSuchPacket."""
    found = Packet.objects.filter(id=id).first()
    if found is None:
        raise NoSuchPacket
    return found


def packet_shown(*, id: int, member: int) -> PacketShown:  # noqa: A002 - its name
    """Return a red packet as the member may see it. Raises NoSuchPacket."""
    found = packet(id=id)
    own = PacketShare.objects.filter(packet=id, member=member).first()
    [told] = with_taken(packets=[found], own={found.pk: own})
    return told


def packets_shown(*, packets: Sequence[Packet], member: int) -> list[PacketShown]:
    """Return these red packets as the member may see them, in two queries."""
    own = PacketShare.objects.filter(packet__in=packets, member=member)
    return with_taken(packets=packets, own={one.packet_id: one for one in own})


def with_taken(
    *, packets: Sequence[Packet], own: dict[int, PacketShare | None] | dict[int, PacketShare]
) -> list[PacketShown]:
    """Return red packets with what has been taken of each."""
    is_taken = Q(member__isnull=False)
    rows = PacketShare.objects.filter(packet__in=packets).order_by().values("packet")
    sums = rows.annotate(n=Count("id", filter=is_taken), sum=Sum("points", filter=is_taken))
    taken = {packet: (n, total or 0) for packet, n, total in sums.values_list("packet", "n", "sum")}
    return [PacketShown(one, *taken[one.pk], own.get(one.pk)) for one in packets]


def taken_shares(*, packet: int) -> QuerySet[PacketShare]:
    """Return the shares that somebody took, with who."""
    taken = PacketShare.objects.filter(packet=packet, member__isnull=False)
    return taken.select_related("member").order_by("taken_at", "id")


def next_to_end(*, now: dt.datetime) -> Packet | None:
    """Return the red packet whose time is over longest."""
    over = Packet.objects.filter(ended_at=None, ends_at__lte=now)
    return over.order_by("ends_at", "id").first()
