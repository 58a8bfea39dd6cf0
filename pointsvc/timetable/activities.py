"""The jobs of what members do, and when each is due."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from activities import services as activities
from kit.jobs import Calendar, Every, Job, Progress, Turn


def _close_day(turn: Turn) -> Progress:
    """Keep with freezes what members missed on the day before the one that has begun."""
    count, after = activities.close_days(
        until=dt.date.fromisoformat(turn.period), after=turn.cursor or 0, now=turn.now
    )
    return Progress({"frozen": count}, cursor=after)


def _decide_posts(turn: Turn) -> Progress:
    """Do with posts that nobody has decided in time what the program says."""
    made = activities.decide_overdue(now=turn.now, after=turn.cursor or 0)
    counts = {"approved": made.approved, "rejected": made.rejected, "waiting": made.waiting}
    late = _("%(count)d posts have waited for too long.") % {"count": made.waiting}
    return Progress(counts, cursor=made.last, alarm=str(late) if made.waiting else "")


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
        name="posts",
        title=_("Decide about posts that waited too long"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_decide_posts,
        says={"approved": _("approved"), "rejected": _("rejected"), "waiting": _("waiting")},
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
)
