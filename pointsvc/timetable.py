"""Which jobs there are, and when each is due."""

import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from kit import idempotency, jobs
from kit.jobs import Calendar, Every, Job, Planned, Progress, Turn
from members import services as members
from points import selectors as points
from points.services import lapse_adjustments
from pointsvc.me.services import finish_erasures
from voting import selectors as polls
from voting import services as voting


def _reconcile(_turn: Turn) -> Progress:
    """Prove the totals. A difference is reported and never repaired by itself."""
    found = points.reconcile()
    wrong = [
        f"{one.check}: member {one.member}: kept {one.kept}, the entries give {one.computed}"
        for one in found.differences
    ]
    counts = {
        "accounts": found.accounts,
        "entries": found.entries,
        "checks": len(found.checks),
        "differences": len(wrong),
    }
    return Progress(counts, alarm="\n".join(wrong))


PURGES: tuple[tuple[str, Callable[..., int]], ...] = (
    ("idempotency_keys", idempotency.purge),
    ("sessions", members.purge_sessions),
    ("erased", finish_erasures),
    ("job_runs", jobs.purge),
)


def _purge(turn: Turn) -> Progress:
    """Forget what nobody may ask for any more, one table at a time."""
    number: int = turn.cursor or 0
    name, purge = PURGES[number]
    is_last = number == len(PURGES) - 1
    return Progress({name: purge(now=turn.now)}, cursor=None if is_last else number + 1)


def _lapse(turn: Turn) -> Progress:
    """Close the adjustments that waited too long for a second person."""
    return Progress({"adjustments": lapse_adjustments(now=turn.now)})


def _plan_cycles(turn: Turn) -> Progress:
    """Make the award cycles that the program asks for, ahead of their time."""
    return Progress({"cycles": voting.plan_cycles(now=turn.now)})


def _award(turn: Turn) -> Progress:
    """Lead one award cycle through the step that the run is named for."""
    due = polls.due_step(key=turn.period)
    taken = voting.take_step(category=due.category, month=due.month, step=due.step, now=turn.now)
    return Progress({"steps": taken.steps}, alarm=taken.alarm)


JOBS = (
    Job(
        name="lapse",
        title=_("Close what waited too long"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_lapse,
        says={"adjustments": _("adjustments")},
    ),
    Job(
        name="cycles",
        title=_("Plan the award cycles"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_plan_cycles,
        says={"cycles": _("award cycles")},
    ),
    Job(
        name="award",
        title=_("Lead the awards through their steps"),
        schedule=Planned(polls.due_steps),
        step=_award,
        says={"steps": _("steps")},
    ),
    Job(
        name="reconcile",
        title=_("Prove the totals"),
        schedule=Calendar(at=dt.time(3)),
        step=_reconcile,
        reads_only=True,
        says={
            "accounts": _("accounts"),
            "entries": _("entries"),
            "checks": _("checks"),
            "differences": _("differences"),
        },
    ),
    Job(
        name="purge",
        title=_("Forget what is out of date"),
        schedule=Calendar(at=dt.time(4)),
        step=_purge,
        says={
            "idempotency_keys": _("idempotency keys"),
            "sessions": _("sessions"),
            "erased": _("rows of erased members"),
            "job_runs": _("job runs"),
        },
    ),
)
