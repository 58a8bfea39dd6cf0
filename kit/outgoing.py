"""Calls to other services: bounded in time, size and number, and never to a private address."""

import functools
import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import httpcore2
from django.conf import settings

SECONDS = 5.0
"""The longest that a whole call takes, from the name's look-up to the last byte."""

CONNECT_SECONDS = 3.0
LARGEST_ANSWER = 64 * 1024
"""Bytes."""

AT_ONCE = 4
"""Calls of one process at a time. Fewer than its threads: a silent neighbour must not take all."""

PATIENCE = 0.5
"""Seconds that a call waits for one of these places."""

# Its debug lines show headers, and a redirect's `Location` repeats our query.
logging.getLogger("httpcore2").setLevel(logging.WARNING)

_places = threading.BoundedSemaphore(AT_ONCE)
_resolvers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="resolver")


class NoAnswer(Exception):
    """The call failed. Its text is a reason without a word of what was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def get(*, url: str, query: Mapping[str, str]) -> Answer:
    """Return the answer to GET `url` with `query`; a redirect is an answer like others.

    Takes at most SECONDS. Environment variables name no proxy. Plain HTTP and private addresses
    only where OUTGOING_ALLOW names the host and port. Raises NoAnswer, after PATIENCE where AT_ONCE
    calls are under way.
    """
    host = urlsplit(url)
    guard = _Guard(time.monotonic() + SECONDS)
    if host.scheme != "https" and not guard.is_allowed(host.hostname or "", host.port or 80):
        raise NoAnswer("plain HTTP")
    if not _places.acquire(timeout=PATIENCE):
        raise NoAnswer("too many calls at once")
    try:
        return _get(f"{url}?{urlencode(query)}", guard)
    except httpcore2.TimeoutException:
        raise NoAnswer("timeout") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise NoAnswer(type(error).__name__) from None
    finally:
        _places.release()


def _get(url: str, guard: "_Guard") -> Answer:
    headers = [("Accept", "application/json"), ("Accept-Encoding", "identity")]
    timeouts = {"connect": CONNECT_SECONDS}
    with (
        httpcore2.ConnectionPool(ssl_context=_ssl_context(), network_backend=guard) as pool,
        pool.stream("GET", url, headers=headers, extensions={"timeout": timeouts}) as response,
    ):
        body = b""
        for part in response.iter_stream():
            body += part
            if len(body) > LARGEST_ANSWER:
                raise NoAnswer("answer too large")
        return Answer(response.status, body)


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Guard(httpcore2.SyncBackend):
    """Decides at connect time, on the address itself, so that no name and no DNS can deceive."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def is_allowed(self, host: str, port: int) -> bool:
        """Whether the operator named this host and port."""
        return (host, port) in settings.OUTGOING_ALLOW

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = NoAnswer("private address")
        for address in self._addresses(host, port):
            if not (self.is_allowed(host, port) or _is_public(address)):
                continue
            left = min(_left(self.deadline), timeout or SECONDS)
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self.deadline)
        raise failure

    def _addresses(self, host: str, port: int) -> Iterator[str]:
        look_up = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = _resolvers.submit(look_up).result(_left(self.deadline))
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except (OSError, UnicodeError):
            raise NoAnswer("unknown host") from None
        return (str(place[0]) for *_rest, place in found)


class _Stream(httpcore2.NetworkStream):
    """A connection that ends with its call's time, however slowly the bytes trickle in."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - less
        return self.stream.read(max_bytes, _left(self.deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - less
        self.stream.write(buffer, _left(self.deadline))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - what is left is less
    ) -> httpcore2.NetworkStream:
        left = _left(self.deadline)
        return _Stream(self.stream.start_tls(ssl_context, server_hostname, left), self.deadline)

    def get_extra_info(self, info: str) -> object:
        return self.stream.get_extra_info(info)

    def close(self) -> None:
        self.stream.close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NoAnswer("timeout")
    return left


def _is_public(address: str) -> bool:
    """Whether anybody may reach the address. Not `is_global` alone, which has holes.

    Multicast, `::127.0.0.1`, NAT64 and 6to4 of any private address count as global there.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return _is_public(str(found.ipv4_mapped))
        if found.sixtofour or found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved)
