"""Who waits for whom, where calls go together."""

import threading
import time
from collections.abc import Sequence

from kit.together import Together
from tests.waiting import until

LONG = 60.0
"""Seconds: a test in which somebody waits so long for company fails."""
SHORT = 10.0


class Desk:
    """Answers calls together, one group at a time, each when it is told to."""

    def __init__(self, *, patience: float) -> None:
        self.groups: list[list[int]] = []
        self.go = threading.Semaphore(0)
        self.together = Together(self._answer, most=5, patience=patience)
        self.threads: list[threading.Thread] = []

    def _answer(self, asked: Sequence[int]) -> Sequence[int]:
        self.groups.append(sorted(asked))
        assert self.go.acquire(timeout=LONG)
        return asked

    def call(self, *numbers: int) -> None:
        for number in numbers:
            self.threads.append(threading.Thread(target=self.together, args=(number,), daemon=True))
            self.threads[-1].start()

    def queue(self, *numbers: int) -> None:
        """Call, and wait until these are queued behind those that are being answered."""
        before = self.together.there
        self.call(*numbers)
        until(lambda: self.together.there == before + len(numbers))

    def leave(self, *, groups: int) -> None:
        """Let so many groups be answered, and everybody go."""
        self.go.release(groups)
        for thread in self.threads:
            thread.join(SHORT)
        assert not any(thread.is_alive() for thread in self.threads)
        self.threads.clear()


def test_a_call_alone_waits_for_nobody() -> None:
    desk = Desk(patience=LONG)
    for number in range(3):
        desk.call(number)
        desk.leave(groups=1)
    assert desk.groups == [[0], [1], [2]]


def test_the_two_halves_meet() -> None:
    desk = Desk(patience=LONG)
    desk.call(0)
    until(lambda: desk.groups == [[0]])
    desk.queue(1, 2, 3)
    desk.go.release()
    desk.threads.pop(0).join(SHORT)
    time.sleep(0.2)  # enough to go without it
    desk.call(4)  # the first comes back, and three wait for it
    desk.leave(groups=1)
    assert desk.groups == [[0], [1, 2, 3, 4]]


def test_no_group_is_larger_than_may_be_and_none_waits_for_more() -> None:
    desk = Desk(patience=LONG)
    desk.call(0)
    until(lambda: desk.groups == [[0]])
    desk.queue(*range(1, 11))
    desk.leave(groups=3)
    assert [len(group) for group in desk.groups] == [1, 5, 5]


def test_who_is_answered_goes_at_once_and_is_there_for_the_next_group() -> None:
    sizes: list[int] = []

    def answer(asked: Sequence[int]) -> Sequence[int]:
        sizes.append(len(asked))
        time.sleep(0.000_5)
        return asked

    together = Together(answer, most=8, patience=LONG)
    begin = threading.Barrier(8)

    def come_back() -> None:
        begin.wait(LONG)
        while len(sizes) < 500:
            together(0)

    threads = [threading.Thread(target=come_back, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()
    all_were_there = sizes.index(8)
    assert set(sizes[all_were_there:]) == {8}


def test_who_does_not_come_back_is_waited_for_once() -> None:
    desk = Desk(patience=0.01)
    desk.call(0)
    until(lambda: desk.groups == [[0]])
    desk.queue(1, 2)
    desk.leave(groups=2)
    assert desk.groups == [[0], [1, 2]]
    desk.call(3)  # waits for as many as the last time
    desk.leave(groups=1)
    desk.together.patience = LONG
    desk.call(4)
    desk.leave(groups=1)
    assert desk.groups == [[0], [1, 2], [3], [4]]
