"""The demo's check-ins: a month that looks like one, made through the services."""

import pytest
from django.utils import timezone

from activities.models import CheckIn, Milestone
from points.models import Entry
from points.selectors import reconcile
from pointsvc.demo.check_ins import load_check_ins
from pointsvc.demo.reported import load_reported

pytestmark = pytest.mark.django_db(transaction=True)


def test_members_check_in_each_in_their_rhythm_and_once() -> None:
    now = timezone.now()
    load_reported(now=now, seed=0)
    load_check_ins(now=now, seed=0)
    kinds = {kind: CheckIn.objects.filter(kind=kind).count() for kind in ("done", "makeup")}
    assert kinds["done"] > 500
    assert kinds["makeup"] > 3
    assert Milestone.objects.filter(days=7).exists()
    assert CheckIn.objects.filter(kind="frozen").exists()
    entries, days = Entry.objects.count(), CheckIn.objects.count()
    load_check_ins(now=now, seed=0)
    assert (Entry.objects.count(), CheckIn.objects.count()) == (entries, days)
    assert reconcile().is_clean
