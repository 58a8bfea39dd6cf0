"""How the service logs: one JSON object a line, with the request's id, without query strings."""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

VOUCHER = re.compile(r"/vouchers/[^/\s]+")

JSON = structlog.processors.JSONRenderer(ensure_ascii=False)

# What no line shows need not be found out for each.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class JsonFormatter(structlog.stdlib.ProcessorFormatter):
    """Writes lines as JSON; ours, unless they tell of an exception, as they are.

    For the others the record is copied and goes through all processors, which takes longer.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        event = record.msg
        if type(event) is dict and hasattr(record, "_logger") and "exc_info" not in event:
            return str(JSON(None, record.levelname, event))
        return super().format(record)


def drop_query(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the path of a request and drop what follows: query strings carry people's data."""
    request = event.get("request")
    if isinstance(request, str):
        event["request"] = request.partition("?")[0]
    return event


def drop_codes(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep what a path is of, and drop the voucher's code in it: who reads it could spend it."""
    for name, value in event.items():
        if isinstance(value, str) and "/vouchers/" in value:
            event[name] = VOUCHER.sub("/vouchers/…", value)
    return event


SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    drop_codes,
)


def configure(*, level: str, style: str) -> dict[str, Any]:
    """Set up structlog and return Django's LOGGING. `style` is `json`, or `console` for people."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            drop_query,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        if style == "console"
        else JSON
    )
    tail = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    if style != "console":
        tail.insert(1, structlog.processors.format_exc_info)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter if style == "console" else JsonFormatter,
                "processors": tail,
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers go: each line once, and in one form.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
        },
    }
