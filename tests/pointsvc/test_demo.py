import time

import pytest
from django.utils import timezone

from activities.models import Activity
from members.models import Member
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
    newest = Activity.objects.order_by("-occurred_at")[0].occurred_at
    assert newest <= now
    assert (now - newest).days < 2
    assert Activity.objects.count() > 600
    reached = set(Account.objects.values_list("level__code", flat=True))
    assert reached >= {"newcomer", "regular", "pillar"}
    assert reconcile().is_clean


def test_loading_the_demo_twice_changes_nothing() -> None:
    now = timezone.now()
    load_demo(now=now, progress=False)
    entries = Entry.objects.count()
    load_demo(now=now, progress=False)
    assert Entry.objects.count() == entries
