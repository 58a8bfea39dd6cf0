"""Calls that come at once share one transaction.

A call of one pays for a transaction what a call of a hundred does. So while one call of this
process is at the database, the others that come meanwhile wait, and the next of them takes them all
along: under load the cost is shared, and a lone call goes ahead at once.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

C = TypeVar("C")
R = TypeVar("R")


@dataclass(slots=True)
class Waiting(Generic[C, R]):
    """A call, and what has become of it."""

    call: C
    size: int
    result: R | None = None
    error: Exception | None = None
    goes_alone: bool = False
    """Whether the call failed among others: whose fault that was is not known."""

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do for it here."""
        return self.result is not None or self.error is not None or self.goes_alone


@dataclass(slots=True)
class Together(Generic[C, R]):
    """Makes calls, those that wait at the same time as one.

    `make` takes calls and returns what came of each, in their order; it opens its transaction. If
    it fails for several, each goes again by itself, so a call is refused only for its own sake.
    """

    make: Callable[[Sequence[C]], Sequence[R]]
    most: int
    """Of the sizes of the calls together, so that none waits for long."""
    waiting: list[Waiting[C, R]] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _door: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: C, *, size: int = 1) -> R:
        """Make the call, perhaps with others, and return what came of it."""
        mine: Waiting[C, R] = Waiting(call, size)
        with self._door:
            self.waiting.append(mine)
        with self._turn:
            while not mine.is_over:
                self._lead(self._next())
        if mine.error is not None:
            raise mine.error
        if mine.result is not None:
            return mine.result
        [result] = self.make([call])
        return result

    def _next(self) -> list[Waiting[C, R]]:
        """Take the calls that have waited longest, as many as may go together."""
        with self._door:
            count, size = 0, 0
            while count < len(self.waiting) and size < self.most:
                size += self.waiting[count].size
                count += 1
            taken = self.waiting[:count]
            del self.waiting[:count]
        return taken

    def _lead(self, calls: Sequence[Waiting[C, R]]) -> None:
        """Make the calls as one; each has its result, its error, or is to go alone."""
        try:
            results = self.make([one.call for one in calls])
        except BaseException as error:
            for one in calls:
                one.goes_alone = True
            if not isinstance(error, Exception):
                raise
            if len(calls) == 1:
                calls[0].error = error
            return
        for one, result in zip(calls, results, strict=True):
            one.result = result
