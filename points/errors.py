"""What the points room refuses."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, Invalid, NotFound


class InsufficientPoints(Conflict):
    """The member has fewer points to spend than asked for."""

    code = "insufficient_points"
    title = _("Not enough points.")


class ReferenceReused(Conflict):
    """The reference names another movement already."""

    code = "reference_reused"
    title = _("This reference has been used for something else.")


class HoldResolved(Conflict):
    """The hold has already gone the other way."""

    code = "hold_resolved"
    title = _("This hold has been resolved already.")


class RefundTooLarge(Conflict):
    """More would come back than was spent."""

    code = "refund_too_large"
    title = _("More points would come back than were spent.")


class NoSuchEntry(NotFound):
    """No entry or hold has that reference."""

    code = "not_found"
    title = _("There is no movement with this reference.")


class BadProgramFile(Invalid):
    """The program file cannot be loaded; `errors` tells everything that is wrong, in line order."""

    code = "bad_program_file"
    title = _("The program file has errors.")
