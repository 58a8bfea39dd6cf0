"""Operators look at the catalogue, work off the queue and bring codes, in both languages."""

import pytest
from django.utils import timezone

from pointsvc.demo.rewards import load_rewards
from pointsvc.demo.windows import load_windows
from rewards.models import Redemption, Reward, Window
from tests.browser.conftest import Visitor

REWARDS, QUEUE, CODES = (
    f"/admin/rewards/{table}/" for table in ("reward", "redemption", "voucher")
)

WINDOWS, WISHES = "/admin/rewards/window/", "/admin/rewards/windowrequest/"
PROGRAM_WORDS = {"Maintenance"}
"""Of what the demo's operators say."""


@pytest.fixture(scope="module")
def shop(host: str) -> set[str]:
    """A catalogue with orders; returns what is data on its pages."""
    load_rewards(now=timezone.now(), seed=1)
    texts = {*Reward.objects.values_list("name", flat=True)}
    return texts | {word for text in texts for word in (text.partition(" ")[2],)}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_catalogue_and_the_queue(
    visitor: Visitor, names: set[str], shop: set[str], language: str
) -> None:
    visit = visitor(language)
    known = {*names, *shop, "Size sold"}
    for address, name in ((REWARDS, "rewards"), (QUEUE, "redemptions"), (CODES, "vouchers")):
        visit.open(address)
        visit.look()
        visit.shoot(name)
    mug = Reward.objects.get(code="mug")
    pool = Reward.objects.get(code="tea-card")
    sent = Redemption.objects.filter(kind="physical", address__isnull=False).latest("id")
    for address, name in (
        (f"{REWARDS}add/", "reward-new"),
        (f"{REWARDS}{mug.id}/change/", "reward"),
        (f"{REWARDS}{mug.id}/set_stock/", "reward-stock"),
        (f"{REWARDS}{mug.id}/add_picture/", "reward-picture"),
        (f"{REWARDS}{pool.id}/add_codes/", "reward-codes"),
        (f"{QUEUE}{sent.id}/change/", "redemption"),
        (f"{QUEUE}{sent.id}/reject/", "redemption-reject"),
        (f"{QUEUE}ship-from-file/", "redemptions-ship"),
    ):
        visit.open(address)
        visit.look()
        visit.read(names=known)
        visit.shoot(name)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_windows(visitor: Visitor, names: set[str], shop: set[str], language: str) -> None:
    if not Window.objects.exists():
        load_windows(now=timezone.now(), seed=1)
    visit = visitor(language)
    settled, running = Window.objects.order_by("starts_on")[:2]
    known = {*names, *shop, *PROGRAM_WORDS}
    for address, name in (
        (WINDOWS, "windows"),
        (f"{WINDOWS}{running.pk}/change/", "window"),
        (f"{WINDOWS}{settled.pk}/change/", "window-settled"),
        (f"{WINDOWS}{running.pk}/extend/", "window-extend"),
        (WISHES, "window-requests"),
    ):
        visit.open(address)
        visit.look()
        visit.read(names=known)
        visit.shoot(name)
