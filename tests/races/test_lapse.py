"""I6: spends at the very instant at which points lapse."""

import datetime as dt
import functools
import time
from collections import Counter
from collections.abc import Callable

from django.db import connection
from django.utils import timezone

from points import services
from points.errors import InsufficientPoints
from points.models import Entry, EntryKind, Lot
from tests.points.support import (
    act,
    assert_reconciled,
    at_once,
    dice,
    do,
    earn,
    load,
    member,
    shown,
)

call = functools.partial


def spend_at(instant: dt.datetime, of: int, reference: str) -> Entry | None:
    time.sleep(max((instant - timezone.now()).total_seconds(), 0))
    try:
        return do(services.spend, member=of, points=10, reference=reference)
    except InsufficientPoints:
        return None


def lapse_at(instant: dt.datetime, of: int) -> None:
    """Deduct a point: the posting writes off what has lapsed by then."""
    time.sleep(max((instant - timezone.now()).total_seconds(), 0))
    act(of, "fine", amount=1)


def test_points_are_spent_or_lapse_but_never_both() -> None:
    load(expiry={"days": 5}, overdraft="floor")
    chance = dice(5)
    told: Counter[str] = Counter()
    for number in range(12):
        people = [member() for _ in range(8)]
        for who in people:
            earn(who, 10)
        lapses_at = timezone.now() + dt.timedelta(milliseconds=120)
        Lot.objects.filter(member__in=people).update(expires_at=lapses_at)

        def around(instant: dt.datetime = lapses_at) -> dt.datetime:
            return instant + dt.timedelta(milliseconds=chance.uniform(-60, 20))

        calls: list[Callable[[], object]] = [
            call(spend_at, around(), who, f"s{number}-{who}") for who in people
        ]
        calls += [call(lapse_at, max(around(), lapses_at), who) for who in people]
        results = at_once(calls)
        assert not [one for one in results if isinstance(one, Exception)], results
        for who in people:
            moved = Counter(Entry.objects.filter(member=who).values_list("kind", flat=True))
            assert moved[EntryKind.SPENT] + moved[EntryKind.EXPIRED] == 1
            told.update(moved)
            assert shown(who).net == 0
        late = Entry.objects.filter(
            kind=EntryKind.SPENT,
            member__in=people,
            posted_at__gt=lapses_at + dt.timedelta(seconds=1),
        )
        assert not late.exists()
    assert told[EntryKind.SPENT]
    assert told[EntryKind.EXPIRED]
    assert_reconciled()


def test_a_spend_that_waited_for_the_account_across_the_instant_is_refused() -> None:
    load(expiry={"days": 5})
    who = member()
    earn(who, 10)

    def operator() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM points_account WHERE member_id = %s FOR UPDATE", [who])
            cursor.execute(
                "UPDATE points_lot SET expires_at = clock_timestamp() + interval '300 ms'"
            )
            time.sleep(0.6)
            cursor.execute("COMMIT")

    # It asks before the lapse; what counts is the instant at which it holds the account.
    soon = timezone.now() + dt.timedelta(milliseconds=150)
    _none, spent = at_once([operator, call(spend_at, soon, who, "s")])
    assert spent is None
    assert shown(who).available == 0
    assert_reconciled()
