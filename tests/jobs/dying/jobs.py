"""The one job that workers die at."""

import os

from pointsvc import timetable

JOBS = tuple(job for job in timetable.JOBS if job.name == os.environ["KILLED_JOB"])
