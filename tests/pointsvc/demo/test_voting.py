"""The demo's awards."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from pointsvc.demo.voting import load_voting
from tests.points.support import assert_reconciled
from voting import selectors
from voting.models import Ballot, Cycle, Prize

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("days", [0, 23])
def test_there_is_one_cycle_in_voting_and_three_that_are_finished(days: int) -> None:
    call_command("load_program", "examples/program.yaml", verbosity=0)
    now = timezone.now() - dt.timedelta(days=days)
    load_voting(now=now, seed=0)
    states = list(Cycle.objects.order_by("starts_on").values_list("state", flat=True))
    assert states[:4] == ["rewarded", "rewarded", "rewarded", "voting"]
    assert set(states[4:]) <= {"scheduled", "nominations"}
    finished = Cycle.objects.filter(state="rewarded")
    assert all(cycle.basis == "votes" for cycle in finished)
    assert all(cycle.prizes.exists() for cycle in finished)
    assert not any(selectors.recount(poll=cycle.pk).differences for cycle in finished)
    assert not Ballot.objects.filter(cast_at__gt=now, number=1).exists()
    before = (Ballot.objects.count(), Prize.objects.count())
    load_voting(now=now, seed=0)
    assert (Ballot.objects.count(), Prize.objects.count()) == before
    assert_reconciled()
