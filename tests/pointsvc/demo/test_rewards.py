"""The demo's rewards: a catalogue, and orders in every state."""

import pytest
from django.utils import timezone

from pointsvc.demo.reported import load_reported
from pointsvc.demo.rewards import load_rewards
from rewards.models import Redemption, RedemptionState, Reward
from tests.rewards.support import assert_sound


@pytest.mark.django_db
def test_the_demo_has_rewards_and_orders() -> None:
    now = timezone.now()
    load_reported(now=now, seed=0)
    load_rewards(now=now, seed=1)
    assert Reward.objects.count() == 7
    assert set(Redemption.objects.values_list("state", flat=True)) == set(RedemptionState.values)
    count = Redemption.objects.count()
    load_rewards(now=now, seed=1)
    assert Redemption.objects.count() == count > 8
    assert_sound()
