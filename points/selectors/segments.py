"""To which segments of the program a member belongs."""

import datetime as dt
from functools import reduce
from operator import or_

from django.db.models import Q

from kit.clock import Period
from points.models import Standing
from points.rules import SegmentInForce
from points.segments import LEVEL, belongs_to
from points.selectors.accounts import AccountView
from points.selectors.program import program

EARNED = (Period.MONTH, Period.QUARTER, Period.YEAR)


def segments() -> tuple[SegmentInForce, ...]:
    """Return the segments of the program, in its order."""
    return program().segments


def segments_of(
    *, member: int, account: AccountView, joined_at: dt.datetime, now: dt.datetime
) -> frozenset[str]:
    """Return the codes of the segments to which the member belongs at `now`.

    One query; none where the program has no segments.
    """
    known = program(posting=True)
    if not known.segments:
        return frozenset()
    today, joined_on = known.clock.local_date(now), known.clock.local_date(joined_at)
    current = {period: known.clock.period_start(today, period) for period in EARNED}
    in_one = reduce(or_, (Q(period=one, starts_on=start) for one, start in current.items()))
    standings = Standing.objects.filter(in_one, member=member)
    earned = dict(standings.values_list("period", "points"))
    facts = {
        "joined_days": (today - joined_on).days,
        "joined_year": joined_on.year,
        "available": account.available,
        "lifetime": account.lifetime,
        LEVEL: account.level.code if account.level else None,
        **{f"earned_{period.value}": earned.get(period.value, 0) for period in EARNED},
    }
    return belongs_to(segments=known.segments, facts=facts)
