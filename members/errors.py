"""What the members room says no with."""

from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, Invalid


class NicknameRefused(Invalid):
    """The nickname shows nothing, or is too long."""

    code = "nickname_refused"
    title = _("This nickname cannot be shown.")


class UnknownScope(Invalid):
    """There is no such scope, or none is given."""

    code = "unknown_scope"
    title = _("There is no such scope.")


class UnknownMember(Invalid):
    """There is no member of this name."""

    code = "unknown_member"
    title = _("There is no member with this id.")


class MemberPaused(DomainError):
    """The member's part is paused: an operator can end the pause."""

    code = "member_paused"
    status = 403
    title = _("This membership is paused.")


class MemberLeft(DomainError):
    """The member has left the community."""

    code = "member_left"
    status = 403
    title = _("This member has left the community.")


class OperatorTaken(DomainError):
    """The operator is another member already."""

    code = "operator_taken"
    title = _("This operator is another member already.")
