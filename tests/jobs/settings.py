"""The settings of workers under test: jobs that can be watched, short leases, a tick a second."""

import os

from tests.settings import *

JOBS = tuple(f"tests.jobs.watched.{name}" for name in os.environ["WATCHED"].split())
JOB_LEASE_SECONDS = 2
CELERY_BEAT_SCHEDULE = {"every second": {"task": "pointsvc.tasks.tick", "schedule": 1.0}}
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
