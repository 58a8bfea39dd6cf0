"""What a rule grants: plain arithmetic on plain values.

No database, no clock, no settings: everything comes in as an argument.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kit.clock import Clock, Period


@dataclass(frozen=True, slots=True)
class CapInForce:
    """A cap as the rules see it."""

    id: int
    code: str
    limit: int
    period: Period
    pays_rest: bool


@dataclass(frozen=True, slots=True)
class LevelInForce:
    """A step of the ladder."""

    id: int
    code: str
    name: str
    threshold: int
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """The version in force of one rule.

    `points` is fixed when `field` is empty; otherwise it multiplies the whole number that the
    activity's data holds in `field`.
    """

    code: str
    version_id: int
    number: int
    action: str
    points: int
    field: str = ""
    caps: tuple[CapInForce, ...] = ()
    when: Mapping[str, Any] | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ProgramInForce:
    """Everything that decides what an activity grants. Levels come lowest first."""

    revision: str
    clock: Clock
    overdraft: str
    expiry: str
    expiry_days: int
    revive_days: int
    accept_late_hours: int | None
    levels: tuple[LevelInForce, ...]
    rules: Mapping[str, tuple[RuleInForce, ...]]
    """Rules by action, in the program's order."""
