"""Codes for attendance: the event's own, which rotates, and the pass that a member shows to staff.

A code names what it is for and the span of time it is of, and is signed for both, so nothing of it
is kept. `E.17.59012345.MAC` is the code of event 17, `P.17.4.59012345.MAC` member 4's pass to it.
Upper-case letters and digits make a smaller QR picture.
"""

import base64
import datetime as dt
import re
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

from activities.errors import AttendanceCodeExpired, AttendanceCodeInvalid

SALT = "activities.selectors.event_codes"
MAC_BYTES = 10
"""80 bits: of a code that is good for a minute, and that a guess is one request for."""

SPANS_EARLIER = 1
"""Besides the present span the one before is good: people take a moment to scan."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CODE = re.compile(r"E\.([1-9][0-9]{0,15})\.([0-9]{1,12})\.([A-Z2-7]{16})", re.ASCII)
_PASS = re.compile(
    r"P\.([1-9][0-9]{0,15})\.([1-9][0-9]{0,15})\.([0-9]{1,12})\.([A-Z2-7]{16})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Code:
    """A code, and when the next one follows it."""

    text: str
    next_at: dt.datetime


def code_of(*, event: int, now: dt.datetime, seconds: int) -> Code:
    """Return the event's code at `now`; it changes every so many seconds."""
    return _made(f"E.{event}", now, seconds)


def pass_of(*, event: int, member: int, now: dt.datetime, seconds: int) -> Code:
    """Return what the member shows to staff at the event."""
    return _made(f"P.{event}.{member}", now, seconds)


def read_code(*, text: str, now: dt.datetime, seconds: int) -> int:
    """Return the event that the code is of.

    Raises AttendanceCodeInvalid, alike for all that we have not made, and AttendanceCodeExpired
    for what we made some time ago.
    """
    found = _CODE.fullmatch(text)
    if found is None:
        raise AttendanceCodeInvalid
    event, span, mac = found.groups()
    _check(f"E.{event}", int(span), mac, now, seconds)
    return int(event)


def read_pass(*, text: str, event: int, now: dt.datetime, seconds: int) -> int | None:
    """Return the member whose pass to the event this is; None where it is no pass at all.

    Raises AttendanceCodeInvalid and AttendanceCodeExpired; another event's pass is invalid.
    """
    found = _PASS.fullmatch(text)
    if found is None:
        return None
    named, member, span, mac = found.groups()
    if int(named) != event:
        raise AttendanceCodeInvalid
    _check(f"P.{named}.{member}", int(span), mac, now, seconds)
    return int(member)


def _check(subject: str, span: int, mac: str, now: dt.datetime, seconds: int) -> None:
    if not constant_time_compare(mac, _mac(subject, span, seconds)):
        raise AttendanceCodeInvalid
    if not 0 <= _span(now, seconds) - span <= SPANS_EARLIER:
        raise AttendanceCodeExpired


def _made(subject: str, now: dt.datetime, seconds: int) -> Code:
    span = _span(now, seconds)
    next_at = EPOCH + dt.timedelta(seconds=(span + 1) * seconds)
    return Code(f"{subject}.{span}.{_mac(subject, span, seconds)}", next_at)


def _span(now: dt.datetime, seconds: int) -> int:
    return (now - EPOCH) // dt.timedelta(seconds=seconds)


def _mac(subject: str, span: int, seconds: int) -> str:
    signed = salted_hmac(SALT, f"{subject}.{span}.{seconds}", algorithm="sha256")
    return base64.b32encode(signed.digest()[:MAC_BYTES]).decode("ascii")
