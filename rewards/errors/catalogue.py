"""What is refused of those who keep the catalogue."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, Invalid, NotFound


class NoSuchReward(NotFound):
    """No reward has that id, or members do not see it."""

    title = _("There is no such reward.")


class RewardWrong(Invalid):
    """What the reward says does not go together."""

    code = "reward_wrong"
    title = _("What the reward says does not go together.")


class CodeTaken(Conflict):
    """Another reward has this code."""

    code = "code_taken"
    title = _("Another reward has this code.")


class StockTooLow(Conflict):
    """More would be taken than is left."""

    code = "stock_too_low"
    title = _("More would be taken than is left.")


class PictureRefused(Invalid):
    """The file is not a picture that can be shown."""

    code = "picture_refused"
    title = _("This is not a JPEG, PNG or WebP picture of at most 20 million pixels.")


class BadCodes(Invalid):
    """The file of codes cannot be taken; `errors` tells each bad line."""

    code = "bad_codes"
    title = _("The file of codes has errors.")
