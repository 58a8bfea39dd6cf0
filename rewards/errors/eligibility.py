"""Why a member may not redeem a reward: now, yet, or at all."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict


class OutOfStock(Conflict):
    """Fewer pieces are left than asked for."""

    code = "out_of_stock"
    title = _("This reward is out of stock.")


class LimitReached(Conflict):
    """The member has had as many as one may have in this time. `next_at`, where there is one."""

    code = "limit_reached"
    title = _("You have redeemed this reward as often as one may.")


class LevelTooLow(Conflict):
    """The member has not reached the level that the reward asks for."""

    code = "level_too_low"
    title = _("This reward is for members of a higher level.")


class NotInSegment(Conflict):
    """The reward is for the members of a segment."""

    code = "not_in_segment"
    title = _("This reward is for other members.")


class TooNew(Conflict):
    """The member has not been here long enough. `next_at` says when."""

    code = "too_new"
    title = _("This reward is for members who have been here longer.")


class NotRedeemableYet(Conflict):
    """The reward can be seen, and redeemed later. `next_at` says when."""

    code = "not_redeemable_yet"
    title = _("This reward cannot be redeemed yet.")


class NoLongerRedeemable(Conflict):
    """The reward can be seen, and redeemed no more."""

    code = "no_longer_redeemable"
    title = _("This reward can no longer be redeemed.")


class QuantityTooLarge(Conflict):
    """More pieces than one order may have."""

    code = "quantity_too_large"
    title = _("That is more than one order may have.")


class PriceChanged(Conflict):
    """The reward costs something else than the caller expected. `points` says what."""

    code = "price_changed"
    title = _("The price has changed.")
