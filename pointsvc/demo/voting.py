"""The demo's awards: three months that are decided, and one that the community votes on now."""

import contextlib
import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from activities.services import ActivityIn, intake
from kit.clock import Clock
from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member
from members.rules import MemberIn
from members.selectors import community
from members.services import put_members
from points.selectors import program_file, section
from points.services import load_program
from voting import selectors, services
from voting.program_file import AwardsSection
from voting.rules import month_after
from voting.services import BallotIn

OLD_HANDS = (
    *("Willow", "Basil", "Juniper", "Saffron", "Linden", "Clementine"),
    *("晓雨", "明舟", "若竹", "知夏", "云帆", "子衿"),
)
ACTS = ("answer.accepted", "post.liked", "comment.posted")
FINISHED = 3
"""Months before the one that is voted on."""

SILENT = 0.2
"""The share of those who never vote."""


def load_voting(*, now: dt.datetime, seed: int) -> None:
    """Give the demo one cycle in voting at `now`, and three finished ones.

    Through the services, with past moments; the same seed gives the same. Where there are cycles
    already nothing is done. The program's awards take a calendar by which the vote is open.
    """
    if selectors.latest_months():
        return
    clock = community().clock
    months = _months(clock.local_date(now))
    _move_calendar(clock, months[-1], now)
    chance = random.Random(f"voting {seed}")  # noqa: S311 - seeded, not secret
    _bring_old_hands(clock, months, now, chance)
    for month in (*months, month_after(months[-1])):
        started_at = clock.start_of(month) + dt.timedelta(hours=1)
        _as_outermost(services.plan_cycles, now=min(started_at, now))
    for cycle in selectors.cycles().order_by("starts_on"):
        steps = [(step, due_at) for step, due_at in cycle.instants().items() if due_at <= now]
        for step, due_at in steps:
            named = {"category": cycle.category, "month": cycle.starts_on}
            _as_outermost(services.take_step, **named, step=step, now=due_at)
            if step == "voting":
                ballots = _ballots(cycle.pk, now, chance)
                _as_outermost(services.import_ballots, poll=cycle.pk, ballots=ballots)
    _say_today()


def _months(today: dt.date) -> list[dt.date]:
    """Return the months of the cycles: the last one is the month before the present."""
    months = [today.replace(day=1)]
    for _month in range(FINISHED + 1):
        months.insert(0, (months[0] - dt.timedelta(days=1)).replace(day=1))
    return months[:-1]


def _move_calendar(clock: Clock, month: dt.date, now: dt.datetime) -> None:
    """Have the vote of the month open since yesterday, or today if there was no yesterday.

    And have the month that runs take nominations since its first day.
    """
    passed = (clock.local_date(now) - month_after(month)).days
    opens = max(passed - 1, 0)
    days = {"shortlist": opens, "opens": opens, "closes": opens + 5, "review": opens + 5}
    moved = {"nominations": -28, **days, "publish": opens + 6, "reward": opens + 6}
    awards = section(shape=AwardsSection).model_dump()
    for category in awards["categories"]:
        category["calendar"] = moved
    after = program_file().model_copy(update={"awards": AwardsSection.model_validate(awards)})
    load_program(source=after, dry_run=False)


def _bring_old_hands(
    clock: Clock, months: list[dt.date], now: dt.datetime, chance: random.Random
) -> None:
    """Make members who have been here for long, and what they did in these months."""
    joined_at = clock.start_of(months[0] - dt.timedelta(days=60))
    names = {f"old-{number:02}": name for number, name in enumerate(OLD_HANDS, start=1)}
    put_members(rows=[MemberIn(who, name, joined_at) for who, name in names.items()])
    items = [
        ActivityIn(
            f"old:{month:%Y-%m}:{who}:{number}",
            chance.choice(ACTS),
            who,
            clock.start_of(month + dt.timedelta(days=chance.randrange(28)))
            + dt.timedelta(minutes=chance.randrange(1_000)),
            {},
        )
        for month in months
        for who in names
        for number in range(chance.randrange(2, 9))
    ]
    intake(items=items, now=now, any_age=True)


def _ballots(cycle: int, now: dt.datetime, chance: random.Random) -> list[BallotIn]:
    """Make up what the voters say, some of whom say nothing."""
    found = selectors.cycle(cycle_id=cycle)
    standing = {one.member_id: one.option_id for one in selectors.candidates(cycle=found)}
    opens_at, most = found.poll.opens_at, found.poll.most
    span = min(found.poll.closes_at, now) - opens_at
    ballots = []
    for voter in Member.objects.filter(voter__poll=cycle).order_by("id"):
        others = [option for member, option in standing.items() if member != voter.id]
        if not others or chance.random() < SILENT:
            continue
        picks = chance.sample(others, k=min(len(others), chance.randint(1, most)))
        ballots.append(BallotIn(voter.id, tuple(picks), opens_at + chance.random() * span))
    return ballots


def _say_today() -> None:
    """Have some nominate for the month that runs, one keep out of it, and one vote anew."""
    by = {member.external_id: member.id for member in Member.objects.filter(external_id__gt="old")}
    first, second, third, fourth, fifth = sorted(by)[:5]
    services.set_standing(member=by[fifth], stands=False)
    for cycle in selectors.cycles().filter(state="nominations"):
        for nominator, nominee, reason in (
            (first, third, "Answers every beginner, and patiently."),
            (second, third, "她整理了整个新手指南。"),
            (third, fourth, "Ran the repair evening alone."),
        ):
            with contextlib.suppress(DomainError):  # who won of late rests
                services.nominate(
                    cycle=cycle.pk, nominator=by[nominator], nominee=by[nominee], reason=reason
                )
    for cycle in selectors.cycles().filter(state="voting"):
        _have_one_vote_anew(cycle.pk)


def _have_one_vote_anew(cycle: int) -> None:
    """Have the first who voted pick one candidate, another than alone before."""
    options = list(selectors.candidates(cycle=selectors.cycle(cycle_id=cycle)))
    for voter in Member.objects.filter(voter__poll=cycle).order_by("id"):
        ballot = selectors.own_ballot(poll=cycle, kind="award", voter=voter.id)
        if ballot is not None:
            others = [one.option_id for one in options if one.member_id != voter.id]
            pick = next(option for option in others if [option] != ballot.picks)
            with contextlib.suppress(DomainError):  # the vote has ended since `now`
                services.cast(poll=cycle, kind="award", voter=voter.id, picks=[pick])
            return


def _as_outermost(service: Callable[..., Any], **said: Any) -> None:  # noqa: ANN401 - the service's own
    durable(service)(**said)
