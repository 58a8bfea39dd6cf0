"""Erasing a person and keeping the ledger (docs/decisions/0009)."""

import datetime as dt

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

import activities.services
import members.selectors
import members.services
import points.services
import rewards.services
import voting.services
from kit import idempotency
from kit.transactions import durable
from members.models import Member
from members.selectors import SessionRef

LONGEST_WRITE = dt.timedelta(days=2)
"""How long after an erasure something that was under way may have been written."""


@durable
def erase(*, session: SessionRef, now: dt.datetime) -> None:
    """Make nobody of the member who calls, at once and for good; the ledger stays as it is.

    Raises MemberLeft where it was done before.
    """
    # Accounts are locked before members, as redeeming does.
    rewards.services.leave_store(member=session.member_id, now=now)
    members.services.erase_member(member_id=session.member_id, now=now)
    _forget(session.member_id, now)


@transaction.atomic(savepoint=False)
def finish_erasures(*, now: dt.datetime) -> int:
    """Drop what calls that were under way have written of members after their erasure.

    Returns how many rows that were. For the night: there is next to never one.
    """
    erased = members.selectors.erased_since(instant=now - LONGEST_WRITE)
    return sum(_forget(member_id, now) for member_id in erased)


def _forget(member_id: int, now: dt.datetime) -> int:
    """Drop what the rooms above members keep of the person; returns the number of rows."""
    dropped = activities.services.forget_member(member=member_id)
    dropped += points.services.forget_notices(member=member_id)
    dropped += rewards.services.forget_member(member=member_id, now=now)
    dropped += voting.services.forget_member(member=member_id)
    dropped += idempotency.forget(caller=members.selectors.caller_of(member_id=member_id))
    # The admin's log repeats the name that a member had.
    theirs = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Member), object_id=str(member_id)
    )
    return dropped + theirs.exclude(object_repr="").update(object_repr="")
