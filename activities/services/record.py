"""What members do here: kept as activities, and counted by the rules like any other."""

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction

import points.services
from activities.models import OWN, Activity, ActivityState
from activities.selectors import awards_of
from kit import bulk
from kit.transactions import RetryTransaction
from points.services import Decision, Fact


class AlreadyRecorded(RetryTransaction):
    """One of the activities was recorded meanwhile: start over and find what it belongs to."""


def own_id(*, kind: str, of: Sequence[object]) -> str:
    """Return the id of an activity that happened here: `~like:12:7`. No caller can take it."""
    return ":".join([f"{OWN}{kind}", *map(str, of)])


@transaction.atomic(savepoint=False)
def record(*, facts: Sequence[Fact], now: dt.datetime) -> list[list[Decision]]:
    """Keep what members did here and grant what the rules give, each once.

    `facts` have ids from `own_id`, new ones: the caller has seen to that under a lock or a unique
    key, and an id that is there already raises AlreadyRecorded, which starts the outermost service
    over. Returns the decisions of each fact. Locks the members' accounts, so it comes before the
    caller locks anything scarce.
    """
    told = points.services.award(facts=facts, now=now)
    rows = [
        (
            fact.id,
            fact.member,
            fact.action,
            fact.occurred_at,
            fact.data,
            ActivityState.TAKEN.value,
            [decision.story for decision in decisions],
        )
        for fact, decisions in zip(facts, told, strict=True)
    ]
    fields = ("id", "member", "action", "occurred_at", "data", "state", "outcome")
    try:
        bulk.insert(Activity, fields=fields, rows=rows)
    except IntegrityError as error:
        raise AlreadyRecorded from error
    return told


@transaction.atomic(savepoint=False)
def take_back(*, ids: Sequence[str], reason: str, now: dt.datetime) -> int:
    """Take back what these activities granted, each once; return how many there were to take.

    Points, standings, caps and level score move back together. Ids without an activity, and those
    that were taken back before, are left alone.
    """
    found = list(Activity.objects.filter(id__in=ids, state=ActivityState.TAKEN).order_by("id"))
    points.services.reverse(
        references=[
            points.services.award_reference(rule=award.rule, activity=one.id)
            for one in found
            for award in awards_of(outcome=one.outcome)
        ],
        reason=reason,
        now=now,
    )
    taken = Activity.objects.filter(id__in=[one.id for one in found], state=ActivityState.TAKEN)
    return taken.update(state=ActivityState.REVERSED)
