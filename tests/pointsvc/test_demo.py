import datetime as dt
import time

import pytest
from django.utils import timezone

from activities.models import Activity
from members.models import Member
from members.selectors import community
from points.models import Account, Entry
from points.selectors import reconcile
from pointsvc.demo import load_demo

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demo_community_has_a_month_that_ends_today() -> None:
    now = timezone.now()
    began = time.monotonic()
    load_demo(now=now, progress=False)
    assert time.monotonic() - began < 5

    assert Member.objects.count() >= 55
    days = [community().clock.local_date(instant) for instant in _instants()]
    today = community().clock.local_date(now)
    assert days[0] == today - dt.timedelta(days=29)
    assert today - dt.timedelta(days=1) <= days[-1] <= today
    assert Activity.objects.count() > 600
    reached = set(Account.objects.values_list("level__code", flat=True))
    assert reached >= {"newcomer", "regular", "pillar"}
    assert reconcile().is_clean


def _instants() -> list[dt.datetime]:
    return list(Activity.objects.order_by("occurred_at").values_list("occurred_at", flat=True))


def test_loading_the_demo_twice_changes_nothing() -> None:
    now = timezone.now()
    load_demo(now=now, progress=False)
    entries = Entry.objects.count()
    load_demo(now=now, progress=False)
    assert Entry.objects.count() == entries
