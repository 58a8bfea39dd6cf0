"""Bare Django views: the floors of one activity a request, and of reading.

Same server, same pool, same driver settings as the service; no middleware, no authentication, no
validation, no rules. BENCH_STATEMENT names the file that holds the statement of one activity.
"""

import json
import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from pointsvc import settings as service

STATEMENT = Path(os.environ.get("BENCH_STATEMENT", os.devnull)).read_text(encoding="utf-8")
ROW = "SELECT member_id, available, lifetime FROM points_account WHERE member_id = %s"
INSERT = """
INSERT INTO voting_ballot (id, poll_id, voter_id, number, cast_at, state, marks, reason)
VALUES (gen_random_uuid(), %s, %s, 1, clock_timestamp(), 'counted', '[]', '')
"""

settings.configure(
    DATABASES=service.DATABASES,
    SECRET_KEY=service.SECRET_KEY,
    ALLOWED_HOSTS=service.ALLOWED_HOSTS,
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    USE_TZ=True,
)


def take(request: HttpRequest) -> HttpResponse:
    """Write the one activity of the request's body and answer with what it granted."""
    (activity,) = json.loads(request.body)["activities"]
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, activity)
        results = [
            {"id": name, "status": "accepted", "awards": [{"rule": rule, "points": points}]}
            for name, rule, points in cursor.fetchall()
        ]
    return _answer({"accepted": len(results), "results": results})


def check_in(_request: HttpRequest, member: int) -> HttpResponse:
    """Write one check-in, and answer with what it granted."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"member": member})
        day, points = cursor.fetchone()
    return _answer({"date": str(day), "awards": [{"points": points}]})


def row(_request: HttpRequest, member: int) -> HttpResponse:
    """Fetch one row by its key: the floor of reading."""
    with connection.cursor() as cursor:
        cursor.execute(ROW, [member])
        member_id, available, lifetime = cursor.fetchone()
    return _answer({"member": member_id, "available": available, "lifetime": lifetime})


def insert(request: HttpRequest, poll: int) -> HttpResponse:
    """Write one row for the request's body: the floor of casting a ballot."""
    (voter,) = json.loads(request.body)["picks"]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [poll, voter])
    return _answer({"picks": [voter]})


def _answer(content: object) -> HttpResponse:
    answer = json.dumps(content).encode()
    return HttpResponse(
        answer,
        content_type="application/json",
        headers={"Content-Length": str(len(answer))},
    )


urlpatterns = [
    path("api/v1/activities/", take),
    path("check-ins/<int:member>/", check_in),
    path("row/<int:member>/", row),
    path("insert/<int:poll>/", insert),
]
application = get_wsgi_application()
