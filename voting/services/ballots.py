"""Casting a ballot, and what is done about odd ones."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kit import bulk
from kit.errors import FieldError, Invalid, NotFound
from kit.transactions import RetryTransaction, durable, take_turns
from voting.errors import (
    BallotsDecided,
    NotAVoter,
    NothingMarked,
    OwnPick,
    VotingClosed,
    VotingNotOpen,
)
from voting.models import (
    Ballot,
    BallotLook,
    BallotState,
    BallotVersion,
    Pick,
    Poll,
    PollState,
    Voter,
)
from voting.rules import Watch, marks
from voting.selectors import NamedBallot, Polling, ballots_by_name, casts, poll_lock, polling

AT_ONCE = 5_000
"""Ballots that one statement marks."""


FIELDS = ("id", "poll", "voter", "number", "cast_at", "state", "marks", "reason")


# The lock is held since the look: whoever closes the poll has done so before, and is seen here.
NOT_OPEN = f"""NOT EXISTS (
  SELECT FROM {Poll._meta.db_table} AS p
  WHERE p.id = new.poll_id AND p.state = '{PollState.OPEN}' AND clock_timestamp() < p.closes_at)"""


class BallotChanged(RetryTransaction):
    """The voter's other call, or the close, was faster: start over and see what it left."""


@dataclass(frozen=True, slots=True)
class CastBallot:
    """A ballot as it has just been cast; `number` counts its versions."""

    picks: Sequence[int]
    cast_at: dt.datetime
    number: int


@dataclass(frozen=True, slots=True)
class BallotIn:
    """A ballot that was cast elsewhere."""

    voter: int
    picks: tuple[int, ...]
    cast_at: dt.datetime


@durable
def cast(*, poll: int, kind: str, voter: int, picks: Sequence[int]) -> CastBallot:
    """Make these options what the member's one ballot says; what it said before is kept.

    By the database's clock, read after the poll's lock is held: a ballot is counted or refused.
    Raises NotFound, VotingNotOpen, VotingClosed, NotAVoter, OwnPick, and Invalid for too many
    picks, repeated ones, and those that are no options.
    """
    # Voters do not wait for one another; who closes the poll waits for all of them.
    found = polling(poll=poll, kind=kind, voter=voter, picks=picks)
    if found is None:
        raise NotFound
    _check(found, voter, picks)
    wanted = sorted(picks)
    if found.ballot is None:
        _cast_first(poll, voter, wanted, found.now)
        return CastBallot(wanted, found.now, 1)
    number = found.number or 1
    if list(found.picks) == wanted:
        return CastBallot(wanted, found.cast_at or found.now, number)
    _change(found.ballot, found, wanted)
    return CastBallot(wanted, found.now, number + 1)


def _check(found: Polling, voter: int, picks: Sequence[int]) -> None:
    if found.is_over:
        raise VotingClosed
    if not found.is_open:
        raise VotingNotOpen
    if not found.may_vote:
        raise NotAVoter
    if not 1 <= len(picks) <= found.most:
        told = _("Pick at least one and at most %(most)d.") % {"most": found.most}
        raise Invalid(errors=[FieldError("picks", "bad_number_of_picks", told)])
    if len(set(picks)) < len(picks):
        raise Invalid(errors=[FieldError("picks", "repeated_pick", _("Each can be picked once."))])
    known = dict(found.known)
    unknown = [place for place, pick in enumerate(picks) if pick not in known]
    if unknown:
        detail = _("This poll has no such option.")
        errors = [FieldError(f"picks[{place}]", "unknown_option", detail) for place in unknown]
        raise Invalid(errors=errors)
    if voter in known.values() and not found.may_pick_self:
        raise OwnPick


def _cast_first(poll: int, voter: int, picks: Sequence[int], now: dt.datetime) -> None:
    ballot = uuid.uuid4()
    row: tuple[object, ...] = (ballot, poll, voter, 1, now, BallotState.COUNTED.value, [], "")
    try:
        is_in = bulk.insert(Ballot, fields=FIELDS, rows=[row], unless=NOT_OPEN)
    except IntegrityError as error:
        raise BallotChanged from error
    if not is_in:
        raise VotingClosed
    _pick(ballot, picks)


def _change(ballot: uuid.UUID, found: Polling, picks: Sequence[int]) -> None:
    number = found.number or 1
    mine = Ballot.objects.filter(id=ballot, number=number, poll__state=PollState.OPEN)
    if not mine.update(number=number + 1, cast_at=found.now):
        raise BallotChanged
    BallotVersion.objects.create(
        ballot_id=ballot,
        number=number,
        options=list(found.picks),
        cast_at=found.cast_at or found.now,
    )
    Pick.objects.filter(ballot=ballot).delete()
    _pick(ballot, picks)


def _pick(ballot: uuid.UUID, picks: Sequence[int]) -> None:
    bulk.insert(Pick, fields=("ballot", "option"), rows=[(ballot, pick) for pick in picks])


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
