"""What is refused of a redemption once it is made, or for what it lacks."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, Invalid, NotFound


class NoSuchRedemption(NotFound):
    """No redemption has that id, or it is another member's."""

    title = _("There is no such redemption.")


class RedemptionDecided(Conflict):
    """The redemption is in a state that does not allow it. `state` says in which."""

    code = "redemption_decided"
    title = _("The redemption has moved on; this is no longer possible.")


class AddressMissing(Invalid):
    """Goods are sent somewhere, and nobody has said where."""

    code = "address_missing"
    title = _("The redemption needs an address.")


class AddressNotTaken(Invalid):
    """The reward is not sent anywhere."""

    code = "address_not_taken"
    title = _("This reward is not sent, so it takes no address.")


class NotShipped(Invalid):
    """Goods are fulfilled when they are on their way: by a carrier, under a number."""

    code = "not_shipped"
    title = _("Goods need a carrier and a tracking number.")
