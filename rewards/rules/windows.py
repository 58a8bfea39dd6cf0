"""When a quarter's window takes its steps, and how a draw orders requests."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping

from kit.clock import Clock, Period

STEPS = ("opens", "closes", "allocate", "publish", "settle", "fulfil_by")


def window_instants(
    *, clock: Clock, quarter: dt.date, days: Mapping[str, int]
) -> dict[str, dt.datetime]:
    """Return the instant of each step in the quarter that begins on `quarter`.

    `days` count local days from the quarter's end: 0 is the first date after it.
    """
    end = clock.period_end(quarter, Period.QUARTER)
    return {name: clock.start_of(end + dt.timedelta(days=days[name])) for name in STEPS}


def planned_quarters(*, clock: Clock, today: dt.date) -> Iterator[dt.date]:
    """Yield the first dates of the quarter that `today` lies in and of the next one."""
    present = clock.period_start(today, Period.QUARTER)
    yield present
    yield clock.period_end(present, Period.QUARTER)


def seed_digest(*, seed: str) -> str:
    """Return what is published of a seed before the draw: its SHA-256, in hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def draw_key(*, seed: str, request: int) -> str:
    """Return what a request is ordered by in a draw: SHA-256 of `seed:request`, the lowest first.

    The seed is 256 random bits as 64 hexadecimal digits, chosen and bound by its digest before
    anybody asks for anything (commit and reveal), so nobody could choose a request for its place.
    """
    return hashlib.sha256(f"{seed}:{request}".encode()).hexdigest()
