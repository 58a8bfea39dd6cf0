"""Two connections for one file: what must keep its order stays in one lane."""

import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connections


@contextmanager
def another_thread() -> Iterator[ThreadPoolExecutor]:
    """Yield one thread to send things to; its connections end with it."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            yield thread
        finally:
            thread.submit(connections.close_all)


def parted_by(names: Iterable[str]) -> tuple[list[int], list[int]]:
    """Return the positions of the names for each of two lanes, a name always in the same one."""
    lanes: tuple[list[int], list[int]] = ([], [])
    for position, name in enumerate(names):
        lanes[zlib.crc32(name.encode()) & 1].append(position)
    return lanes
