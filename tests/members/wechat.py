"""A WeChat to log in with, and an ear for what the service says meanwhile."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from tests.fakes.wechat import HOST, FakeWeChat, serve

APP, SECRET = "wx0123456789abcdef", "0ff1ce5ec4e70ff1ce5ec4e70ff1ce5e"


@contextmanager
def wechat(settings: Any) -> Iterator[FakeWeChat]:
    """Let the service know one app of a WeChat that answers here."""
    with serve(FakeWeChat({APP: SECRET})) as fake:
        settings.WECHAT_APPS = dict(fake.apps)
        settings.WECHAT_BASE_URL = fake.base_url
        settings.OUTGOING_ALLOW = frozenset({(HOST, fake.port)})
        yield fake


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Collect every line that the service logs, in the form in which it leaves the process."""
    said, root = io.StringIO(), logging.getLogger()
    ear = logging.StreamHandler(said)
    ear.setFormatter(
        next(
            handler.formatter
            for handler in root.handlers
            if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
        )
    )
    loggers = [root, *(logging.getLogger(name) for name in ("django", "django.server"))]
    levels = [logger.level for logger in loggers]
    root.addHandler(ear)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.removeHandler(ear)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
