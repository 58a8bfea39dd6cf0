"""The catalogue as a member sees it, and what a redemption must know of a reward."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

import members.selectors
import points.selectors
from kit.clock import Clock, Period
from kit.errors import DomainError
from members.errors import MemberLeft
from points.errors import InsufficientPoints
from points.rules import LevelInForce, SegmentInForce
from points.selectors import AccountView
from rewards.errors import NoSuchReward
from rewards.models import Picture, Redemption, Reward
from rewards.rules import Standing, Terms, price_for, refusals
from rewards.rules.eligibility import COUNTED

IN_ORDER = ("position", "id")


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as one member may have it, and every reason why not."""

    reward: Reward
    points: int
    stock: int | None
    pictures: Sequence[Picture]
    reasons: Sequence[DomainError]


@dataclass(frozen=True, slots=True)
class Shopper:
    """A member who looks at rewards: what they have, and how often they had each reward."""

    account: AccountView
    levels: tuple[str, ...]
    segments: frozenset[str]
    """Those that the member belongs to; empty where none of the rewards asks for one."""
    joined_at: dt.datetime
    taken: Mapping[int, Mapping[Period, int]]
    """By reward."""
    clock: Clock

    def standing(self, *, reward: int) -> Standing:
        """What the member brings for this reward."""
        return Standing(self.levels, self.segments, self.joined_at, self.taken.get(reward, {}))


def catalogue(*, now: dt.datetime, kind: str | None = None) -> QuerySet[Reward]:
    """Return the rewards that members see, of one kind or of all, with all that an offer shows."""
    rewards = Reward.objects.visible(now=now).select_related("stock")
    if kind is not None:
        rewards = rewards.filter(kind=kind)
    return rewards.prefetch_related("prices", "pictures")


def offers(*, rewards: Sequence[Reward], member: int, now: dt.datetime) -> list[Offer]:
    """Return these rewards as the member may have them: three queries, however many there are.

    A fourth where one of them is for a segment.
    """
    someone = shopper(rewards=rewards, member=member, now=now)
    return [_offer(reward, someone, now) for reward in rewards]


def offer(*, id: int, member: int, now: dt.datetime) -> Offer:  # noqa: A002 - its name
    """Return one reward as the member may have it. Raises NoSuchReward where it is not seen."""
    reward = catalogue(now=now).filter(id=id).first()
    if reward is None:
        raise NoSuchReward
    return offers(rewards=[reward], member=member, now=now)[0]


def shopper(*, rewards: Sequence[Reward], member: int, now: dt.datetime) -> Shopper:
    """Return what the member has, and had of these rewards."""
    account = points.selectors.account_view(member=member, now=now)
    program = points.selectors.program(posting=True)
    found = members.selectors.member_by_id(member_id=member)
    if found is None or not found.may_sign_in:  # left meanwhile
        raise MemberLeft
    segments: frozenset[str] = frozenset()
    if any(reward.segment for reward in rewards):
        segments = points.selectors.segments_of(
            member=member, account=account, joined_at=found.joined_at, now=now
        )
    limited = [reward.id for reward in rewards if limits_of(reward=reward)]
    return Shopper(
        account=account,
        levels=levels_reached(ladder=program.levels, lifetime=account.lifetime),
        segments=segments,
        joined_at=found.joined_at,
        taken=taken(rewards=limited, member=member, clock=program.clock, now=now),
        clock=program.clock,
    )


def levels_reached(*, ladder: Sequence[LevelInForce], lifetime: int) -> tuple[str, ...]:
    """Return the codes of the levels that are reached, lowest first."""
    return tuple(level.code for level in ladder if level.threshold <= lifetime)


def taken(
    *, rewards: Sequence[int], member: int, clock: Clock, now: dt.datetime
) -> dict[int, dict[Period, int]]:
    """Return how many pieces of each of these rewards the member has had in each period.

    One query; none without rewards. What was undone, taken back or won does not count.
    """
    if not rewards:
        return {}
    today = clock.local_date(now)
    starts = {
        period: clock.start_of(clock.period_start(today, period))
        for period in COUNTED
        if period is not Period.LIFETIME
    }
    sums: dict[str, Any] = {
        period.value: Sum(
            "quantity", filter=Q(created_at__gte=starts[period]) if period in starts else None
        )
        for period in COUNTED
    }
    theirs = Redemption.objects.counted().filter(member=member, reward__in=rewards, points__gt=0)
    rows: QuerySet[Redemption, dict[str, int]]
    rows = theirs.order_by().values("reward").annotate(**sums)  # type: ignore[assignment]  # named above
    return {row["reward"]: {period: row[period.value] or 0 for period in COUNTED} for row in rows}


def limits_of(*, reward: Reward) -> dict[Period, int]:
    """Return how many pieces one member may have, by period."""
    said = {
        Period.DAY: reward.limit_day,
        Period.QUARTER: reward.limit_quarter,
        Period.LIFETIME: reward.limit_lifetime,
    }
    return {period: limit for period, limit in said.items() if limit is not None}


def terms(*, reward: Reward) -> Terms:
    """Return what the reward asks for. Its stock and prices come with it or by a query each."""
    known = points.selectors.program(posting=True)
    return Terms(
        points=reward.points,
        prices={price.level: price.points for price in reward.prices.all()},
        level=reward.level,
        level_name=_name(reward.level, known.levels),
        segment=reward.segment,
        segment_name=_name(reward.segment, known.segments),
        joined_days=reward.joined_days,
        redeemable_from=reward.redeemable_from_at,
        redeemable_until=reward.redeemable_until_at,
        most_at_once=reward.most_at_once,
        limits=limits_of(reward=reward),
        stock=reward.stock.left,
    )


def _name(code: str, among: Sequence[LevelInForce] | Sequence[SegmentInForce]) -> str:
    return next((one.name for one in among if one.code == code), "")


def _offer(reward: Reward, someone: Shopper, now: dt.datetime) -> Offer:
    asked = terms(reward=reward)
    price, _level = price_for(terms=asked, levels=someone.levels)
    reasons = list(
        refusals(
            terms=asked,
            standing=someone.standing(reward=reward.id),
            quantity=1,
            clock=someone.clock,
            now=now,
        )
    )
    available = someone.account.available
    if available < price:
        reasons.append(InsufficientPoints(available=available, missing=price - available))
    return Offer(reward, price, asked.stock, list(reward.pictures.all()), reasons)
