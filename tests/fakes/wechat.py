"""A WeChat that speaks code2Session over real HTTP, with its error codes and its bad days."""

import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
CODE_LIVES = 300
"""Seconds."""


class Mood(StrEnum):
    """What kind of day it is."""

    WELL = "well"
    BUSY = "busy"
    SLOW = "slow"
    DRIP_HEADERS = "drip headers"
    DRIP_BODY = "drip body"
    HANG_UP = "hang up"
    GARBAGE = "garbage"
    BAD_BYTES = "bad bytes"
    LIST = "list"
    DEEP = "deep"
    HUGE = "huge"
    NOBODY = "nobody"
    NUMBER = "number"
    NUL = "nul"
    BROKEN = "broken"
    REDIRECT = "redirect"
    RIDDLE = "riddle"


@dataclass
class Login:
    """A code that the mini-program got from `wx.login`."""

    openid: str
    union_id: str | None
    issued_at: float
    is_used: bool = False


@dataclass
class FakeWeChat:
    """The server's knowledge. `apps` holds each app's secret."""

    apps: dict[str, str]
    mood: Mood = Mood.WELL
    logins_a_minute: int = 100
    risky: set[str] = field(default_factory=set)
    logins: dict[str, Login] = field(default_factory=dict)
    exchanged: Counter[str] = field(default_factory=Counter)
    requests: list[str] = field(default_factory=list)
    session_keys: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def code(self, openid: str, *, union_id: str | None = None, age: float = 0) -> str:
        """Return what `wx.login` gives this user, `age` seconds ago."""
        code = f"0a{secrets.token_hex(15)}"
        self.logins[code] = Login(openid, union_id, time.monotonic() - age)
        return code

    def exchange(self, query: dict[str, str]) -> dict[str, Any]:
        """Answer code2Session as the documentation says."""
        login = self.logins.get(query.get("js_code", ""))
        if refusal := self._refusal(query, login):
            errcode, errmsg = refusal
            return {"errcode": errcode, "errmsg": f"{errmsg}, rid: 6a2f-{secrets.token_hex(4)}"}
        assert login
        login.is_used = True
        self.exchanged[login.openid] += 1
        self.session_keys.append(secrets.token_urlsafe(16))
        told = {"session_key": self.session_keys[-1], "openid": login.openid}
        return told | ({"unionid": login.union_id} if login.union_id else {})

    def _refusal(self, query: dict[str, str], login: Login | None) -> tuple[int, str] | None:
        secret = self.apps.get(query.get("appid", ""))
        is_old = login is None or time.monotonic() - login.issued_at > CODE_LIVES
        refusals = {
            (40013, "invalid appid"): secret is None,
            (40125, "invalid appsecret"): query.get("secret") != secret,
            (40002, "invalid grant_type"): query.get("grant_type") != "authorization_code",
            (41008, "missing code"): not query.get("js_code"),
            (40029, "invalid code"): is_old,
            (40163, "code been used"): login and login.is_used,
            (45011, "api minute-quota reach limit"): login
            and self.exchanged[login.openid] >= self.logins_a_minute,
            (40226, "code blocked"): login and login.openid in self.risky,
        }
        return next((refusal for refusal, is_so in refusals.items() if is_so), None)


@contextmanager
def serve(fake: FakeWeChat) -> Iterator[FakeWeChat]:
    """Answer on a port of the loopback until the block ends."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        fake.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeWeChat

    def do_GET(self) -> None:
        self.fake.requests.append(self.path)
        try:
            self._answer()
        except OSError:
            self.close_connection = True  # the caller had enough

    def _answer(self) -> None:
        match self.fake.mood:
            case Mood.SLOW:
                time.sleep(3)
            case Mood.DRIP_HEADERS:
                self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            case Mood.DRIP_BODY:
                self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            case Mood.HANG_UP:
                self.close_connection = True
            case Mood.BROKEN:
                self._send(b'{"openid": "o-broken"}', status=502)
            case Mood.REDIRECT:
                self._send(b"", status=302, location=f"http://169.254.169.254{self.path}")
            case mood:
                self._send(BODIES.get(mood) or json.dumps(self._exchange()).encode())

    def _exchange(self) -> dict[str, Any]:
        parts = urlsplit(self.path)
        if parts.path != "/sns/jscode2session":
            return {"errcode": 40066, "errmsg": "invalid url"}
        query = parse_qs(parts.query, keep_blank_values=True)
        return self.fake.exchange({name: values[0] for name, values in query.items()})

    def _send(self, body: bytes, *, status: int = 200, location: str = "") -> None:
        self.send_response(status)
        # As WeChat does.
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, start: bytes) -> None:
        self.wfile.write(start)
        for _second in range(30):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        pass


BODIES = {
    Mood.BUSY: b'{"errcode": -1, "errmsg": "system error, rid: 6a2f"}',
    Mood.GARBAGE: b"<html>Bad day</html>",
    Mood.BAD_BYTES: b'{"openid": "\xff\xfe"}',
    Mood.LIST: b'["openid", "o-1"]',
    Mood.DEEP: b"[" * 50_000,
    Mood.HUGE: b'{"openid": "o-1", "more": "' + b"x" * 100_000 + b'"}',
    Mood.NOBODY: b'{"session_key": "k"}',
    Mood.NUMBER: b'{"openid": 1, "session_key": "k"}',
    Mood.NUL: b'{"openid": "o-\\u0000", "session_key": "k"}',
    Mood.RIDDLE: b'{"errcode": "40029 or so", "errmsg": "?"}',
}
