"""What there is to do: a job, the turn that its step is given, and what the step tells."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from kit.errors import Text
from kit.jobs.schedules import Planned, Schedule

Counts: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a step is told. `now` is the database's clock, the same for all workers."""

    period: str
    due_at: dt.datetime
    now: dt.datetime
    cursor: Any = None
    """Where the step before stopped, as JSON; None at the beginning of the period."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step did. Counts of the same name add up over the steps of a run."""

    counts: Counts
    cursor: Any = None
    """Where the next step goes on, as JSON; None when the period is done."""
    alarm: str = ""
    """What somebody must look at although the work was done; empty if nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that is done once for each period.

    `step` does a part of the work, seconds rather than minutes of it. It runs inside the
    transaction that keeps its progress, so both are there or neither: it opens
    `atomic(savepoint=False)` at most and does nothing outside the database. Its cursor moves on
    even where a rehearsal undoes each step. With `reads_only` it runs outside of any transaction,
    may open its own, and writes nothing.
    """

    name: str
    title: Text
    schedule: Schedule | Planned
    step: Callable[[Turn], Progress]
    reads_only: bool = False
    says: Mapping[str, Text] = field(default_factory=dict)
    """What operators call its counts."""
    catch_up: int = 31
    """How many missed periods are recorded at once; the next minute brings the next."""


def timetable() -> dict[str, Job]:
    """Return the jobs of `settings.JOBS`, by name.

    The setting holds the dotted paths of collections of jobs. Raises ImproperlyConfigured where two
    jobs have one name.
    """
    jobs: dict[str, Job] = {}
    for path in settings.JOBS:
        for job in import_string(path):
            if job.name in jobs:
                message = f"JOBS: two jobs are named {job.name}"
                raise ImproperlyConfigured(message)
            jobs[job.name] = job
    return jobs
