"""The demo community's month of check-ins."""

import datetime as dt
import random

from activities import selectors
from activities.services import check_in_all, choose_freezes, close_days, make_up
from kit.errors import Conflict
from kit.transactions import durable
from members.models import Member, MemberState
from members.selectors import community

DAYS = 30
HOURS = (7, 12, 20)
"""When members check in, by the hours into the community's day."""


def load_check_ins(*, now: dt.datetime, seed: int) -> None:
    """Have the members check in over the month that ends at `now`, each in their own rhythm.

    Everything goes through the services, day by day, with makeups and the close of each day. Where
    anybody has checked in before nothing is done.
    """
    if selectors.has_check_ins():
        return
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    clock = community().clock
    today = clock.local_date(now)
    everybody = list(Member.objects.filter(state=MemberState.ACTIVE).order_by("id"))
    zeal = {member.id: chance.betavariate(2, 1) for member in everybody}
    for member in everybody[:2]:  # who would rather keep theirs
        choose_freezes(member=member.id, uses_freezes=False, now=clock.start_of(today))
    for back in range(DAYS - 1, -1, -1):
        day = today - dt.timedelta(days=back)
        start = clock.start_of(day)
        _close(day, start)
        present = [
            (chance.choice(HOURS), member)
            for member in everybody
            if chance.random() < zeal[member.id]
        ]
        for hour in HOURS:
            at = start + dt.timedelta(hours=hour)
            here = [one.id for when, one in present if when == hour and one.joined_at <= at]
            if here and at <= now:
                check_in_all(members=here, now=at)
        fill = [member for member in everybody if chance.random() < zeal[member.id] / 20]
        if start + dt.timedelta(hours=HOURS[-1]) <= now:
            _fill(fill, day - dt.timedelta(days=1), start + dt.timedelta(hours=HOURS[-1]))


def _fill(members: list[Member], day: dt.date, now: dt.datetime) -> None:
    """Have these members make up for the day, those who may and can afford it."""
    for member in members:
        try:
            make_up(member=member.id, day=day, now=now)
        except Conflict:
            continue


def _close(day: dt.date, now: dt.datetime) -> None:
    after: int | None = 0
    while after is not None:
        after = _close_some(day, after, now)


@durable
def _close_some(day: dt.date, after: int, now: dt.datetime) -> int | None:
    _count, last = close_days(until=day, after=after, now=now)
    return last
