"""What the members room says no with."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Invalid


class NicknameRefused(Invalid):
    """The nickname shows nothing, or is too long."""

    code = "nickname_refused"
    title = _("This nickname cannot be shown.")


class UnknownScope(Invalid):
    """There is no such scope, or none is given."""

    code = "unknown_scope"
    title = _("There is no such scope.")
