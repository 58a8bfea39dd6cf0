"""What is refused of lucky draws and red packets."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, NotFound


class NoSuchDraw(NotFound):
    """No draw has that id."""

    title = _("There is no such draw.")


class DrawClosed(Conflict):
    """The draw has not begun, or has ended."""

    code = "draw_closed"
    title = _("This draw is not open.")


class NoSuchPacket(NotFound):
    """No red packet has that id."""

    title = _("There is no such red packet.")


class PacketEnded(Conflict):
    """The red packet has ended; what nobody took has gone back."""

    code = "packet_ended"
    title = _("This red packet has ended.")


class PacketEmpty(Conflict):
    """All shares are taken."""

    code = "packet_empty"
    title = _("All shares of this red packet are taken.")


class MayNotSend(Conflict):
    """The program does not let members send red packets."""

    code = "may_not_send"
    title = _("Members cannot send red packets here.")
