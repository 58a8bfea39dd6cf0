"""Calls outwards end in time, stay small, reach nothing private and tell nobody what they ask."""

import io
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kit import outgoing
from tests.fakes.wechat import HOST, FakeWeChat, Mood, serve
from tests.waiting import PATIENCE, busy

PUBLIC = "93.184.216.34"
QUERY = {"secret": "s3cr3t", "js_code": "c0d3"}


@pytest.fixture
def server(settings: Any) -> Iterator[FakeWeChat]:
    """A server on the loopback that may be called."""
    with serve(FakeWeChat({})) as fake:
        settings.OUTGOING_ALLOW = frozenset({(HOST, fake.port)})
        yield fake


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A private address that must not be reached."""
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        listener.settimeout(0.05)
        yield listener


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """Less time for a call, that tests be short."""
    monkeypatch.setattr(outgoing, "SECONDS", 0.4)
    return 0.4


def was_reached(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


def refusal(url: str) -> str:
    with pytest.raises(outgoing.NoAnswer) as raised:
        outgoing.get(url=url, query=QUERY)
    return str(raised.value)


def resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> None:
    """Let names have these addresses, as a DNS that an attacker keeps might say."""
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        addresses = names.get(host.decode() if isinstance(host, bytes) else host, [host])
        return [found for one in addresses for found in real(one, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


PRIVATE = [
    *("127.0.0.1", "localhost", "127.1", "0x7f000001", "0x7f.0.0.1", "2130706433", "0177.0.0.1"),
    *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]"),  # noqa: S104 - an address to refuse
]
NEVER_CALLED = [
    *("169.254.169.254", "0xa9fea9fe", "2852039166", "[::ffff:169.254.169.254]", "10.0.0.1"),
    *("172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200", "[fd00::1]", "[fe80::1]"),
    *("[fec0::1]", "[::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "224.0.0.1"),
    *("[ff02::1]", "255.255.255.255", "198.18.0.1"),
]


@pytest.mark.parametrize("host", PRIVATE)
def test_no_spelling_of_a_private_address_is_reached(host: str, listener: socket.socket) -> None:
    assert refusal(f"https://{host}:{listener.getsockname()[1]}/") == "private address"
    assert not was_reached(listener)


@pytest.mark.parametrize("host", NEVER_CALLED)
def test_no_private_address_is_called(host: str) -> None:
    began = time.monotonic()
    assert refusal(f"https://{host}/latest/meta-data/") == "private address"
    assert time.monotonic() - began < busy()


def test_a_name_that_means_a_private_address_is_refused(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, {"wechat.example": ["127.0.0.1"], "six.example": ["::1"]})
    for name in ("wechat.example", "six.example"):
        assert refusal(f"https://{name}:{listener.getsockname()[1]}/") == "private address"
    assert not was_reached(listener)


def test_what_was_checked_is_what_is_called(
    monkeypatch: pytest.MonkeyPatch, listener: socket.socket
) -> None:
    resolve(monkeypatch, {"wechat.example": ["127.0.0.1", PUBLIC]})
    called = []

    def create_connection(address: Any, *args: Any, **options: Any) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    assert refusal(f"https://wechat.example:{listener.getsockname()[1]}/") == "ConnectError"
    assert called == [(PUBLIC, listener.getsockname()[1])]


def test_an_allowed_address_is_reached(listener: socket.socket, settings: Any) -> None:
    listener.settimeout(PATIENCE)
    port = listener.getsockname()[1]
    settings.OUTGOING_ALLOW = frozenset({("localhost", port)})
    with ThreadPoolExecutor(1) as caller:
        call = caller.submit(refusal, f"https://localhost:{port}/")
        assert was_reached(listener)
        assert call.result() in {"ConnectError", "ReadError"}
    assert refusal(f"https://127.0.0.1:{port}/") == "private address"


def test_plain_http_is_for_allowed_addresses(server: FakeWeChat) -> None:
    assert refusal("http://api.example/") == "plain HTTP"
    assert outgoing.get(url=f"{server.base_url}/x", query=QUERY).status == 200
    assert server.requests == ["/x?secret=s3cr3t&js_code=c0d3"]


def test_a_redirect_is_not_followed(server: FakeWeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    server.mood = Mood.REDIRECT
    asked = []
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert outgoing.get(url=server.base_url, query=QUERY).status == 302
    assert set(asked) == {HOST}


def test_the_environment_names_no_proxy(
    server: FakeWeChat, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert outgoing.get(url=server.base_url, query=QUERY).status == 200
    assert not was_reached(listener)


@pytest.mark.parametrize("mood", [Mood.SLOW, Mood.DRIP_HEADERS, Mood.DRIP_BODY])
def test_a_call_ends_in_time(server: FakeWeChat, mood: Mood, patience: float) -> None:
    server.mood = mood
    began = time.monotonic()
    assert refusal(server.base_url) == "timeout"
    assert time.monotonic() - began < (patience + 0.3) * busy()


def test_a_look_up_ends_in_time(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: time.sleep(1.5))
    began = time.monotonic()
    assert refusal("https://api.example/") == "timeout"
    assert time.monotonic() - began < (patience + 0.3) * busy()


def test_a_call_takes_five_seconds_at_most() -> None:
    assert outgoing.SECONDS <= 5


def test_an_unknown_host_gives_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "secret.example")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert refusal("https://secret.example/") == "unknown host"


def test_nobody_there_gives_no_answer(settings: Any) -> None:
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    settings.OUTGOING_ALLOW = frozenset({(HOST, port)})
    assert refusal(f"http://{HOST}:{port}/") == "ConnectError"


def test_a_call_cut_off_gives_no_answer(server: FakeWeChat) -> None:
    server.mood = Mood.HANG_UP
    assert refusal(server.base_url) == "RemoteProtocolError"


def test_a_huge_answer_is_not_read(server: FakeWeChat) -> None:
    server.mood = Mood.HUGE
    assert refusal(server.base_url) == "answer too large"


def test_a_silent_neighbour_does_not_take_all_threads(
    server: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 1.5)
    monkeypatch.setattr(outgoing, "PATIENCE", 0.1)
    server.mood = Mood.SLOW
    with ThreadPoolExecutor(outgoing.AT_ONCE) as callers:
        calls = [callers.submit(refusal, server.base_url) for _call in range(outgoing.AT_ONCE)]
        while len(server.requests) < outgoing.AT_ONCE:
            time.sleep(0.01)
        began = time.monotonic()
        assert refusal(server.base_url) == "too many calls at once"
        assert time.monotonic() - began < 0.5 * busy()
        assert {call.result() for call in calls} == {"timeout"}
    server.mood = Mood.WELL
    assert outgoing.get(url=server.base_url, query=QUERY).status == 200


@pytest.mark.parametrize("mood", [Mood.WELL, Mood.REDIRECT, Mood.HANG_UP, Mood.HUGE])
def test_no_log_line_tells_what_was_asked(server: FakeWeChat, mood: Mood) -> None:
    server.mood = mood
    root, said = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(said), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        outgoing.get(url=server.base_url, query=QUERY)
    except outgoing.NoAnswer as failure:
        logging.getLogger("tests").debug("failed", exc_info=failure)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert server.requests
    assert not any(word in said.getvalue() for word in QUERY.values())
