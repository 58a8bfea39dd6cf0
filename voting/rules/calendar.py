"""When the steps of a month's award are due."""

import datetime as dt
from collections.abc import Iterator, Mapping

from kit.clock import Clock, Period

DAYS_OF_STEPS = ("nominations", "shortlist", "opens", "closes", "review", "publish", "reward")


def step_instants(
    *, clock: Clock, month: dt.date, days: Mapping[str, int]
) -> dict[str, dt.datetime]:
    """Return the instant of each step of the month that begins on `month`.

    `days` count local days from the month's end: 0 is the first date after it.
    """
    end = clock.period_end(month, Period.MONTH)
    return {name: clock.start_of(end + dt.timedelta(days=days[name])) for name in DAYS_OF_STEPS}


def month_after(month: dt.date) -> dt.date:
    """Return the first date of the next month."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def planned_months(*, today: dt.date, latest: dt.date | None) -> Iterator[dt.date]:
    """Yield the months to plan at `today`: after the latest planned, up to the next one.

    Without any, from the present month on; a month that was missed comes with the others.
    """
    present = today.replace(day=1)
    month = month_after(latest) if latest else present
    while month <= month_after(present):
        yield month
        month = month_after(month)
