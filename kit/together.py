"""Calls that come at once and are answered as one.

What one call asks of the database costs about as much as what ten ask. So while one call of this
process is there, those that come meanwhile form a group, which the first of them takes along: under
load the cost is shared, and a lone call goes ahead at once.

Calls that were answered together come back together, while those that waited are being answered:
two halves that take turns and never meet. So whoever leads may wait a moment for as many as were
there at once lately. Whoever is answered goes at once: the next group may be waiting for them.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

PATIENCE = 0.01
"""Seconds that are worth waiting for company in a write: about as long as a transaction takes."""

A = TypeVar("A")
R = TypeVar("R")


@dataclass(slots=True)
class _Call(Generic[A, R]):
    asked: A
    answer: R | None = None
    error: Exception | None = None
    goes_alone: bool = True
    """Whether it has no answer yet: the call failed among others, and whose fault is not known."""


@dataclass(slots=True)
class _Group(Generic[A, R]):
    after: threading.Event
    """When the group before is over."""
    calls: list[_Call[A, R]] = field(default_factory=list)
    """The first leads."""
    complete: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


class Together(Generic[A, R]):
    """Answers calls by `answer`, which is given what they ask and returns an answer to each.

    If it fails for several, each goes again by itself, so a call fails only for its own sake.
    A call waits for others `patience` seconds at most, and for none if it has been alone.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[A]], Sequence[R]],
        *,
        most: int,
        patience: float = 0.0,
    ) -> None:
        self.answer = answer
        self.most = most
        self.patience = patience
        self.there = 0
        """Calls that are waiting or being answered."""
        self._door = threading.Lock()
        self._expected = 1
        """As many calls as were there at once lately."""
        nobody = threading.Event()
        nobody.set()
        self._open = _Group[A, R](after=nobody)

    def __call__(self, asked: A) -> R:
        """Return the answer, perhaps found together with those of up to `most` - 1 other calls."""
        call = _Call[A, R](asked)
        group = self._join(call)
        if group.calls[0] is call:
            self._lead(group)
        else:
            group.over.wait()
        if call.error is not None:
            raise call.error
        return self.answer([asked])[0] if call.goes_alone else cast("R", call.answer)

    def _join(self, call: _Call[A, R]) -> _Group[A, R]:
        """Let a call into the group that is open, and wake its leader if these are all."""
        with self._door:
            group = self._open
            group.calls.append(call)
            self.there += 1
            self._expected = max(self._expected, min(self.there, self.most))
            if len(group.calls) >= self._expected:
                group.complete.set()
            if len(group.calls) == self.most:
                self._shut(group)
        return group

    def _shut(self, group: _Group[A, R]) -> None:
        """Let who comes from now on form the next group. Only at the door."""
        if self._open is group:
            self._open = _Group(after=group.over)

    def _lead(self, group: _Group[A, R]) -> None:
        """Answer the group; others may form the next one meanwhile."""
        try:
            self._gather(group)
            answers = self.answer([call.asked for call in group.calls])
            for call, answer in list(zip(group.calls, answers, strict=True)):  # all or none
                call.answer, call.goes_alone = answer, False
        except Exception as error:  # noqa: BLE001 - raised where the call was made
            if len(group.calls) == 1:
                group.calls[0].error = error
        finally:
            with self._door:
                self._shut(group)  # where the wait for company was interrupted
                self.there -= len(group.calls)
            group.over.set()

    def _gather(self, group: _Group[A, R]) -> None:
        """Wait until as many are there as were lately, or no longer expect as many."""
        group.after.wait()
        is_complete = len(group.calls) >= self._expected or group.complete.wait(self.patience)
        with self._door:
            self._shut(group)
            if not is_complete:
                self._expected = len(group.calls)
