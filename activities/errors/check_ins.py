"""What check-ins refuse."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, NotFound


class CheckInRevoked(Conflict):
    """An operator has taken the day's check-in back: it cannot be kept again."""

    code = "check_in_revoked"
    title = _("The check-in of this day has been taken back.")


class AlreadyCheckedIn(Conflict):
    """There is nothing to make up for."""

    code = "already_checked_in"
    title = _("This day has its check-in.")


class DayIsFrozen(Conflict):
    """A freeze keeps the day, or the community's clock has skipped it."""

    code = "day_is_frozen"
    title = _("This day is frozen: it does not break the streak.")


class DateInFuture(Conflict):
    """The day is not over."""

    code = "date_in_future"
    title = _("Only a day that is over can be made up for.")


class MakeupBeforeJoining(Conflict):
    """The member was not there yet."""

    code = "makeup_before_joining"
    title = _("Days before joining cannot be made up for.")


class MakeupTooOld(Conflict):
    """The day is too long ago."""

    code = "makeup_too_old"
    title = _("This day is too long ago to make up for.")


class MakeupLimitReached(Conflict):
    """The month's makeups are used up; `next_at` says from when there are new ones."""

    code = "makeup_limit_reached"
    title = _("This month's makeups are used up.")


class MakeupsOff(Conflict):
    """The program has no makeups."""

    code = "makeups_off"
    title = _("Missed days cannot be made up for.")


class NoMakeupCard(Conflict):
    """A makeup costs a card, and the member holds none."""

    code = "no_makeup_card"
    title = _("A makeup card is needed.")


class FreezesNotSold(Conflict):
    """The program sells no freezes."""

    code = "freezes_not_sold"
    title = _("Freezes cannot be bought.")


class FreezeLimitReached(Conflict):
    """The member holds as many freezes as one may."""

    code = "freeze_limit_reached"
    title = _("No more freezes can be held.")


class NoSuchCheckIn(NotFound):
    """No check-in has that id, or it was taken back before, or a freeze made it."""

    code = "not_found"
    title = _("There is no check-in to take back.")
