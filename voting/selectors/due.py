"""Which steps of which cycles have come."""

import datetime as dt
from dataclasses import dataclass

from kit.jobs import Moment
from voting.models import Cycle, CycleState


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step of a cycle, as the key of its job run names it: `2026-10 helper voting`."""

    month: dt.date
    category: str
    step: CycleState


def due_steps(*, now: dt.datetime) -> list[Moment]:
    """Return the steps that have come by now, of the cycles that are not at their end."""
    found = [
        Moment(f"{cycle.month} {cycle.category} {step}", due_at)
        for cycle in Cycle.objects.unfinished().select_related("poll")
        for step, due_at in cycle.instants().items()
        if due_at <= now
    ]
    # Steps of one instant keep their order: sorting is stable.
    return sorted(found, key=lambda moment: moment.due_at)


def due_step(*, key: str) -> DueStep:
    """Return the step that a key names."""
    month, category, step = key.split(" ")
    return DueStep(dt.date.fromisoformat(f"{month}-01"), category, CycleState(step))
