"""What a probe asks: is the process alive, and may it have traffic."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

_migrated = False


class HealthMiddleware:
    """Answer `/healthz/live` and `/healthz/ready` before anything else.

    A probe calls by address and in plain HTTP, so it must not meet the check of the host's name
    or the way to HTTPS, and a log line every few seconds is of no use.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path:
            case "/healthz/live":
                return JsonResponse({"status": "live"})
            case "/healthz/ready":
                problem = _what_is_missing()
                answer = (
                    {"status": "unready", "missing": problem} if problem else {"status": "ready"}
                )
                response = JsonResponse(answer, status=503 if problem else 200)
                response["Cache-Control"] = "no-store"
                return response
        return self.get_response(request)


def _what_is_missing() -> str:
    """Name the first thing that keeps this process from work; empty if there is none."""
    global _migrated  # noqa: PLW0603 - once applied, migrations stay so for this process's code
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "database"
    return "" if _migrated else "migrations"
