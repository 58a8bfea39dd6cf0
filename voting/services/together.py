"""Ballots of one poll that come at once share one transaction (docs/decisions/0006).

While one call of this process is at the database, those that come meanwhile wait, and the next of
them takes them all along: under load the cost is shared, and a lone call goes ahead at once.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kit.errors import DomainError
from voting.services.casting import CastBallot, Wish, cast_many

MOST_TOGETHER = 100
"""Ballots, so that no call waits for long."""


@dataclass(slots=True)
class _Call:
    poll: int
    kind: str
    wish: Wish
    result: CastBallot | DomainError | None = None
    error: Exception | None = None
    goes_alone: bool = False
    """Whether the call failed among others: whose fault that was is not known."""

    @property
    def is_over(self) -> bool:
        return self.result is not None or self.error is not None or self.goes_alone


@dataclass(slots=True)
class _Queue:
    turn: threading.Lock = field(default_factory=threading.Lock)
    door: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[_Call] = field(default_factory=list)

    def next(self) -> list[_Call]:
        """Take the calls of the poll that has waited longest, each voter's first."""
        with self.door:
            first = self.waiting[0]
            taken: dict[int, _Call] = {}
            rest = []
            for call in self.waiting:
                fits = (call.poll, call.kind) == (first.poll, first.kind)
                if fits and call.wish.voter not in taken and len(taken) < MOST_TOGETHER:
                    taken[call.wish.voter] = call
                else:
                    rest.append(call)
            self.waiting = rest
        return list(taken.values())


_queue = _Queue()


def cast(*, poll: int, kind: str, voter: int, picks: Sequence[int]) -> CastBallot:
    """Make these options what the member's one ballot says; what it said before is kept.

    By the database's clock, read after the poll's lock is held: a ballot is counted or refused.
    Perhaps in one transaction with other ballots of this process; each is refused only for its own
    sake. Raises NotFound, VotingNotOpen, VotingClosed, NotAVoter, OwnPick, and Invalid for too many
    picks, repeated ones, and those that are no options.
    """
    call = _Call(poll, kind, Wish(voter, tuple(picks)))
    with _queue.door:
        _queue.waiting.append(call)
    with _queue.turn:
        while not call.is_over:
            _lead(_queue.next(), cast_many)
    if call.goes_alone:
        [call.result] = cast_many(poll=poll, kind=kind, wishes=[call.wish])
    if call.error is not None:
        raise call.error
    if isinstance(call.result, CastBallot):
        return call.result
    raise call.result or AssertionError


def _lead(
    calls: Sequence[_Call], service: Callable[..., Sequence[CastBallot | DomainError]]
) -> None:
    """Cast the ballots as one; each call has its result, its error, or is to go alone."""
    try:
        results = service(
            poll=calls[0].poll, kind=calls[0].kind, wishes=[call.wish for call in calls]
        )
    except BaseException as error:
        for call in calls:
            call.goes_alone = len(calls) > 1
        if not isinstance(error, Exception):
            raise
        if len(calls) == 1:
            calls[0].error = error
        return
    for call, result in zip(calls, results, strict=True):
        call.result = result
