"""Two connections for one file: what must keep its order stays in one lane."""

import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")


class Beside:
    """A thread with connections of its own, which end with it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)

    def do(self, act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> "Future[T]":
        """Do it beside what this thread does."""
        return self._thread.submit(act, *arguments, **named)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._thread:
            self._thread.submit(connections.close_all)


def parted_by(names: Iterable[str]) -> tuple[list[int], list[int]]:
    """Return the positions of the names for each of two lanes, a name always in the same one."""
    lanes: tuple[list[int], list[int]] = ([], [])
    for position, name in enumerate(names):
        lanes[zlib.crc32(name.encode()) & 1].append(position)
    return lanes
