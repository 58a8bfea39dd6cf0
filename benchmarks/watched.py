"""The service under observation: how many statements a request sends, and where its time goes.

Each answer carries the number of statements in X-Statements. With BENCH_PROFILE set, the time of
all requests is written to that file when the worker ends; one worker with one thread, please.
"""

import atexit
import cProfile
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from pointsvc.wsgi import application as service

PROFILE = os.environ.get("BENCH_PROFILE")

profile = cProfile.Profile()
if PROFILE:
    atexit.register(profile.dump_stats, PROFILE)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the service does, and count and time it."""
    statements = 0

    def count(execute: Callable[..., Any], *call: Any) -> Any:  # noqa: ANN401 - Django's signature
        nonlocal statements
        statements += 1
        return execute(*call)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401 - WSGI
        return start_response(status, [*headers, ("X-Statements", str(statements))], *rest)

    with connection.execute_wrapper(count):
        if not PROFILE:
            return service(environ, start)
        profile.enable()
        try:
            return service(environ, start)
        finally:
            profile.disable()
