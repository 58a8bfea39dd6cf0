"""The settings of workers that are killed: nothing but the job that they die at."""

from tests.settings import *

JOBS = ("tests.jobs.dying.jobs.JOBS",)
