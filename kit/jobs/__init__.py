"""Work that the calendar asks for, done once for each period (docs/decisions/0010-jobs.md)."""

from kit.jobs.plan import Counts, Job, Progress, Turn, timetable
from kit.jobs.runs import (
    Lease,
    LeaseLost,
    Outcome,
    RunUnfinished,
    claim,
    database_now,
    failed_runs,
    keep,
    outcomes,
    purge,
    record_due,
    rehearse,
    rerun,
)
from kit.jobs.schedules import Calendar, Every, Moment, Planned, Schedule
from kit.jobs.work import advance, work

__all__ = [
    "Calendar",
    "Counts",
    "Every",
    "Job",
    "Lease",
    "LeaseLost",
    "Moment",
    "Outcome",
    "Planned",
    "Progress",
    "RunUnfinished",
    "Schedule",
    "Turn",
    "advance",
    "claim",
    "database_now",
    "failed_runs",
    "keep",
    "outcomes",
    "purge",
    "record_due",
    "rehearse",
    "rerun",
    "timetable",
    "work",
]
