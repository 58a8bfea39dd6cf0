"""The load generator: keep-alive clients on one thread, bodies prepared before the clock starts.

It costs the machine little, since it shares the cores with what it measures, and it treats the
service and the floor alike.
"""

import json
import selectors
import socket
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

ROUTE = "/api/v1/activities/"
PATIENCE = 60.0
"""Seconds without any answer after which a run is given up."""


class LoadError(Exception):
    """The server did not answer as it should; the run says nothing about speed."""


@dataclass(slots=True)
class Answered:
    """What a run took: seconds in all, and seconds for each request."""

    seconds: float
    waits: list[float]
    done: int
    """Activities taken in, or answers read."""

    @property
    def rate(self) -> float:
        """Activities or answers a second."""
        return self.done / self.seconds

    def wait(self, share: float) -> float:
        """Return the seconds within which this share of the requests was answered."""
        return sorted(self.waits)[min(int(share * len(self.waits)), len(self.waits) - 1)]


@dataclass(slots=True)
class _Client:
    """One connection with one request under way."""

    connection: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    expected: int = 0

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.expected = 0
        self.sent_at = time.perf_counter()
        self.connection.sendall(request)

    def read(self) -> bytes | None:
        """Read what is there; return the body once it is whole. Raises LoadError."""
        part = self.connection.recv(262_144)
        if not part:
            message = f"The server hung up: {bytes(self.received[:500])!r}"
            raise LoadError(message)
        self.received += part
        if not self.expected:
            self.expected = _length(self.received)
        if not self.expected or len(self.received) < self.expected:
            return None
        return bytes(self.received[self.received.index(b"\r\n\r\n") + 4 :])


def _length(received: bytearray) -> int:
    """Return the length of the whole answer, 0 while its head is not complete."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = bytes(received[:end]).lower()
    if not head.startswith((b"http/1.1 200 ", b"http/1.1 201 ")):
        message = f"Neither 200 nor 201: {bytes(received[:2000]).decode(errors='replace')}"
        raise LoadError(message)
    _, found, rest = head.partition(b"\r\ncontent-length:")
    if not found:
        message = "The answer does not say how long it is."
        raise LoadError(message)
    return end + 4 + int(rest.partition(b"\r\n")[0])


@dataclass(frozen=True, slots=True)
class Load:
    """Where to send, with which key, and how many requests are under way at once.

    A kept connection stays with the worker process that accepted it. That is how many clients of
    small requests behave; few clients of large ones would crowd one worker by chance, so they
    connect anew for each request: `keep_alive` false.
    """

    port: int
    key: str
    clients: int
    keep_alive: bool

    def run(self, bodies: Sequence[bytes], *, size: int) -> Answered:
        """Send every body, of `size` activities each, once and wait for every answer.

        Raises LoadError unless each activity was accepted.
        """
        seconds, waits, answers = self._exchange(map(self._post, bodies))
        for answer in answers:
            _check(answer, size)
        return Answered(seconds, waits, len(answers) * size)

    def read(self, asked: Sequence[tuple[str, str]]) -> Answered:
        """Ask for every path, each with its own `Authorization`, once and wait for every answer."""
        requests = (self._request("GET", path, authorization) for path, authorization in asked)
        seconds, waits, answers = self._exchange(requests)
        return Answered(seconds, waits, len(answers))

    def post(self, asked: Sequence[tuple[str, str]]) -> Answered:
        """Post `{}` to every path, each with its own `Authorization`, and wait for every answer."""
        said = "Content-Type: application/json\r\nContent-Length: 2\r\n"
        requests = [
            self._request("POST", path, authorization, said) + b"{}"
            for path, authorization in asked
        ]
        seconds, waits, answers = self._exchange(requests)
        return Answered(seconds, waits, len(answers))

    def redeem(self, asked: Sequence[tuple[int, str]]) -> Answered:
        """Redeem each reward, each with its own `Authorization`, and wait for every answer."""
        requests = (self._redeem(*one) for one in asked)
        seconds, waits, answers = self._exchange(requests)
        return Answered(seconds, waits, len(answers))

    def _redeem(self, reward: int, authorization: str) -> bytes:
        body = b'{"reward": %d}' % reward
        said = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        said += f"Idempotency-Key: {uuid.uuid4()}\r\n"
        return self._request("POST", "/api/v1/redemptions/", authorization, said) + body

    def put(self, asked: Sequence[tuple[str, str, bytes]]) -> Answered:
        """Put every body to its path, each with its own `Authorization`; wait for every answer."""
        requests = (
            self._request("PUT", path, authorization, _json(body)) + body
            for path, authorization, body in asked
        )
        seconds, waits, answers = self._exchange(requests)
        return Answered(seconds, waits, len(answers))

    def _exchange(self, sent: Iterable[bytes]) -> tuple[float, list[float], list[bytes]]:
        """Return the seconds in all, the seconds of each request, and the answers."""
        requests = deque(sent)
        answers: list[bytes] = []
        waits: list[float] = []
        with selectors.DefaultSelector() as selector:
            started = time.perf_counter()
            for _ in range(min(self.clients, len(requests))):
                self._open(selector).send(requests.popleft())
            while selector.get_map():
                for client in _ready(selector):
                    answer = client.read()
                    if answer is None:
                        continue
                    waits.append(time.perf_counter() - client.sent_at)
                    answers.append(answer)
                    self._go_on(client, requests, selector)
            seconds = time.perf_counter() - started
        return seconds, waits, answers

    def _post(self, body: bytes) -> bytes:
        return self._request("POST", ROUTE, f"Api-Key {self.key}", _json(body)) + body

    def _request(self, method: str, path: str, authorization: str, said: str = "") -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: {authorization}\r\n"
            f"Connection: {'keep-alive' if self.keep_alive else 'close'}\r\n{said}\r\n"
        ).encode()

    def _open(self, selector: selectors.BaseSelector) -> _Client:
        client = _Client(socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE))
        client.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(client.connection, selectors.EVENT_READ, client)
        return client

    def _go_on(
        self, client: _Client, requests: deque[bytes], selector: selectors.BaseSelector
    ) -> None:
        if not (requests and self.keep_alive):
            selector.unregister(client.connection)
            client.connection.close()
        if requests:
            (client if self.keep_alive else self._open(selector)).send(requests.popleft())


def _json(body: bytes) -> str:
    return f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"


def _ready(selector: selectors.BaseSelector) -> Iterator[_Client]:
    events = selector.select(PATIENCE)
    if not events:
        message = f"No answer for {PATIENCE:.0f} s."
        raise LoadError(message)
    for selected, _event in events:
        yield selected.data


def _check(answer: bytes, size: int) -> None:
    content = json.loads(answer)
    if content["accepted"] != size:
        odd = [item for item in content["results"] if item["status"] != "accepted"]
        message = f"{content['accepted']} of {size} activities accepted: {odd[:1]}"
        raise LoadError(message)
