"""What is refused of windows and the requests in them."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, Invalid, NotFound


class NoSuchWindow(NotFound):
    """No window has that id."""

    title = _("There is no such window.")


class NoSuchRequest(NotFound):
    """No request of the member's in this window has that id."""

    title = _("There is no such request.")


class NotInWindow(Invalid):
    """The window does not offer this."""

    code = "not_in_window"
    title = _("This window does not offer this reward.")


class WindowClosed(Conflict):
    """The window has closed: requests neither come nor go."""

    code = "window_closed"
    title = _("The window has closed.")


class AlreadyRequested(Conflict):
    """The member asks for this reward already."""

    code = "already_requested"
    title = _("You ask for this reward already.")


class RequestDecided(Conflict):
    """The request was withdrawn before."""

    code = "request_decided"
    title = _("The request has moved on; this is no longer possible.")


class NotExtended(Conflict):
    """A window can be extended before it closes, and only to a later instant."""

    code = "not_extended"
    title = _("A window is extended before it closes, to a later instant.")


class NothingToApprove(Conflict):
    """The window is not in review."""

    code = "nothing_to_approve"
    title = _("The window is not in review.")
