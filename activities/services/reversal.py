"""Taking activities back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import points.services
from activities.errors import NoSuchActivity, NotReported
from activities.models import OWN, Activity, ActivityState, Reversal
from activities.selectors import Award, awards_of
from kit.transactions import durable


@dataclass(frozen=True, slots=True)
class Reversed:
    """What became of a reversal: `reversed`, or `parked` until the activity arrives."""

    id: str
    state: str
    awards: Sequence[Award]


@durable
def reverse_activity(*, id: str, reason: str, now: dt.datetime) -> Reversed:  # noqa: A002
    """Take back what an activity granted, once, however often it is asked for.

    Points, standings, caps and level score move back together. If the activity has not arrived
    yet the reversal is parked, and the activity will grant nothing when it comes. Raises
    NotReported for one that happened here, and NoSuchActivity where none did.
    """
    if id.startswith(OWN):
        raise NotReported if Activity.objects.filter(id=id).exists() else NoSuchActivity
    found = Activity.objects.filter(id=id).first()
    if found is None:
        # An intake under way may be about to commit it: wait for that, and keep others out.
        points.services.pause_postings()
        found = Activity.objects.filter(id=id).first()
    if found is None:
        Reversal.objects.get_or_create(activity=id, defaults={"reason": reason})
        return Reversed(id, "parked", [])
    awards = awards_of(outcome=found.outcome)
    points.services.reverse(
        references=[
            points.services.award_reference(rule=award.rule, activity=id) for award in awards
        ],
        reason=reason,
        now=now,
    )
    changed = Activity.objects.filter(id=id, state=ActivityState.TAKEN).update(
        state=ActivityState.REVERSED
    )
    if changed:
        Reversal.objects.get_or_create(activity=id, defaults={"reason": reason, "applied_at": now})
    return Reversed(id, "reversed", awards)
