"""The demo community: every part together, and the month that other systems report."""

import datetime as dt
from collections import Counter

import pytest
from django.apps import apps
from django.utils import timezone

from activities.models import Activity
from members.models import Member
from members.selectors import community
from points.models import Account
from pointsvc.demo import load_demo
from pointsvc.demo.reported import load_reported
from tests.points.support import assert_reconciled
from tests.rewards.support import assert_sound
from voting.models import Cycle

pytestmark = pytest.mark.django_db(transaction=True)
ROOMS = ("activities", "members", "points", "rewards", "voting")
LATER = {
    *("members.ApiKey", "members.Identity", "members.Session"),  # made when the service starts
    "points.ExpiryNotice",  # in March: points lapse 90 days after their year
    "voting.BallotLook",  # an auditor's, in the admin
}
"""Tables that the demo leaves empty."""


def test_the_demo_community_has_a_month_that_ends_today() -> None:
    now = timezone.now()
    load_reported(now=now, seed=0)
    assert Member.objects.count() >= 55
    instants = Activity.objects.order_by("occurred_at").values_list("occurred_at", flat=True)
    days = [community().clock.local_date(instant) for instant in instants]
    today = community().clock.local_date(now)
    assert days[0] == today - dt.timedelta(days=29)
    assert today - dt.timedelta(days=1) <= days[-1] <= today
    assert Activity.objects.count() > 600
    reached = set(Account.objects.values_list("level__code", flat=True))
    assert reached >= {"newcomer", "regular", "pillar"}
    assert_reconciled()


def rows() -> Counter[str]:
    """Count the rows of every table of the rooms."""
    return Counter(
        {
            model._meta.label: model._default_manager.count()
            for room in ROOMS
            for model in apps.get_app_config(room).get_models()
        }
    )


def test_every_part_fills_its_tables_and_loading_it_twice_changes_nothing() -> None:
    now = timezone.now()
    load_demo(now=now, progress=False)
    found = rows()
    if not Cycle.objects.filter(state="nominations").exists():  # on a month's first days
        del found["voting.Nomination"]
    assert {table for table, count in found.items() if not count} <= LATER
    load_demo(now=now, progress=False)
    assert found.items() <= rows().items()
    assert_reconciled()
    assert_sound()
