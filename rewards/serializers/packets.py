"""Red packets, and shares of them."""

from typing import Any

from rest_framework import serializers

from kit.api import StrictCharField, StrictIntegerField, StrictSerializer
from kit.fields import POINTS_LIMIT
from points.serializers import AccountOut, show_account
from rewards.program_file.draws import MOST_SHARES
from rewards.selectors import PacketShown
from rewards.services import PacketSaid, PacketSent, ShareTaken


class RedPacketIn(StrictSerializer):
    """A red packet of one's own points, in so many shares: a point each at least."""

    points = StrictIntegerField(min_value=1, max_value=POINTS_LIMIT)
    shares = StrictIntegerField(min_value=1, max_value=MOST_SHARES)
    greeting = StrictCharField(max_length=100, required=False, allow_blank=True, default="")


class PacketShareOut(serializers.Serializer[Any]):
    """What the member who calls took."""

    points = serializers.IntegerField()
    taken_at = serializers.DateTimeField()


class RedPacketOut(serializers.Serializer[Any]):
    """A red packet. `points_returned` is what nobody took; null as long as it runs."""

    id = serializers.IntegerField()
    greeting = serializers.CharField(allow_blank=True)
    is_own = serializers.BooleanField()
    points = serializers.IntegerField()
    shares = serializers.IntegerField()
    shares_taken = serializers.IntegerField()
    points_taken = serializers.IntegerField()
    points_returned = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    share = PacketShareOut(allow_null=True)


class PacketSentOut(RedPacketOut):
    """A red packet, and what its sender's account holds after it."""

    account = AccountOut()


class ShareTakenOut(PacketShareOut):
    """A share, and what the account holds after it."""

    account = AccountOut()


def said_of(body: dict[str, Any]) -> PacketSaid:
    """Return the red packet that a body asks for."""
    return PacketSaid(**body)


def show_packet(shown: PacketShown, *, member: int) -> dict[str, Any]:
    """Return a red packet as the member who calls sees it."""
    packet, own = shown.packet, shown.own
    return {
        "id": packet.pk,
        "greeting": packet.greeting,
        "is_own": packet.sender_id == member,
        "points": packet.points,
        "shares": packet.shares,
        "shares_taken": shown.taken,
        "points_taken": shown.points_taken,
        "points_returned": packet.returned,
        "created_at": packet.created_at,
        "ends_at": packet.ends_at,
        "ended_at": packet.ended_at,
        "share": None if own is None else {"points": own.points, "taken_at": own.taken_at},
    }


def show_sent(sent: PacketSent, *, member: int) -> dict[str, Any]:
    """Return a red packet that was just made."""
    fresh = PacketShown(sent.packet, 0, 0, None)
    return {**show_packet(fresh, member=member), "account": show_account(sent.account)}


def show_share(taken: ShareTaken) -> dict[str, Any]:
    """Return a share with what the account holds after it."""
    own = {"points": taken.share.points, "taken_at": taken.share.taken_at}
    return {**own, "account": show_account(taken.account)}
