"""The jobs of the ledger, and when each is due."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit.jobs import Calendar, Every, Job, Progress, Turn
from points import selectors, services
from points.selectors import Place


def _release(turn: Turn) -> Progress:
    """Release the pending points whose day has come, some at a time."""
    swept = services.release_due(now=turn.now, after=turn.cursor)
    return Progress({"awards": swept.released}, cursor=swept.after)


def _expire(turn: Turn) -> Progress:
    """Write off a batch of what has lapsed."""
    swept = services.lapse_due(after=_place(turn.cursor), now=turn.now)
    return Progress({"lots": swept.lots, "points": swept.points}, cursor=_cursor(swept.place))


def _tell(turn: Turn) -> Progress:
    """Tell members what lapses soon, a stretch of lots at a time."""
    told = services.tell_what_lapses(after=_place(turn.cursor), now=turn.now)
    return Progress({"notices": told.notices}, cursor=_cursor(told.place))


def _place(cursor: list[Any] | None) -> Place | None:
    return Place(dt.datetime.fromisoformat(cursor[0]), cursor[1]) if cursor else None


def _cursor(place: Place | None) -> list[Any] | None:
    return [place.expires_at.isoformat(), place.member] if place else None


def _lapse(turn: Turn) -> Progress:
    """Close the adjustments that waited too long for a second person."""
    return Progress({"adjustments": services.lapse_adjustments(now=turn.now)})


def _reconcile(_turn: Turn) -> Progress:
    """Prove the totals. A difference is reported and never repaired by itself."""
    found = selectors.reconcile()
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


JOBS = (
    Job(
        name="release",
        title=_("Release pending points"),
        schedule=Every(dt.timedelta(minutes=10)),
        step=_release,
        says={"awards": _("pending awards")},
    ),
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
)
