"""The jobs that keep the house, and when each is due."""

import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from kit import idempotency, jobs
from kit.jobs import Calendar, Job, Progress, Turn
from members import services as members
from points import services as points
from pointsvc.me.services import finish_erasures

PURGES: tuple[tuple[str, Callable[..., int]], ...] = (
    ("idempotency_keys", idempotency.purge),
    ("sessions", members.purge_sessions),
    ("erased", finish_erasures),
    ("brake_counters", points.purge_brake_counters),
    ("notices", points.purge_notices),
    ("job_runs", jobs.purge),
)


def _purge(turn: Turn) -> Progress:
    """Forget what nobody may ask for any more, one table at a time."""
    number: int = turn.cursor or 0
    name, purge = PURGES[number]
    is_last = number == len(PURGES) - 1
    return Progress({name: purge(now=turn.now)}, cursor=None if is_last else number + 1)


JOBS = (
    Job(
        name="purge",
        title=_("Forget what is out of date"),
        schedule=Calendar(at=dt.time(4)),
        step=_purge,
        says={
            "idempotency_keys": _("idempotency keys"),
            "sessions": _("sessions"),
            "erased": _("rows of erased members"),
            "brake_counters": _("counters of brakes"),
            "job_runs": _("job runs"),
            "notices": _("notices"),
        },
    ),
)
