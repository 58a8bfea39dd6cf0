"""The pages of the awards: a cycle with its turnout, the quarantine desk, a look by name."""

import pytest
from django.utils import timezone

from kit.transactions import durable
from pointsvc.demo.voting import load_voting
from tests.browser.conftest import Visitor
from tests.browser.visit import LANGUAGES
from voting import selectors, services
from voting.models import Ballot, Cycle, CycleState


@pytest.fixture
def cycle(host: str) -> Cycle:
    """The demo's cycle in voting, or in review once a test has led it there."""
    load_voting(now=timezone.now(), seed=0)
    found = Cycle.objects.filter(state__in=(CycleState.VOTING, CycleState.REVIEW)).first()
    assert found
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cycle_shows_its_timeline_and_its_turnout(
    visitor: Visitor, cycle: Cycle, names: set[str], language: str
) -> None:
    visit = visitor(language)
    page = visit.open(f"/admin/voting/cycle/{cycle.pk}/change/")
    page.locator("canvas.chart").wait_for()
    visit.read(names=names)
    page.locator("canvas.chart").scroll_into_view_if_needed()
    visit.shoot("cycle-turnout")
    page.evaluate("window.scrollTo(0, 0)")
    visit.shoot("cycle")
    finished = Cycle.objects.filter(state=CycleState.REWARDED).latest("starts_on")
    visit.open(f"/admin/voting/cycle/{finished.pk}/change/")
    visit.read(names=names)
    visit.page.screenshot(path=f"var/screenshots/cycle-finished.{language}.png", full_page=True)


def test_odd_ballots_are_decided_at_the_desk(
    visitor: Visitor, cycle: Cycle, names: set[str]
) -> None:
    if cycle.state == CycleState.VOTING:
        durable(services.take_step)(
            category=cycle.category,
            month=cycle.starts_on,
            step=CycleState.REVIEW,
            now=cycle.review_at,
        )
    odd = Ballot.objects.filter(poll=cycle.pk).order_by("id")[:4].values("id")
    Ballot.objects.filter(id__in=odd).update(state="quarantined", marks=["burst", "new_accounts"])
    waited = selectors.turnout(poll=cycle.pk).waiting
    visit = visitor("zh-hans")
    page = visit.open(f"/admin/voting/ballot/?poll={cycle.pk}")
    visit.read(names=names)
    visit.shoot("quarantine")
    for box in page.locator("input.action-select").all()[:2]:
        box.check()
    page.select_option("select[name=action]", "discard")
    page.locator("button[name=index], button[type=submit][title]").first.click()
    page.locator("#page-form").wait_for()
    visit.look()
    visit.read(names=names)
    visit.shoot("quarantine-decision")
    page.fill("#page-form [name=reason]", "同一时间大量相同选票")
    visit.follow(page.locator("#page-form button[type=submit]").click)
    visit.shoot("quarantine-decided")
    assert Ballot.objects.filter(poll=cycle.pk, state="discarded").count() == 2
    page = visit.open(f"/admin/voting/cycle/{cycle.pk}/by_name/")
    visit.read(names=names)
    page.fill("#page-form [name=reason]", "有人投诉")
    visit.follow(page.locator("#page-form button[type=submit]").click)
    visit.shoot("ballots-by-name")
    assert selectors.turnout(poll=cycle.pk).waiting == waited - 2
