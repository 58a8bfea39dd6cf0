"""What a reward asks for, what a member has, and why the one does not get the other."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit.clock import Clock, Period
from kit.errors import DomainError
from rewards.errors import (
    LevelTooLow,
    LimitReached,
    NoLongerRedeemable,
    NotInSegment,
    NotRedeemableYet,
    OutOfStock,
    QuantityTooLarge,
    TooNew,
)

COUNTED = (Period.DAY, Period.QUARTER, Period.LIFETIME)
"""What a limit may be for."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a reward asks for. `stock` is what was left when it was read; None without an end."""

    points: int
    prices: Mapping[str, int]
    """By level."""
    level: str
    level_name: str
    segment: str
    segment_name: str
    joined_days: int
    redeemable_from: dt.datetime | None
    redeemable_until: dt.datetime | None
    most_at_once: int
    limits: Mapping[Period, int]
    stock: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member brings: levels reached, lowest first, segments, and pieces had by period."""

    levels: tuple[str, ...]
    segments: frozenset[str]
    joined_at: dt.datetime
    taken: Mapping[Period, int]


def price_for(*, terms: Terms, levels: tuple[str, ...]) -> tuple[int, str]:
    """Return the price of one piece and the level it is for: the highest reached that has one.

    The level is empty where the price is everybody's.
    """
    for level in reversed(levels):
        if level in terms.prices:
            return terms.prices[level], level
    return terms.points, ""


def refusals(
    *, terms: Terms, standing: Standing, quantity: int, clock: Clock, now: dt.datetime
) -> Iterator[DomainError]:
    """Yield every reason why a member may not have so many pieces at `now`, but for points."""
    if terms.redeemable_from is not None and now < terms.redeemable_from:
        yield NotRedeemableYet(next_at=_instant(terms.redeemable_from))
    if terms.redeemable_until is not None and terms.redeemable_until <= now:
        yield NoLongerRedeemable()
    if terms.level and terms.level not in standing.levels:
        yield LevelTooLow(
            _("This reward is for members from the level %(level)s on.")
            % {"level": terms.level_name or terms.level}
        )
    if terms.segment and terms.segment not in standing.segments:
        yield NotInSegment(
            _("This reward is for: %(segment)s.") % {"segment": terms.segment_name or terms.segment}
        )
    old_enough_at = _old_enough_at(terms, standing, clock)
    if old_enough_at is not None and now < old_enough_at:
        detail = _("This reward is for members who have been here for %(days)d days.")
        yield TooNew(detail % {"days": terms.joined_days}, next_at=_instant(old_enough_at))
    if quantity > terms.most_at_once:
        detail = _("One order may have %(most)d of this reward at most.")
        yield QuantityTooLarge(detail % {"most": terms.most_at_once}, most=terms.most_at_once)
    yield from limit_refusals(
        limits=terms.limits, taken=standing.taken, quantity=quantity, clock=clock, now=now
    )
    if terms.stock is not None and terms.stock < quantity:
        yield OutOfStock(left=terms.stock)


def _old_enough_at(terms: Terms, standing: Standing, clock: Clock) -> dt.datetime | None:
    """Return when the member has been here for as many local days as the reward asks for."""
    if not terms.joined_days:
        return None
    joined_on = clock.local_date(standing.joined_at)
    return clock.start_of(joined_on + dt.timedelta(days=terms.joined_days))


def limit_refusals(
    *,
    limits: Mapping[Period, int],
    taken: Mapping[Period, int],
    quantity: int,
    clock: Clock,
    now: dt.datetime,
) -> Iterator[DomainError]:
    """Yield the limit that keeps longest, if any does: what is over sooner does not matter."""
    for period in reversed(COUNTED):
        limit = limits.get(period)
        if limit is None or taken.get(period, 0) + quantity <= limit:
            continue
        said: dict[str, Any] = {"limit": limit, "period": period.value}
        if period is not Period.LIFETIME and quantity <= limit:
            start = clock.period_start(clock.local_date(now), period)
            said["next_at"] = _instant(clock.start_of(clock.period_end(start, period)))
        yield LimitReached(_SAID[period] % {"limit": limit}, **said)
        return


_SAID = {
    Period.DAY: _("One may redeem %(limit)d of this reward a day."),
    Period.QUARTER: _("One may redeem %(limit)d of this reward a quarter."),
    Period.LIFETIME: _("One may redeem %(limit)d of this reward, once and for all."),
}


def _instant(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
