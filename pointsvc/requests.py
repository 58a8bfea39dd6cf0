"""One log line a request."""

import logging
import uuid

import structlog
from django.http import HttpRequest
from django_structlog import middlewares

log = logging.getLogger("django_structlog")


class RequestMiddleware(middlewares.RequestMiddleware):
    """Names the request and logs how it ended."""

    def prepare(self, request: HttpRequest) -> None:
        """Name the request, and log that it begins where anybody wants to know that."""
        if log.isEnabledFor(logging.DEBUG):
            super().prepare(request)
        else:
            structlog.contextvars.bind_contextvars(request_id=str(uuid.uuid4()))
