"""What a batch is about to write: entries, awards that wait, and the use of caps."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

CapKey: TypeAlias = tuple[int, int, dt.date]
"""A member, a cap, and the first day of its period."""

BrakeKey: TypeAlias = tuple[int, int, int, dt.datetime]
"""A member, a brake, the other member of the pair (0 without one), and when its window starts."""


@dataclass(frozen=True, slots=True)
class Source:
    """What an entry is called and why it is made: the part that the arithmetic does not read."""

    reference: str
    occurred_at: dt.datetime
    occurred_on: dt.date
    rule_version: int | None = None
    activity: str = ""
    reverses: int | None = None
    reason: str = ""
    explanation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry about to be written."""

    member: int
    kind: str
    points: int
    net_after: int
    debt_moved: int
    expires_at: dt.datetime | None
    source: Source


@dataclass(slots=True)
class CapState:
    """A member's use of one cap in one period, and how this batch moves it."""

    used: int
    limit: int
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An award about to wait: for its instant, without one for a decision.

    `signals` are those of the brakes that hold it.
    """

    member: int
    points: int
    source: Source
    release_at: dt.datetime | None
    signals: Sequence[Mapping[str, Any]] = ()


@dataclass(slots=True)
class BrakeState:
    """What a brake has counted of a member in one window, and how this batch moves it."""

    used: int = 0
    moved: int = 0
