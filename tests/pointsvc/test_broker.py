"""The queue in a folder: each message comes whole, and to one reader."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from threading import Barrier, Event
from typing import Any

import pytest
from kombu import Connection

from pointsvc.settings import CELERY_BROKER_TRANSPORT
from tests.waiting import PATIENCE

pytestmark = pytest.mark.once

HANDS, MESSAGES = 3, 40
LONG = "x" * 200_000


@contextmanager
def queue(var: Path) -> Iterator[Any]:
    """A queue in the folder, over a connection of its own."""
    folders = {"data_folder_in": var, "data_folder_out": var, "control_folder": var}
    with Connection(
        "filesystem://localhost//",
        transport=CELERY_BROKER_TRANSPORT,
        transport_options={"polling_interval": 0.001} | folders,
    ) as connection:
        yield connection.SimpleQueue("work", no_ack=True)


def test_each_message_comes_whole_and_once_however_many_write_and_read(tmp_path: Path) -> None:
    together, written = Barrier(2 * HANDS), Event()

    def write(hand: int) -> None:
        together.wait(PATIENCE)
        with queue(tmp_path) as work:
            for number in range(MESSAGES):
                work.put([hand, number, LONG])

    def read() -> list[Any]:
        together.wait(PATIENCE)
        came = []
        with queue(tmp_path) as work:
            while True:
                nothing_follows = written.is_set()
                try:
                    came.append(work.get(timeout=0.1).payload)
                except Empty:
                    if nothing_follows:
                        return came

    with ThreadPoolExecutor(2 * HANDS) as pool:
        readers = [pool.submit(read) for _hand in range(HANDS)]
        try:
            for writer in [pool.submit(write, hand) for hand in range(HANDS)]:
                writer.result(PATIENCE)
        finally:
            written.set()
        came = [message for reader in readers for message in reader.result(PATIENCE)]
    assert sorted(came) == [[h, n, LONG] for h in range(HANDS) for n in range(MESSAGES)]
    assert list(tmp_path.glob("*.msg")) == []


def test_no_first_message_is_lost_where_all_begin_at_once(tmp_path: Path) -> None:
    together = Barrier(HANDS)

    def begin(folder: Path) -> None:
        together.wait(PATIENCE)
        with queue(folder) as work:
            work.put("first")

    with ThreadPoolExecutor(HANDS) as pool:
        for number in range(40):
            folder = tmp_path / str(number)
            folder.mkdir()
            list(pool.map(begin, [folder] * HANDS))
            assert len(list(folder.glob("*.work.msg"))) == HANDS


def test_a_message_that_nobody_can_read_keeps_no_other_from_coming(tmp_path: Path) -> None:
    with queue(tmp_path) as work:
        (tmp_path / "0_empty.work.msg").touch()
        (tmp_path / "0_half.work.msg").write_text('{"body": "')
        work.put("whole")
        assert work.get(timeout=PATIENCE).payload == "whole"
    assert list(tmp_path.glob("*.msg")) == []
