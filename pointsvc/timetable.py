"""Which jobs there are, and when each is due."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from activities import services as activities
from kit import idempotency, jobs
from kit.jobs import Calendar, Every, Job, Progress, Turn
from members import services as members
from points import selectors as points
from points.selectors import Place
from points.services import (
    lapse_adjustments,
    lapse_due,
    purge_brake_counters,
    purge_notices,
    release_due,
    tell_what_lapses,
)
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
    ("brake_counters", purge_brake_counters),
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


def _close_day(turn: Turn) -> Progress:
    """Keep with freezes what members missed on the day before the one that has begun."""
    count, after = activities.close_days(
        until=dt.date.fromisoformat(turn.period), after=turn.cursor or 0, now=turn.now
    )
    return Progress({"frozen": count}, cursor=after)


def _release(turn: Turn) -> Progress:
    """Release the pending points whose day has come, some at a time."""
    swept = release_due(now=turn.now, after=turn.cursor)
    return Progress({"awards": swept.released}, cursor=swept.after)


def _decide_posts(turn: Turn) -> Progress:
    """Do with posts that nobody has decided in time what the program says."""
    made = activities.decide_overdue(now=turn.now, after=turn.cursor or 0)
    counts = {"approved": made.approved, "rejected": made.rejected, "waiting": made.waiting}
    alarm = f"{made.waiting} posts have waited for too long" if made.waiting else ""
    return Progress(counts, cursor=made.last, alarm=alarm)


def _make_events(turn: Turn) -> Progress:
    """Make the events of each series for the weeks ahead."""
    made = activities.make_ahead(now=turn.now, after=turn.cursor or 0)
    return Progress({"events": made.events}, cursor=made.after)


def _move_offers(turn: Turn) -> Progress:
    """Hand seats on that were offered and not claimed."""
    moved = activities.move_offers(now=turn.now)
    return Progress({"events": moved}, cursor=True if moved else None)


def _close_events(turn: Turn) -> Progress:
    """Close the events that are over, a few members at a time."""
    done = activities.close_events(now=turn.now)
    counts = {"events": done.events, "counted": done.counted, "missed": done.missed}
    return Progress(counts, cursor=None if done.is_over else True)


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
        name="close-day",
        title=_("Close the day's check-ins"),
        schedule=Calendar(),
        step=_close_day,
        says={"frozen": _("frozen days")},
    ),
    Job(
        name="release",
        title=_("Release pending points"),
        schedule=Every(dt.timedelta(minutes=10)),
        step=_release,
        says={"awards": _("pending awards")},
    ),
    Job(
        name="events_ahead",
        title=_("Make the events of the weeks ahead"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_make_events,
        says={"events": _("events")},
    ),
    Job(
        name="event_offers",
        title=_("Hand on seats that nobody claimed"),
        schedule=Every(dt.timedelta(minutes=1)),
        step=_move_offers,
        says={"events": _("events")},
    ),
    Job(
        name="event_closing",
        title=_("Close the events that are over"),
        schedule=Every(dt.timedelta(minutes=10)),
        step=_close_events,
        says={"events": _("events"), "counted": _("counted"), "missed": _("no-shows")},
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
        name="posts",
        title=_("Decide about posts that waited too long"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_decide_posts,
        says={"approved": _("approved"), "rejected": _("rejected"), "waiting": _("waiting")},
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
            "brake_counters": _("counters of brakes"),
            "job_runs": _("job runs"),
            "notices": _("notices"),
        },
    ),
)
