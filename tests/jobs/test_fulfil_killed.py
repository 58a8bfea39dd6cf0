"""A worker that dies in the middle of fulfilling is followed by another, and nothing twice."""

import signal

from kit.models import JobRun, RunState
from points.models import Entry, Hold
from rewards.models import Redemption, Voucher
from tests.jobs.conftest import Crew, send
from tests.jobs.test_workers import at_unit
from tests.points.support import load, shown
from tests.rewards.support import assert_sound, redeemed, reward, rich
from tests.waiting import until

ORDERS = 6


def test_a_worker_killed_while_fulfilling_leaves_the_rest_to_the_next(crew: Crew) -> None:
    load()
    ada, pool = rich(1_000), reward(kind="voucher", points=10, codes=ORDERS)
    made = [redeemed(ada, pool) for _ in range(ORDERS)]
    crew.watched = "FULFIL"
    first = crew.worker()
    crew.beat()
    at_unit(crew, made[2].id)
    send(first, signal.SIGKILL)
    states = list(Redemption.objects.order_by("id").values_list("state", flat=True))
    assert states == ["fulfilled"] * 2 + ["fulfilling"] * (ORDERS - 2)
    crew.worker()
    until(lambda: JobRun.objects.get(job="fulfil").state == RunState.DONE)
    assert set(Redemption.objects.values_list("state", flat=True)) == {"fulfilled"}
    assert Voucher.objects.filter(state="assigned").count() == ORDERS
    assert Entry.objects.filter(kind="spent").count() == ORDERS
    assert set(Hold.objects.values_list("state", flat=True)) == {"captured"}
    assert shown(ada.id).available == 1_000 - 10 * ORDERS
    assert_sound()
