"""Casting a ballot, and what is done about odd ones."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import bulk
from kit.errors import Invalid
from kit.transactions import durable, take_turns
from voting.errors import (
    BallotsDecided,
    NothingMarked,
    VotingClosed,
    VotingNotOpen,
)
from voting.models import (
    Ballot,
    BallotLook,
    BallotState,
    Pick,
    Poll,
    PollState,
    Voter,
)
from voting.rules import Watch, marks
from voting.selectors import NamedBallot, ballots_by_name, casts, poll_lock
from voting.services.casting import FIELDS

AT_ONCE = 5_000
"""Ballots that one statement marks."""


@dataclass(frozen=True, slots=True)
class BallotIn:
    """A ballot that was cast elsewhere."""

    voter: int
    picks: tuple[int, ...]
    cast_at: dt.datetime


@transaction.atomic(savepoint=False)
def import_ballots(*, poll: int, ballots: Sequence[BallotIn]) -> int:
    """Bring in ballots that were cast elsewhere while the poll was open; return how many.

    Each is as good as a cast one: by one of the poll's voters, within its hours, and for options
    that `cast` would take. Raises Invalid for the first that is not, VotingClosed, VotingNotOpen.
    """
    take_turns(name=poll_lock(poll=poll))
    found = Poll.objects.get(id=poll)
    if found.state != PollState.OPEN:
        raise VotingNotOpen if found.state == PollState.WAITING else VotingClosed
    options = dict(found.options.values_list("id", "member"))
    voters = set(Voter.objects.filter(poll=poll).values_list("member", flat=True))
    rows: list[tuple[object, ...]] = []
    picks: list[tuple[object, ...]] = []
    for one in ballots:
        own = one.voter in {options.get(pick) for pick in one.picks} and not found.may_pick_self
        chosen = set(one.picks)
        is_good = (
            one.voter in voters
            and found.opens_at <= one.cast_at < found.closes_at
            and 1 <= len(chosen) == len(one.picks) <= found.most
            and chosen <= options.keys()
        )
        if own or not is_good:
            raise Invalid(_("A ballot of member %(voter)d is not valid.") % {"voter": one.voter})
        ballot = uuid.uuid4()
        rows.append((ballot, poll, one.voter, 1, one.cast_at, BallotState.COUNTED.value, [], ""))
        picks += [(ballot, pick) for pick in one.picks]
    bulk.insert(Ballot, fields=FIELDS, rows=rows)
    bulk.insert(Pick, fields=("ballot", "option"), rows=picks)
    return len(rows)


@transaction.atomic(savepoint=False)
def mark_ballots(*, poll: int, watch: Watch) -> int:
    """Quarantine the ballots of a closed poll that are odd, with their marks; return how many.

    None is deleted, and none that somebody has decided about is touched.
    """
    found = marks(casts=casts(poll=Poll.objects.get(id=poll)), watch=watch)
    alike: defaultdict[tuple[str, ...], list[uuid.UUID]] = defaultdict(list)
    for ballot, names in found.items():
        alike[tuple(names)].append(ballot)
    untouched = Ballot.objects.filter(poll=poll, state=BallotState.COUNTED, decided_at=None)
    marked = 0
    for said, ballots in alike.items():
        for start in range(0, len(ballots), AT_ONCE):
            some = untouched.filter(id__in=ballots[start : start + AT_ONCE])
            marked += some.update(state=BallotState.QUARANTINED, marks=list(said))
    return marked


@durable
def decide_ballots(
    *, ballots: Collection[uuid.UUID], counts: bool, reason: str, by: int, now: dt.datetime
) -> int:
    """Have ballots with marks count, or not, on the word of the operator `by`; return how many.

    A decision may be made anew until the results are published. Raises BallotsDecided after that,
    NothingMarked where none has a mark, and Invalid without a reason.
    """
    said = " ".join(reason.split())
    if not said:
        raise Invalid(_("A decision needs a reason."))
    rows = Ballot.objects.filter(id__in=ballots).exclude(marks=[])
    polls = sorted(set(rows.values_list("poll", flat=True)))
    for poll in polls:
        take_turns(name=poll_lock(poll=poll))
    if Poll.objects.filter(id__in=polls, state=PollState.PUBLISHED).exists():
        raise BallotsDecided
    state = BallotState.COUNTED if counts else BallotState.DISCARDED
    changed = rows.update(state=state, decided_by=by, decided_at=now, reason=said[:500])
    if not changed:
        raise NothingMarked
    return changed


@durable
def look_at_ballots(*, poll: int, by: int, reason: str, limit: int = 1_000) -> list[NamedBallot]:
    """Show the auditor `by` who cast which ballot, and record the look. Raises Invalid."""
    said = " ".join(reason.split())
    if not said:
        raise Invalid(_("A look at ballots needs a reason."))
    BallotLook.objects.create(poll_id=poll, looked_by_id=by, reason=said[:500])
    return ballots_by_name(poll=poll, limit=limit)
