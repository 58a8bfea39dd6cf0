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


class NoSuchMember(NotFound):
    """No member has the external id that the body names."""

    code = "not_found"
    title = _("There is no member with this external id.")


class NoSuchAdjustment(NotFound):
    """No adjustment has that id."""

    code = "not_found"
    title = _("There is no such adjustment.")


class SecondPersonNeeded(Conflict):
    """Who asks for an adjustment does not approve it."""

    code = "second_person_needed"
    title = _("Somebody else must approve this adjustment.")


class AdjustmentDecided(Conflict):
    """The adjustment has been posted, rejected or has lapsed."""

    code = "adjustment_decided"
    title = _("This adjustment has been decided already.")


class AdjustmentLapsed(Conflict):
    """The adjustment has waited too long."""

    code = "adjustment_lapsed"
    title = _("This adjustment has waited too long; it can be asked for again.")


class NoSuchAward(NotFound):
    """No pending award has that id."""

    code = "not_found"
    title = _("There is no such pending award.")


class AwardDecided(Conflict):
    """The pending award has been released or dropped."""

    code = "award_decided"
    title = _("These points have been released or dropped already.")


class AwardHeld(Conflict):
    """An open case holds the pending award, and is decided as a whole."""

    code = "award_held"
    title = _("A case holds these points; decide the case.")


class NoSuchCase(NotFound):
    """No case has that id."""

    code = "not_found"
    title = _("There is no such case.")


class CaseDecided(Conflict):
    """The case has been decided."""

    code = "case_decided"
    title = _("This case has been decided already.")
