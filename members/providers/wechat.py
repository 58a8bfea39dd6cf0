"""WeChat mini-program logins: code2Session.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
"""

import json
import logging
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kit import outgoing
from kit.errors import DomainError, FieldError, Invalid
from members.providers.errors import CodeRefused, LoginRefused, TooManyLogins, WeChatUnavailable
from members.rules import Identified

logger = logging.getLogger(__name__)

BUSY = -1
RATE_WINDOW = 60
"""Seconds: WeChat counts a user's logins by the minute."""

LONGEST_SUBJECT = 128


def identify(*, code: str, app_id: str | None) -> Identified:
    """Return whom the mini-program's login code stands for; a code works once.

    Takes at most `kit.outgoing.SECONDS`. The session key that comes along is dropped at once.
    Raises Invalid for an app that is not set up, CodeRefused, TooManyLogins, LoginRefused and
    WeChatUnavailable. Neither logs nor errors tell the secret, the code or who it is.
    """
    app_id, secret = _app(app_id)
    query = {
        "appid": app_id,
        "secret": secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    try:
        answer = outgoing.get(url=f"{settings.WECHAT_BASE_URL}/sns/jscode2session", query=query)
    except outgoing.NoAnswer as failure:
        logger.warning("wechat gave no answer: %s", failure)
        raise WeChatUnavailable from None
    said = _read(answer)
    if errcode := said.get("errcode"):
        raise _refusal(errcode)
    subject = _name(said.get("openid"))
    if subject is None:
        logger.error("wechat named nobody")
        raise WeChatUnavailable
    union_id = _name(said.get("unionid"))
    return Identified(provider="wechat", app_id=app_id, subject=subject, union_id=union_id)


def _app(app_id: str | None) -> tuple[str, str]:
    """Return the app's id and secret; the only one where none is named."""
    apps: dict[str, str] = settings.WECHAT_APPS
    if app_id is None and len(apps) == 1:
        [app_id] = apps
    if app_id is None:
        detail = _("Several apps are set up here: name one.")
        raise Invalid(errors=[FieldError("app_id", "required", detail)])
    if app_id not in apps:
        detail = _("There is no such app here.")
        raise Invalid(errors=[FieldError("app_id", "unknown_app", detail)])
    return app_id, apps[app_id]


def _read(answer: outgoing.Answer) -> dict[str, Any]:
    """Return what WeChat said: a JSON object, whatever it calls itself."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    if answer.status != 200 or not isinstance(said, dict):  # noqa: PLR2004 - HTTP's OK
        logger.error("wechat answered with no JSON object: HTTP %d", answer.status)
        raise WeChatUnavailable
    return said


def _refusal(errcode: object) -> DomainError:
    match errcode:
        case 40029 | 40163:  # not valid, used before
            return CodeRefused()
        case 45011:
            return TooManyLogins(retry_after=RATE_WINDOW)
        case 40226:
            return LoginRefused()
    known = errcode if type(errcode) is int else "none"
    logger.log(logging.WARNING if known == BUSY else logging.ERROR, "wechat errcode %s", known)
    return WeChatUnavailable()


def _name(value: object) -> str | None:
    """Return a name that the database can keep, and None for anything else."""
    is_name = isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_SUBJECT
    return str(value) if value and is_name else None
