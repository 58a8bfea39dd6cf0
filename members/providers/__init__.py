"""Who logs in, in the words of those who know: the providers of identities."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kit.errors import FieldError, Invalid
from members.providers import wechat
from members.rules import LONGEST_EXTERNAL_ID, Identified

__all__ = ["Identified", "identify"]


def identify(*, provider: str, code: str, app_id: str | None) -> Identified:
    """Return whom `code` stands for, as `provider` says; it may call the provider over HTTP.

    `wechat` takes a mini-program's login code, and `app_id` where several apps are set up; `demo`,
    only in the demo, takes a member's external id. Raises Invalid for a provider or app that is
    not set up, and the refusals of members.providers.errors. Call it outside of transactions.
    """
    if provider == "wechat" and settings.WECHAT_APPS:
        return wechat.identify(code=code, app_id=app_id)
    if provider == "demo" and settings.DEMO and len(code) <= LONGEST_EXTERNAL_ID:
        return Identified("demo", "", subject=code, union_id=None, external_id=code)
    detail = _("There is no such provider here.")
    raise Invalid(errors=[FieldError("provider", "unknown_provider", detail)])
