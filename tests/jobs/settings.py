"""The settings of workers under test: jobs that can be watched, short leases, a tick a second."""

import datetime as dt
import os

from tests.settings import *

JOBS = tuple(f"tests.jobs.watched.{name}" for name in os.environ["WATCHED"].split())
JOB_LEASE = dt.timedelta(seconds=2)
CELERY_BEAT_SCHEDULE = {"every second": {"task": "pointsvc.tasks.tick", "schedule": 1.0}}
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
