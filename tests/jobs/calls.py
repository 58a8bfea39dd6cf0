"""Calls of a server and of an operator, in a process whose broker is wherever settings say.

Prints one line of JSON: the statuses, and the seconds that each nudge took.
"""

import json
import os
import sys
import time

import django
from django.test import Client

django.setup()

# Django's registry is ready by now, and not before.
from kit.tasks import nudge  # noqa: E402 - see above

server = Client(headers={"authorization": f"Api-Key {os.environ['API_KEY']}"})
operator = Client()
operator.cookies["sessionid"] = os.environ["SESSION"]
activity = {
    "id": "a-1",
    "action": "gift",
    "member": "ada",
    "occurred_at": os.environ["NOW"],
    "data": {"amount": 5},
}
statuses = [
    server.post("/api/v1/activities/", {"activities": [activity]}, "application/json").status_code,
    server.get("/api/v1/activities/a-1/").status_code,
    operator.get(f"/admin/kit/jobrun/{os.environ['RUN']}/change/").status_code,
]
began = time.monotonic()
statuses.append(operator.post(f"/admin/kit/jobrun/{os.environ['RUN']}/run-again/").status_code)
rerun = time.monotonic() - began
began = time.monotonic()
went_out = nudge()
nudged = time.monotonic() - began
sys.stdout.write(
    json.dumps({"statuses": statuses, "rerun": rerun, "nudged": nudged, "went_out": went_out})
)
