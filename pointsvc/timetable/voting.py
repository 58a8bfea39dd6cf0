"""The jobs of the awards, and when each is due."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from kit.jobs import Every, Job, Planned, Progress, Turn
from voting import selectors, services


def _plan_cycles(turn: Turn) -> Progress:
    """Make the award cycles that the program asks for, ahead of their time."""
    return Progress({"cycles": services.plan_cycles(now=turn.now)})


def _award(turn: Turn) -> Progress:
    """Lead one award cycle through the step that the run is named for."""
    due = selectors.due_step(key=turn.period)
    taken = services.take_step(category=due.category, month=due.month, step=due.step, now=turn.now)
    return Progress({"steps": taken.steps}, alarm=taken.alarm)


JOBS = (
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
        schedule=Planned(selectors.due_steps),
        step=_award,
        says={"steps": _("steps")},
    ),
)
