"""Which jobs there are, and when each is due."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit import idempotency, jobs
from kit.jobs import Calendar, Every, Job, Progress, Turn
from members import services as members
from points import selectors as points
from points.selectors import Place
from points.services import lapse_adjustments, lapse_due, purge_notices, tell_what_lapses
from pointsvc.me.services import finish_erasures


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
    ("notices", purge_notices),
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


def _expire(turn: Turn) -> Progress:
    """Write off a batch of what has lapsed."""
    swept = lapse_due(after=_place(turn.cursor), now=turn.now)
    return Progress({"lots": swept.lots, "points": swept.points}, cursor=_cursor(swept.place))


def _tell(turn: Turn) -> Progress:
    """Tell members what lapses soon, a stretch of lots at a time."""
    told = tell_what_lapses(after=_place(turn.cursor), now=turn.now)
    return Progress({"notices": told.notices}, cursor=_cursor(told.place))


def _place(cursor: list[Any] | None) -> Place | None:
    return Place(dt.datetime.fromisoformat(cursor[0]), cursor[1]) if cursor else None


def _cursor(place: Place | None) -> list[Any] | None:
    return [place.expires_at.isoformat(), place.member] if place else None


JOBS = (
    Job(
        name="expiry",
        title=_("Write off lapsed points"),
        # Points lapse as a local day begins. Hours and not days: the zone may have been changed.
        schedule=Every(dt.timedelta(hours=1)),
        step=_expire,
        says={"lots": _("lots"), "points": _("points")},
    ),
    Job(
        name="notices",
        title=_("Tell members what lapses soon"),
        schedule=Calendar(),
        step=_tell,
        says={"notices": _("notices")},
    ),
    Job(
        name="lapse",
        title=_("Close what waited too long"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_lapse,
        says={"adjustments": _("adjustments")},
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
            "notices": _("notices"),
        },
    ),
)
