"""Which jobs there are, and when each is due."""

import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from activities import services as activities
from kit import idempotency, jobs
from kit.jobs import Calendar, Every, Job, Progress, Turn
from members import services as members
from points import selectors as points
from points.services import lapse_adjustments, purge_brake_counters, release_due
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
        },
    ),
)
