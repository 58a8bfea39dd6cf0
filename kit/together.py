"""Calls that come at once and are answered as one.

What one call asks of the database costs about as much as what ten ask. So while one call of this
process is there, those that come meanwhile wait, and the next of them takes them all along: under
load the cost is shared, and a lone call goes ahead at once.

Calls that were answered together come back together, while those that waited are being answered:
two halves that take turns and never meet. So whoever leads may wait a moment for as many as were
there at once lately.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    is_over: bool = False
    goes_alone: bool = False
    """Whether the call failed among others: whose fault that was is not known."""


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
        self.waiting: list[_Call[A, R]] = []
        self._turn = threading.Lock()
        self._led = 0
        """Calls that are being answered."""
        self._expected = 1
        """As many calls as were there at once lately."""
        self._complete = threading.Event()

    def __call__(self, asked: A) -> R:
        """Return the answer, perhaps found together with those of up to `most` - 1 other calls."""
        call = _Call[A, R](asked)
        self.waiting.append(call)
        self._expect()
        with self._turn:
            while not call.is_over:
                self._gather()
                self._lead()
        if call.error is not None:
            raise call.error
        return self.answer([asked])[0] if call.goes_alone else cast("R", call.answer)

    def _expect(self) -> None:
        """Note how many are there, and wake the leader if these are all."""
        there = min(len(self.waiting) + self._led, self.most)
        self._expected = max(self._expected, there)
        if len(self.waiting) >= self._expected:
            self._complete.set()

    def _gather(self) -> None:
        """Wait until as many are there as were lately, or no longer expect as many."""
        self._complete.clear()
        if len(self.waiting) < self._expected and not self._complete.wait(self.patience):
            self._expected = len(self.waiting)

    def _lead(self) -> None:
        """Answer the calls that have waited longest; others may queue up meanwhile."""
        calls = self.waiting[: self.most]
        del self.waiting[: len(calls)]
        self._led = len(calls)
        try:
            answers = self.answer([call.asked for call in calls])
            for call, answer in zip(calls, answers, strict=True):
                call.answer = answer
        except BaseException as error:
            for call in calls:
                call.goes_alone = True
            if not isinstance(error, Exception):
                raise
            if len(calls) == 1:
                calls[0].error = error
        finally:
            self._led = 0
            for call in calls:
                call.is_over = True
