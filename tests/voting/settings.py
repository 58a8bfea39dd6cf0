"""The settings of workers that are killed: nothing but the awards' job."""

from tests.settings import *

JOBS = ("tests.voting.killed.JOBS",)
