"""A bare Django view over the floor's single statement: the floor of one activity per request.

Same server, same pool, same driver settings as the service; no middleware, no authentication, no
validation, no rules. BENCH_STATEMENT names the file that holds the statement.
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

STATEMENT = Path(os.environ["BENCH_STATEMENT"]).read_text(encoding="utf-8")

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
    answer = json.dumps({"accepted": len(results), "results": results}).encode()
    return HttpResponse(
        answer,
        content_type="application/json",
        headers={"Content-Length": str(len(answer))},
    )


urlpatterns = [path("api/v1/activities/", take)]
application = get_wsgi_application()
