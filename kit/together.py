"""Calls that come at once and are answered as one.

What one call asks of the database costs about as much as what ten ask. So while one call of this
process is there, those that come meanwhile wait, and the next of them takes them all along: under
load the cost is shared, and a lone call goes ahead at once.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

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
    """

    def __init__(self, answer: Callable[[Sequence[A]], Sequence[R]], *, most: int) -> None:
        self.answer = answer
        self.most = most
        self.waiting: list[_Call[A, R]] = []
        self._turn = threading.Lock()

    def __call__(self, asked: A) -> R:
        """Return the answer, perhaps found together with those of up to `most` - 1 other calls."""
        call = _Call[A, R](asked)
        self.waiting.append(call)
        with self._turn:
            while not call.is_over:
                self._lead()
        if call.error is not None:
            raise call.error
        return self.answer([asked])[0] if call.goes_alone else cast("R", call.answer)

    def _lead(self) -> None:
        """Answer the calls that have waited longest; others may queue up meanwhile."""
        calls = self.waiting[: self.most]
        del self.waiting[: len(calls)]
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
            for call in calls:
                call.is_over = True
