"""The admin's pages of redemption windows, clicked through as an operator."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from rewards.models import Window, WindowState
from tests.admin.conftest import limited
from tests.rewards.support import reward, rich
from tests.rewards.windows import asked, asleep_until, beat, lead, opened

WINDOWS = "/admin/rewards/window/"


@pytest.fixture
def window(db: None) -> Window:
    """An open window with three requests for two mugs, drawn and to be approved."""
    mug = reward(name="Mug", points=30, stock=5)
    window = opened((mug, 2), policy="draw", needs_approval=True)
    for _ in range(3):
        asked(rich(), window, mug)
    return window


def page(client: Client, address: str, **said: Any) -> str:
    answer = client.post(address, said, follow=True) if said else client.get(address)
    assert answer.status_code == 200, answer.status_code
    text: str = answer.content.decode()
    return text


def test_a_windows_page_shows_its_timeline_its_quotas_and_what_is_committed(
    operator: Client, window: Window
) -> None:
    address = f"{WINDOWS}{window.pk}/change/"
    text = page(operator, address)
    for told in ("Timeline", "Mug", "Points committed", 'data-type="bar"', window.seed_digest):
        assert told in text
    assert window.name in page(operator, WINDOWS)
    assert "/extend/" in text
    assert "/approve/" not in text
    told = page(operator, f"{WINDOWS}{window.pk}/see_requests/", follow=1)
    assert told.count("its points are set aside") >= 3


def test_an_operator_lets_a_window_close_later_and_it_is_written_down(
    operator: Client, window: Window
) -> None:
    was = window.closes_at
    address = f"{WINDOWS}{window.pk}/extend/"
    assert "required" in page(operator, address, hours="", reason="")
    assert "Done." in page(operator, address, hours=5, reason="storm")
    window.refresh_from_db()
    assert window.closes_at - was == dt.timedelta(hours=5)
    assert "storm" in page(operator, f"{WINDOWS}{window.pk}/change/")
    assert LogEntry.objects.filter(object_id=str(window.pk)).count() == 1
    lead(window, WindowState.CLOSED)
    assert "before it closes" in page(operator, address, hours=5, reason="storm")


def test_an_operator_looks_at_the_result_and_approves_it(operator: Client, window: Window) -> None:
    asleep_until(window, opened_ago=dt.timedelta(days=10))
    beat(4)
    text = page(operator, f"{WINDOWS}{window.pk}/change/")
    assert "/approve/" in text
    assert "/extend/" not in text
    assert "Windows to approve" in page(operator, "/admin/")
    assert "Done." in page(operator, f"{WINDOWS}{window.pk}/approve/", a=1)
    assert "not in review" not in page(operator, f"{WINDOWS}{window.pk}/change/")
    beat(3)
    window.refresh_from_db()
    assert window.state == "settled"
    text = page(operator, f"{WINDOWS}{window.pk}/change/")
    assert "seed" in text
    assert "/approve/" not in text
    text = page(operator, "/admin/rewards/windowrequest/")
    assert text.count("not this time") >= 1


def test_who_may_only_look_sees_no_button_and_no_page_behind_it(window: Window) -> None:
    clerk = limited("rewards.view_window")
    text = page(clerk, f"{WINDOWS}{window.pk}/change/")
    assert "/extend/" not in text
    for name in ("extend", "approve"):
        assert clerk.get(f"{WINDOWS}{window.pk}/{name}/").status_code == 403
