"""Casting ballots: some of one poll in one transaction, each counted or refused."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from kit import bulk
from kit.errors import DomainError, FieldError, Invalid, NotFound
from kit.transactions import RetryTransaction, durable
from voting.errors import NotAVoter, OwnPick, VotingClosed, VotingNotOpen
from voting.models import Ballot, BallotState, BallotVersion, Pick, Poll, PollState
from voting.selectors import Polling, polling

FIELDS = ("id", "poll", "voter", "number", "cast_at", "state", "marks", "reason")

# The lock is held since the look: whoever closes the poll has done so before, and is seen here.
NOT_OPEN = f"""NOT EXISTS (
  SELECT FROM {Poll._meta.db_table} AS p
  WHERE p.id = new.poll_id AND p.state = '{PollState.OPEN}')"""


class BallotChanged(RetryTransaction):
    """A voter's other call, or the close, was faster: start over and see what it left."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a voter wants the ballot to say."""

    voter: int
    picks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CastBallot:
    """A ballot as it has just been cast; `number` counts its versions."""

    picks: Sequence[int]
    cast_at: dt.datetime
    number: int


@durable
def cast_many(*, poll: int, kind: str, wishes: Sequence[Wish]) -> list[CastBallot | DomainError]:
    """Cast a ballot for each wish, one a voter at most; return each ballot, or why it is refused.

    Voters do not wait for one another; who closes the poll waits for all of them.
    """
    found = polling(poll=poll, kind=kind, voters=[wish.voter for wish in wishes])
    results: list[CastBallot | DomainError] = []
    new: list[tuple[uuid.UUID, Wish, dt.datetime]] = []
    for wish in wishes:
        look = found.get(wish.voter)
        refusal = NotFound() if look is None else _refusal(look, wish)
        if look is None or refusal is not None:
            results.append(refusal or NotFound())
            continue
        picks = sorted(wish.picks)
        if look.ballot is None:
            new.append((uuid.uuid4(), wish, look.now))
            results.append(CastBallot(picks, look.now, 1))
        else:
            results.append(_change(look.ballot, look, picks))
    _insert(poll, new)
    return results


def _refusal(look: Polling, wish: Wish) -> DomainError | None:
    if look.is_over:
        return VotingClosed()
    if not look.is_open:
        return VotingNotOpen()
    if not look.may_vote:
        return NotAVoter()
    picks = wish.picks
    if not 1 <= len(picks) <= look.most:
        told = _("Pick at least one and at most %(most)d.") % {"most": look.most}
        return Invalid(errors=[FieldError("picks", "bad_number_of_picks", told)])
    if len(set(picks)) < len(picks):
        return Invalid(errors=[FieldError("picks", "repeated_pick", _("Each can be picked once."))])
    unknown = [place for place, pick in enumerate(picks) if pick not in look.options]
    if unknown:
        detail = _("This poll has no such option.")
        errors = [FieldError(f"picks[{place}]", "unknown_option", detail) for place in unknown]
        return Invalid(errors=errors)
    names_self = wish.voter in {look.options[pick] for pick in picks}
    return OwnPick() if names_self and not look.may_pick_self else None


def _insert(poll: int, new: Sequence[tuple[uuid.UUID, Wish, dt.datetime]]) -> None:
    rows: list[tuple[object, ...]] = [
        (ballot, poll, wish.voter, 1, now, BallotState.COUNTED.value, [], "")
        for ballot, wish, now in new
    ]
    try:
        count = bulk.insert(Ballot, fields=FIELDS, rows=rows, unless=NOT_OPEN)
    except IntegrityError as error:
        raise BallotChanged from error
    if count < len(rows):
        raise BallotChanged
    picks = [(ballot, pick) for ballot, wish, _now in new for pick in sorted(wish.picks)]
    bulk.insert(Pick, fields=("ballot", "option"), rows=picks)


def _change(ballot: uuid.UUID, look: Polling, picks: Sequence[int]) -> CastBallot:
    number, before = look.number or 1, look.cast_at or look.now
    if list(look.picks) == picks:
        return CastBallot(picks, before, number)
    mine = Ballot.objects.filter(id=ballot, number=number, poll__state=PollState.OPEN)
    if not mine.update(number=number + 1, cast_at=look.now):
        raise BallotChanged
    BallotVersion.objects.create(
        ballot_id=ballot, number=number, options=list(look.picks), cast_at=before
    )
    Pick.objects.filter(ballot=ballot).delete()
    rows = [(ballot, pick) for pick in picks]
    bulk.insert(Pick, fields=("ballot", "option"), rows=rows)
    return CastBallot(picks, look.now, number + 1)
