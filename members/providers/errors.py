"""What a login says no with when its provider does."""

from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, Unavailable


class WeChatUnavailable(Unavailable):
    """WeChat is slow, down, or says what nobody can act on. The same code may be sent again."""

    code = "wechat_unavailable"
    title = _("WeChat does not answer at the moment. Please try again.")


class CodeRefused(DomainError):
    """The login code is not valid, or has been used. A new one is needed."""

    code = "code_refused"
    status = 401
    title = _("This login code is not valid any more. Please log in again.")


class TooManyLogins(DomainError):
    """WeChat has seen this user log in too often within a minute."""

    code = "too_many_logins"
    status = 429
    title = _("Too many logins. Please wait a minute.")


class LoginRefused(DomainError):
    """WeChat holds the user for a risk and lets nobody log them in."""

    code = "login_refused"
    status = 403
    title = _("WeChat does not let this account log in.")
