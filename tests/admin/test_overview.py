"""The admin's first page says what waits for a person."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kit.models import JobRun
from tests.admin.conftest import limited
from tests.api.world import make_world
from tests.points.support import act, load, member


def desks(page: Any) -> dict[str, tuple[int, str]]:
    return {str(desk["title"]): (desk["count"], desk["link"]) for desk in page.context["desks"]}


def test_each_desk_counts_what_its_list_shows(operator: Client) -> None:
    make_world()
    now = timezone.now()
    JobRun.objects.create(
        job="purge", period="2026-11-22", state="failed", due_at=now, finished_at=now
    )
    found = desks(operator.get("/admin/"))
    for title, (count, link) in found.items():
        page = operator.get(link)
        assert page.status_code == 200, title
        if "?" in link:
            assert page.context["cl"].result_count == count, title
    counts = {title: count for title, (count, _link) in found.items()}
    assert counts.pop("Posts to review") == 3
    assert counts.pop("Redemptions to handle") == 0
    assert counts.pop("Jobs that failed") == 1
    assert counts.pop("Rewards running low") == 1
    assert set(counts.values()) == {0}


def test_what_waits_for_a_decision_is_counted(operator: Client) -> None:
    slow = {"code": "slow", "action": "slow", "points": 5, "release": "decision"}
    later = {"code": "later", "action": "later", "points": 5, "release": {"days": 1}}
    brake = {"code": "few", "counts": "points", "limit": 5, "period": "day"}
    load(rules=[slow, later, {"code": "gift", "action": "gift", "points": 9}], brakes=[brake])
    who = member()
    for action in ("slow", "later"):
        act(who, action)
    act(who, "gift")
    found = desks(operator.get("/admin/"))
    assert found["Pending awards to decide"][0] == 1
    assert found["Open cases"][0] == 1


@pytest.mark.django_db
def test_the_overview_shows_what_one_may_see() -> None:
    assert list(desks(limited("points.view_brakecase").get("/admin/"))) == ["Open cases"]
