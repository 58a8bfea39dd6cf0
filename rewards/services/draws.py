"""Lucky draws: planned from the program, tried one after the other, revealed at the end."""

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

import points.selectors
import points.services
from kit.jobs import database_now
from kit.transactions import take_turns
from points.selectors import AccountView, section
from rewards.errors import DrawClosed, LimitReached
from rewards.models import Draw, DrawPrize, DrawState, DrawTry, Redemption, Reward
from rewards.program_file import DrawsSection
from rewards.rules import hit, seed_digest
from rewards.selectors import draw, seed_of, shopper, tries_of, vault
from rewards.services.granting import grant
from rewards.services.stock import free, set_aside


@dataclass(frozen=True, slots=True)
class Tried:
    """A try with what it gave, and what the account holds after it."""

    tried: DrawTry
    account: AccountView


@dataclass(frozen=True, slots=True)
class DrawsLed:
    """How many draws were planned, begun and ended, and what somebody should look at."""

    planned: int
    begun: int
    ended: int
    alarm: str = ""


@transaction.atomic(savepoint=False)
def lead_draws(*, now: dt.datetime) -> DrawsLed:
    """Plan the draws of the program that have not ended; begin and end those whose time has come.

    A draw that has not begun follows the program. One that has stays as it was published.
    """
    take_turns(name="draws")
    said = [one.model_dump(mode="json") for one in section(shape=DrawsSection).offered]
    made, alarms = _plan({one["code"]: one for one in said}, now)
    due = Draw.objects.filter(state=DrawState.PLANNED, begins_at__lte=now).order_by("id")
    begun = [_begin(one) for one in due]
    over = Draw.objects.filter(state=DrawState.OPEN, ends_at__lte=now).order_by("id")
    ended = list(over)
    for one in ended:
        _end(one)
    alarms += [short for short in begun if short]
    return DrawsLed(made, len(begun), len(ended), "\n".join(alarms))


def _plan(said: Mapping[str, Mapping[str, Any]], now: dt.datetime) -> tuple[int, list[str]]:
    rewards = {reward.code: reward for reward in Reward.objects.all()}
    for one in Draw.objects.filter(state=DrawState.PLANNED):
        if one.terms != said.get(one.code):
            one.delete()
    standing = {one.code: one for one in Draw.objects.all()}
    alarms = []
    made = 0
    for code, terms in said.items():
        wanted = {prize["reward"] for prize in terms["prizes"]} - {None}
        if code in standing:
            if standing[code].terms != terms and standing[code].state == DrawState.OPEN:
                told = _("The draw %(code)s has begun: it stays as it was published.")
                alarms.append(told % {"code": code})
        elif missing := sorted(wanted - rewards.keys()):
            told = _("The draw %(code)s offers rewards that do not exist: %(rewards)s.")
            alarms.append(told % {"code": code, "rewards": ", ".join(missing)})
        elif dt.datetime.fromisoformat(terms["ends_at"]) > now:
            _make(terms, rewards)
            made += 1
    return made, alarms


def _make(terms: Mapping[str, Any], rewards: Mapping[str, Reward]) -> None:
    seed = secrets.token_hex(32)
    made = Draw.objects.create(
        code=terms["code"],
        name=terms["name"],
        terms=terms,
        points=terms["points"],
        per_day=terms["per_day"],
        total=terms["total"],
        begins_at=dt.datetime.fromisoformat(terms["starts_at"]),
        ends_at=dt.datetime.fromisoformat(terms["ends_at"]),
        seed=vault().seal(seed),
        seed_digest=seed_digest(seed=seed),
    )
    by_code: dict[str, DrawPrize] = {}
    in_order = list(enumerate(terms["prizes"]))
    # Those with a fallback after those that they fall back on.
    for position, one in sorted(in_order, key=lambda place: place[1]["fallback"] is not None):
        by_code[one["code"]] = DrawPrize.objects.create(
            draw=made,
            code=one["code"],
            position=position,
            weight=one["weight"],
            points=one["points"],
            reward=rewards.get(one["reward"]),
            quota=one["quota"],
            fallback=by_code.get(one["fallback"]),
        )


def _begin(found: Draw) -> str:
    """Set the quotas aside and open; return what is short."""
    short = []
    for prize in found.prizes.exclude(quota=None).select_related("reward").order_by("reward"):
        prize.capacity = prize.quota
        if prize.reward is not None:
            quota, reason = prize.quota or 0, found.name
            prize.set_aside = set_aside(reward=prize.reward.id, quota=quota, reason=reason)
            prize.capacity = quota if prize.set_aside is None else prize.set_aside
        if prize.capacity != prize.quota:
            short.append(f"{prize.code} {prize.capacity}/{prize.quota}")
        prize.save(update_fields=["capacity", "set_aside"])
    found.state = DrawState.OPEN
    found.save(update_fields=["state"])
    told = _("%(draw)s: there is less than the quota of %(prizes)s.")
    return told % {"draw": found.name, "prizes": ", ".join(short)} if short else ""


def _end(found: Draw) -> None:
    """Reveal the seed, and put back into stock what nobody won."""
    locked = Draw.objects.select_for_update(no_key=True).get(pk=found.pk)
    locked.state = DrawState.ENDED
    locked.save(update_fields=["state"])
    for prize in locked.prizes.filter(set_aside__gt=0).order_by("reward"):
        free(reward=prize.reward_id or 0, pieces=prize.set_aside or 0, reason=locked.name)
    locked.prizes.filter(set_aside__gt=0).update(set_aside=0)


# --- Trying ---------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def try_draw(
    *,
    id: int,  # noqa: A002 - its name
    member: int,
    now: dt.datetime,
    clock: dt.datetime | None = None,
) -> Tried:
    """Try one's luck once: pay, take the next number, and get what it hits.

    Lock order: the account, then the draw, which numbers its tries without a gap, so that the seed
    gives every try again. A prize whose quota is given out is its fallback. The draw is seen to be
    open by the database's clock (or at `clock`). Raises NoSuchDraw, DrawClosed, LimitReached and
    InsufficientPoints.
    """
    found = draw(id=id)
    if found.state != DrawState.OPEN:
        raise DrawClosed
    made = DrawTry(token=uuid.uuid4(), draw=found, member_id=member, points=found.points)
    _pay(made, now)
    days = shopper(rewards=[], member=member, now=now).clock
    made.created_on = days.local_date(clock or database_now())
    if tries_of(draw=id, member=member).filter(created_on=made.created_on).count() >= found.per_day:
        raise LimitReached(limit=found.per_day, period="day")
    made.number = _next_number(found)
    made.created_at = clock or database_now()
    if found.ends_at <= made.created_at:
        raise DrawClosed
    made.hit, made.prize = _luck(found, made.number)
    made.redemption = _give(made, now)
    made.save(force_insert=True)
    return Tried(made, points.selectors.account_view(member=member, now=now))


def _pay(made: DrawTry, now: dt.datetime) -> None:
    """Pay for the try; the account is locked from here on."""
    if not made.points:
        points.services.lock_accounts(members=[made.member_id])
        return
    points.services.spend(
        member=made.member_id,
        points=made.points,
        reference=made.reference,
        reason=made.draw.name,
        now=now,
    )


def _next_number(found: Draw) -> int:
    """Take the next number, if the draw has not ended; others wait from here on."""
    open_ = Draw.objects.filter(pk=found.pk, state=DrawState.OPEN)
    if not open_.update(tries=F("tries") + 1):
        raise DrawClosed
    return Draw.objects.values_list("tries", flat=True).get(pk=found.pk)


def _luck(found: Draw, number: int) -> tuple[DrawPrize, DrawPrize]:
    """Return what the number hits, and what it gives."""
    rows = found.prizes.select_related("reward__stock", "fallback").order_by("position")
    prizes: Sequence[DrawPrize] = list(rows)
    seed = seed_of(drawn=found)
    lucky = prizes[hit(seed=seed, number=number, weights=[prize.weight for prize in prizes])]
    if lucky.quota is None:
        return lucky, lucky
    left = DrawPrize.objects.filter(pk=lucky.pk, given__lt=F("capacity"))
    if left.update(given=F("given") + 1):
        return lucky, lucky
    return lucky, next(prize for prize in prizes if prize.pk == lucky.fallback_id)


def _give(made: DrawTry, now: dt.datetime) -> Redemption | None:
    """Hand over what a try gave."""
    prize = made.prize
    if prize.points:
        points.services.adjust(
            member=made.member_id,
            points=prize.points,
            reference=f"{made.reference}:prize",
            reason=made.draw.name,
            now=now,
        )
    if prize.reward is None:
        return None
    if prize.set_aside is not None:
        DrawPrize.objects.filter(pk=prize.pk).update(set_aside=F("set_aside") - 1)
    return grant(
        reward=prize.reward,
        member=made.member_id,
        terms={"draw": made.draw.code, "number": made.number},
        takes_stock=prize.set_aside is not None,
        freed_from=made.draw.name,
    )
