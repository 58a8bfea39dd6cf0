"""The queue where no broker is set: a folder that the processes of one machine share.

kombu's file-system transport lets a reader meet a message, or the list of an exchange's queues,
that is still being written, and a worker ends when it does. Here each appears whole.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import Connection
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.transport.virtual import BrokerState
from kombu.utils.json import dumps, loads


# Where overriding is ignored, kombu's file-system channel differs from its base in the same way.
class Channel(filesystem.Channel):
    """A channel whose messages are read whole, and taken by one reader each."""

    def _put(self, queue: str, payload: dict[str, Any], **_options: object) -> None:  # type: ignore[override]
        name = f"{time.time_ns()}_{uuid.uuid4()}"
        part = Path(self.data_folder_out, name)
        try:
            part.write_text(dumps(payload), encoding="utf-8")
            part.rename(part.with_name(f"{name}.{queue}.msg"))
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ChannelError(f"cannot write {part}: {error}") from error

    def _get(self, queue: str) -> dict[str, Any]:  # type: ignore[override]
        for message in sorted(Path(self.data_folder_in).iterdir()):
            if message.name.partition(".")[2] != f"{queue}.msg":
                continue
            try:
                payload = message.read_text(encoding="utf-8")
                message.unlink()  # of all who have read it, one can
                return loads(payload)  # type: ignore[no-any-return]
            except (OSError, ValueError):  # another has it, or nobody can read it
                continue
        raise Empty

    def get_table(self, exchange: str) -> list[exchange_queue_t]:  # type: ignore[override]
        """Return which queues an exchange leads to."""
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        with self._alone():
            super()._queue_bind(exchange, routing_key, pattern, queue)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.control_folder / "lock").open("w") as file:
            flock(file, LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """kombu's transport with these channels.

    Each connection remembers for itself what it has declared: it would else believe what another
    is about to write.
    """

    Channel = Channel

    def __init__(self, client: Connection, **options: object) -> None:
        super().__init__(client, **options)
        self.state = BrokerState()
